"""Works for IIIF viewers: manifests (Presentation API 3) and pictures (Image API 3, level 0)."""

import hashlib
import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from catalog.artworks import ArtworkFacts
from ui.api.answers import IiifImage, IiifManifest
from ui.api.openapi import answered_as, answered_with
from ui.api.problems import ApiProblem, described_problems
from ui.api.served_collection import ServedCollection
from ui.api.work_images import JPEG, WorkImage, WorkImages
from ui.web.address import link
from ui.web.page_state import Example, PageState

JSON_LD = "application/ld+json"

THUMBNAIL = 256
"""Longest side of a manifest's thumbnail, in pixels."""

_PRESENTATION = "http://iiif.io/api/presentation/3/context.json"
_IMAGE = "http://iiif.io/api/image/3/context.json"

_RIGHTS_COLUMNS = ("rights", "rightsstatement", "rightsuri", "license", "licence", "licenseurl")
"""What museums call the column that says how a work may be used, without spaces and signs."""

_RIGHTS_URI = re.compile(
    r"https?://(creativecommons\.org/(licenses|publicdomain)|rightsstatements\.org/(vocab|page))"
    r"/[\w./-]+"
)
"""The only addresses that `rights` may have."""

_LONGEST_STATEMENT = 1_000


class _LinkedData(Response):
    media_type = JSON_LD


class Iiif:
    """The operations that IIIF viewers ask."""

    def __init__(self, served: ServedCollection) -> None:
        self._served = served
        self._images = WorkImages(served)

    def routes(self) -> APIRouter:
        """Return the operations as routes."""
        routes = APIRouter(
            prefix="/iiif", tags=["IIIF"], responses=described_problems(HTTPStatus.NOT_FOUND)
        )
        routes.add_api_route(
            "/{artwork}", self.base, status_code=HTTPStatus.SEE_OTHER, response_class=Response
        )
        for path, operation, model in (
            ("manifest", self.manifest, IiifManifest),
            ("info.json", self.information, IiifImage),
        ):
            routes.add_api_route(
                f"/{{artwork}}/{path}",
                operation,
                response_class=_LinkedData,
                responses=answered_with(model),
            )
        routes.add_api_route(
            "/{artwork}/{region}/{size}/{rotation}/{quality}",
            self.image,
            response_class=Response,
            responses=answered_as(JPEG),
        )
        return routes

    def base(self, artwork: UUID, request: Request) -> RedirectResponse:
        """Lead from the address of an image service to its description."""
        place = f"{_service(str(request.base_url), artwork)}/info.json"
        return RedirectResponse(place, HTTPStatus.SEE_OTHER)

    def manifest(self, artwork: UUID, request: Request) -> Response:
        """Give the manifest of a work (Presentation API 3)."""
        work = self._served.facts(artwork)
        document = manifest(str(request.base_url), work, self._images.of(work))
        return self._linked_data(request, document)

    def information(self, artwork: UUID, request: Request) -> Response:
        """Describe the picture of a work (Image API 3, level 0)."""
        image = self._images.of(self._served.facts(artwork))
        return self._linked_data(request, information(str(request.base_url), artwork, image))

    def image(
        self,
        artwork: UUID,
        request: Request,
        *,
        region: str,
        size: str,
        rotation: str,
        quality: str,
    ) -> Response:
        """Give the picture of a work: `full/SIZE/0/default.jpg`, SIZE being `max` or `W,H`."""
        image = self._images.of(self._served.facts(artwork))
        sizes = {f"{width},{height}": (width, height) for width, height in image.sizes()}
        sizes["max"] = image.size
        if (region, rotation, quality) != ("full", "0", "default.jpg") or size not in sizes:
            raise ApiProblem(
                HTTPStatus.BAD_REQUEST,
                "unsupported-image",
                "pictures are served at level 0: full/SIZE/0/default.jpg, "
                "with SIZE max or W,H of one that info.json lists",
            )
        width, height = sizes[size]
        return self._served.kept(
            request,
            f'"{image.sha256}-{width}x{height}"',
            lambda: image.jpeg((width, height)),
            media_type=JPEG,
        )

    def _linked_data(self, request: Request, document: dict[str, Any]) -> Response:
        data = json.dumps(document, ensure_ascii=False).encode()
        etag = f'"{hashlib.blake2b(data, digest_size=16).hexdigest()}"'
        media_type = f'{JSON_LD};profile="{document["@context"]}"'
        # A correction shows at once: what is kept is asked for anew each time.
        return self._served.kept(
            request, etag, lambda: data, media_type=media_type, caching="no-cache"
        )


def information(server: str, artwork: UUID, image: WorkImage) -> dict[str, Any]:
    """Return what an image service says of itself.

    Args:
        server: address of the server, with a slash at its end.
    """
    sizes = image.sizes()
    width, height = image.size
    return {
        "@context": _IMAGE,
        "id": _service(server, artwork),
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": "level0",
        "width": width,
        "height": height,
        "sizes": [{"width": width, "height": height} for width, height in sizes],
    }


def manifest(server: str, work: ArtworkFacts, image: WorkImage) -> dict[str, Any]:
    """Return the manifest of a work, with one canvas.

    The canvas has the size of the museum's own image, so that places on it stay what they are when
    a larger picture is served.

    Args:
        server: address of the server, with a slash at its end.
    """
    base = _service(server, work.id)
    width, height = image.size
    thumbnail_width, thumbnail_height = image.fitted(THUMBNAIL)
    service = [{"id": base, "type": "ImageService3", "profile": "level0"}]
    canvas = f"{base}/canvas/1"
    picture = {"type": "Image", "format": JPEG, "service": service}
    body = picture | {"id": f"{base}/full/max/0/default.jpg", "width": width, "height": height}
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


def _service(server: str, artwork: UUID) -> str:
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
