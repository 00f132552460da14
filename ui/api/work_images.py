"""Pictures of works at a few sizes, made of the thumbnails that are kept, and how long they hold.

A work's picture may change, so its address alone is good for an hour and is then asked for anew
with the ETag, which costs an answer without a body. An address that carries the picture's version,
as those in manifests do, says what it shows and is good for ever.
"""

import io
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from PIL import Image

from catalog.artworks import ArtworkFacts
from ingest.image_store import JPEG_QUALITY, ImageStore
from ui.addresses import VERSION_LETTERS, ImageSize
from ui.api.openapi import answered_as
from ui.api.problems import ApiProblem, described_problems
from ui.api.served_collection import A_WHILE, FOR_EVER, ServedCollection

SIZES = (128, 256, 512)
"""Longest sides that are offered, in pixels; where less is kept, that is given."""

JPEG = "image/jpeg"


@dataclass(frozen=True)
class WorkImage:
    """The picture of a work, as it is kept.

    Args:
        sha256: of the image that the thumbnail was made of.
        store: where that is kept.
    """

    sha256: str
    store: ImageStore

    @cached_property
    def path(self) -> Path:
        """Where it lies, or would lie."""
        return self.store.fetched(self.sha256)

    @property
    def version(self) -> str:
        """What sets this picture apart from an earlier one of the work."""
        return self.sha256[:VERSION_LETTERS]

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels.

        Raises:
            ApiProblem: the file is not there, or damaged.
        """
        try:
            with Image.open(self.path, formats=["JPEG"]) as picture:
                return picture.size
        except (OSError, SyntaxError, ValueError):
            raise no_image() from None

    def fitted(self, longest: int) -> tuple[int, int]:
        """Return width and height within a longest side, never more than is kept."""
        scale = min(1.0, longest / max(self.size))
        width, height = (max(1, round(side * scale)) for side in self.size)
        return width, height

    def jpeg(self, size: tuple[int, int] | None = None) -> bytes:
        """Return the picture as a JPEG, as it is kept or at a smaller size.

        Raises:
            ApiProblem: the file is not there, or damaged.
        """
        try:
            if size is None or size == self.size:
                return self.path.read_bytes()
            with Image.open(self.path, formats=["JPEG"]) as picture:
                picture.draft("RGB", size)
                small = picture.resize(size, Image.Resampling.LANCZOS)
        except (OSError, SyntaxError, ValueError):
            raise no_image() from None
        written = io.BytesIO()
        small.save(written, "JPEG", quality=JPEG_QUALITY)
        return written.getvalue()


class WorkImages:
    """The operation that gives pictures of works."""

    def __init__(self, served: ServedCollection) -> None:
        self._served = served

    def routes(self) -> APIRouter:
        """Return the operation as a route."""
        routes = APIRouter(prefix="/images")
        routes.add_api_route(
            "/{artwork}/{size}",
            self.image,
            response_class=Response,
            responses=answered_as(JPEG) | described_problems(HTTPStatus.NOT_FOUND),
        )
        return routes

    def image(
        self,
        artwork: UUID,
        size: ImageSize,
        request: Request,
        v: Annotated[str | None, Query(description="The picture's version.")] = None,
    ) -> Response:
        """Give the picture of a work, as it is kept or within a longest side in pixels."""
        image = self.of(self._served.facts(artwork))
        return self._served.kept(
            request,
            f'"{image.sha256}-{size}"',
            lambda: image.jpeg(None if size == "thumbnail" else image.fitted(int(size))),
            media_type=JPEG,
            caching=FOR_EVER if v == image.version else A_WHILE,
        )

    def of(self, work: ArtworkFacts) -> WorkImage:
        """Return the picture of a work.

        Raises:
            ApiProblem: there is none.
        """
        if work.image_sha256 is None:
            raise no_image()
        return WorkImage(work.image_sha256, self._served.deployment().image_store)


def no_image() -> ApiProblem:
    """Return the refusal where there is no picture."""
    return ApiProblem(
        HTTPStatus.NOT_FOUND, "no-image", "the collection has no picture of this work"
    )
