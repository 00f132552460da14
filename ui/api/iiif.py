"""Works for IIIF viewers: manifests (Presentation API 3) and pictures (Image API 3, level 1)."""

import asyncio
import hashlib
import json
from concurrent.futures import Future
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from catalog.artworks import ArtworkFacts
from embedders import UnreadableImage
from ingest.large_pictures import LargePicture
from ingest.tiled_pictures import TILE, LookedInto, Part, Size, scale_factors
from ui.api.iiif_answers import IiifImage, IiifManifest
from ui.api.iiif_manifest import LEVEL, manifest, service
from ui.api.iiif_parts import MOST_SIDE, read_part, unsupported, within
from ui.api.openapi import answered_as, answered_with
from ui.api.problems import ApiProblem, described_problems
from ui.api.served_collection import ServedCollection
from ui.api.work_images import JPEG, SIZES, WorkImages, no_image

JSON_LD = "application/ld+json"

_IMAGE = "http://iiif.io/api/image/3/context.json"


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
        place = f"{service(str(request.base_url), artwork)}/info.json"
        return RedirectResponse(place, HTTPStatus.SEE_OTHER)

    def manifest(self, artwork: UUID, request: Request) -> Response:
        """Give the manifest of a work (Presentation API 3)."""
        work = self._served.facts(artwork)
        document = manifest(str(request.base_url), work, self._images.of(work))
        return self._linked_data(request, document)

    async def information(self, artwork: UUID, request: Request) -> Response:
        """Describe the picture of a work (Image API 3, level 1)."""
        picture = await self._soon((await self._large(artwork))[1].first)
        document = information(str(request.base_url), artwork, picture.size)
        return self._linked_data(request, document)

    async def image(
        self,
        artwork: UUID,
        request: Request,
        *,
        region: str,
        size: str,
        rotation: str,
        quality: str,
    ) -> Response:
        """Give a part of a work's picture: `REGION/SIZE/0/default.jpg`.

        REGION is `full`, `square` or `X,Y,W,H`; SIZE is `max`, `W,`, `,H`, `W,H` or `!W,H`.
        """
        if (rotation, quality) != ("0", "default.jpg"):
            raise unsupported()
        work, large = await self._large(artwork)
        picture = await self._soon(large.first)
        part = read_part(picture.size, region, size)
        if not picture.shows(part):
            picture = await self._soon(large.whole)
        width, height = picture.size
        place = f"{part.left}x{part.top}x{part.width}x{part.height}"
        sizes = f"{width}x{height}-{place}-{part.size[0]}x{part.size[1]}"
        etag = f'"{work.image_sha256}-{sizes}"'
        make = partial(_jpeg, picture, part)
        return await to_thread.run_sync(
            lambda: self._served.kept(request, etag, make, media_type=JPEG)
        )

    async def _large(self, artwork: UUID) -> tuple[ArtworkFacts, LargePicture]:
        def find() -> tuple[ArtworkFacts, LargePicture]:
            work = self._served.facts(artwork)
            return work, self._served.deployment().large_pictures.of(work)

        try:
            return await to_thread.run_sync(find)
        except UnreadableImage:
            raise no_image() from None

    async def _soon(self, made: "Future[LookedInto]") -> LookedInto:
        """Wait for a picture without holding a thread."""
        try:
            # Others may wait for it, too: it is not given up with this request.
            waited = asyncio.shield(asyncio.wrap_future(made))
            return await asyncio.wait_for(waited, self._served.settings.answer_seconds)
        except TimeoutError:
            raise ApiProblem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "busy",
                "the pictures of others are being made ready; try again in a minute",
                retry_after=60,
            ) from None
        except UnreadableImage:
            raise no_image() from None

    def _linked_data(self, request: Request, document: dict[str, Any]) -> Response:
        data = json.dumps(document, ensure_ascii=False).encode()
        etag = f'"{hashlib.blake2b(data, digest_size=16).hexdigest()}"'
        media_type = f'{JSON_LD};profile="{document["@context"]}"'
        # A correction shows at once: what is kept is asked for anew each time.
        return self._served.kept(
            request, etag, lambda: data, media_type=media_type, caching="no-cache"
        )


def _jpeg(picture: LookedInto, part: Part) -> bytes:
    try:
        return picture.jpeg(part)
    except OSError:
        raise no_image() from None


def information(server: str, artwork: UUID, size: Size) -> dict[str, Any]:
    """Return what an image service says of itself.

    Args:
        server: address of the server, with a slash at its end.
        size: width and height of the picture.
    """
    sizes = sorted({within(size, longest) for longest in (*SIZES, MOST_SIDE)})
    return {
        "@context": _IMAGE,
        "id": service(server, artwork),
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": LEVEL,
        "width": size[0],
        "height": size[1],
        "maxWidth": MOST_SIDE,
        "sizes": [{"width": width, "height": height} for width, height in sizes],
        "tiles": [{"width": TILE, "scaleFactors": scale_factors(size)}],
    }
