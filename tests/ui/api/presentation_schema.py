"""Manifests and images' descriptions as IIIF's Presentation API 3 and Image API 3 have them."""

from typing import Any

_ADDRESS = {"type": "string", "pattern": r"^https?://[^\s#]+$"}
_LANGUAGE_MAP = {
    "type": "object",
    "minProperties": 1,
    "propertyNames": {"pattern": "^(none|[a-z]{2,3}(-[A-Za-z0-9]+)*)$"},
    "additionalProperties": {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "minItems": 1,
    },
}
_PIXELS = {"type": "integer", "minimum": 1}


def _object(kind: str | None, required: dict[str, Any], **more: Any) -> dict[str, Any]:
    typed = {} if kind is None else {"type": {"const": kind}}
    return {
        "type": "object",
        "required": [*required, *typed],
        "properties": required | typed | more,
        "additionalProperties": False,
    }


def _list(items: dict[str, Any], *, most: int = 1000) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1, "maxItems": most}


_LABELLED = _object(None, {"label": _LANGUAGE_MAP, "value": _LANGUAGE_MAP})
_SERVICE = _object("ImageService3", {"id": _ADDRESS, "profile": {"enum": ["level1"]}})
_IMAGE = _object(
    "Image",
    {"id": _ADDRESS, "format": {"const": "image/jpeg"}, "width": _PIXELS, "height": _PIXELS},
    service=_list(_SERVICE),
)
_ANNOTATION = _object(
    "Annotation",
    {"id": _ADDRESS, "motivation": {"const": "painting"}, "body": _IMAGE, "target": _ADDRESS},
)
_PAGE = _object("AnnotationPage", {"id": _ADDRESS, "items": _list(_ANNOTATION)})
_CANVAS = _object(
    "Canvas",
    {"id": _ADDRESS, "width": _PIXELS, "height": _PIXELS, "items": _list(_PAGE)},
    label=_LANGUAGE_MAP,
)
_RIGHTS = {"type": "string", "pattern": r"^https?://(creativecommons|rightsstatements)\.org/"}

MANIFEST = _object(
    "Manifest",
    {
        "@context": {"const": "http://iiif.io/api/presentation/3/context.json"},
        "id": _ADDRESS,
        "label": _LANGUAGE_MAP,
        "items": _list(_CANVAS, most=1),
    },
    summary=_LANGUAGE_MAP,
    metadata=_list(_LABELLED),
    requiredStatement=_LABELLED,
    rights=_RIGHTS,
    thumbnail=_list(_IMAGE),
    homepage=_list(
        _object("Text", {"id": _ADDRESS, "label": _LANGUAGE_MAP, "format": {"const": "text/html"}})
    ),
    seeAlso=_list(_object("Dataset", {"id": _ADDRESS}, format={"type": "string"})),
)

_SIZE = _object(None, {"width": _PIXELS, "height": _PIXELS})

_TILES = _object(None, {"width": _PIXELS, "scaleFactors": _list({"type": "integer"})})

INFORMATION = _object(
    "ImageService3",
    {
        "@context": {"const": "http://iiif.io/api/image/3/context.json"},
        "id": {"type": "string", "pattern": r"^https?://.*[^/]$"},
        "protocol": {"const": "http://iiif.io/api/image"},
        "profile": {"const": "level1"},
        "width": _PIXELS,
        "height": _PIXELS,
        "maxWidth": _PIXELS,
    },
    sizes=_list(_SIZE),
    tiles=_list(_TILES),
)
