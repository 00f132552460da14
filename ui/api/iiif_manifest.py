"""The manifest of a work for IIIF viewers (Presentation API 3)."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from catalog.artworks import ArtworkFacts
from ui.api.work_images import JPEG, WorkImage
from ui.web.address import link
from ui.web.page_state import Example, PageState

LEVEL = "level1"
"""What the image service does, in the words of the standard."""

THUMBNAIL = 256
"""Longest side of a manifest's thumbnail, in pixels."""

_PRESENTATION = "http://iiif.io/api/presentation/3/context.json"

_RIGHTS_COLUMNS = ("rights", "rightsstatement", "rightsuri", "license", "licence", "licenseurl")
"""What museums call the column that says how a work may be used, without spaces and signs."""

_RIGHTS_URI = re.compile(
    r"https?://(creativecommons\.org/(licenses|publicdomain)|rightsstatements\.org/(vocab|page))"
    r"/[\w./-]+"
)
"""The only addresses that `rights` may have."""

_LONGEST_STATEMENT = 1_000


def manifest(server: str, work: ArtworkFacts, image: WorkImage) -> dict[str, Any]:
    """Return the manifest of a work, with one canvas.

    The canvas has the size of the museum's own image, so that places on it stay what they are when
    a larger picture is served.

    Args:
        server: address of the server, with a slash at its end.
    """
    base = service(server, work.id)
    width, height = image.size
    thumbnail_width, thumbnail_height = image.fitted(THUMBNAIL)
    services = [{"id": base, "type": "ImageService3", "profile": LEVEL}]
    canvas = f"{base}/canvas/1"
    picture = {"type": "Image", "format": JPEG, "service": services}
    # What is kept of every picture: to know its full size, its file would have to be read.
    place = f"{base}/full/{width},{height}/0/default.jpg"
    body = picture | {"id": place, "width": width, "height": height}
    annotation = {
        "id": f"{canvas}/page/1/annotation/1",
        "type": "Annotation",
        "motivation": "painting",
        "body": body,
        "target": canvas,
    }
    return {
        "@context": _PRESENTATION,
        "id": f"{base}/manifest",
        "type": "Manifest",
        "label": {"none": [work.title]},
        **_described(work),
        "thumbnail": [
            picture
            | {
                "id": f"{server}images/{work.id}/{THUMBNAIL}?v={image.version}",
                "width": thumbnail_width,
                "height": thumbnail_height,
            }
        ],
        "homepage": [
            {
                "id": link(server, PageState(examples=(Example("work", str(work.id)),))),
                "type": "Text",
                "label": {"en": ["Works like this one"]},
                "format": "text/html",
            }
        ],
        "seeAlso": [
            {
                "id": f"{server}api/artworks/{work.id}",
                "type": "Dataset",
                "format": "application/json",
            }
        ],
        "items": [
            {
                "id": canvas,
                "type": "Canvas",
                "width": work.image_width or width,
                "height": work.image_height or height,
                "items": [
                    {"id": f"{canvas}/page/1", "type": "AnnotationPage", "items": [annotation]}
                ],
            }
        ],
    }


def service(server: str, artwork: UUID) -> str:
    """Return the address of the image service of a work."""
    return f"{server}iiif/{artwork}"


def _described(work: ArtworkFacts) -> dict[str, Any]:
    """Return what a manifest says of a work beside its title."""
    said = {
        "Artist": work.artist,
        "Catalogued as": work.catalogued_as,
        "Year": work.year,
        "Genre": work.genre,
        "Style": work.style,
        "School": work.school,
        "Source": work.source,
    }
    described: dict[str, Any] = {
        "metadata": [
            {"label": {"en": [name]}, "value": {"none": [_text(value)]}}
            for name, value in said.items()
            if value not in (None, "")
        ]
    }
    summary = ", ".join(str(part) for part in (work.artist, work.year) if part not in (None, ""))
    if summary:
        described["summary"] = {"none": [_text(summary)]}
    for value in _rights(work):
        if _RIGHTS_URI.fullmatch(value):
            described.setdefault("rights", value)
        else:
            statement = {"label": {"en": ["Rights"]}, "value": {"none": [_text(value)]}}
            described.setdefault("requiredStatement", statement)
    return described


def _rights(work: ArtworkFacts) -> Iterator[str]:
    for column, value in work.extra.items():
        is_rights = re.sub(r"[^a-z]", "", column.casefold()) in _RIGHTS_COLUMNS
        if is_rights and isinstance(value, str) and value.strip():
            yield value.strip()[:_LONGEST_STATEMENT]


def _text(value: str | int) -> str:
    """Return a value as text: what stands between < and > would be taken for HTML."""
    text = str(value)
    return f"{text} " if text.startswith("<") and text.endswith(">") else text
