"""How the pictures of two works lie over one another, asked by programs."""

import asyncio
from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

import numpy as np
from anyio import to_thread
from fastapi import APIRouter
from fastapi.responses import JSONResponse

from catalog.artworks import ArtworkFacts
from embedders import UnreadableImage
from ingest.tiled_pictures import LookedInto, Part
from search.identification.registration import SIDE, Registration, register
from ui.api.answers import WorkRegistration
from ui.api.iiif_parts import within
from ui.api.openapi import answered_with
from ui.api.problems import described_problems
from ui.api.served_collection import ServedCollection
from ui.api.work_images import no_image

REMEMBERED = 512
"""Pairs of pictures whose registration is kept in memory."""


class Registrations:
    """The operation that lays one work over another."""

    def __init__(self, served: ServedCollection) -> None:
        self._served = served
        self._remembered: dict[tuple[str, ...], Registration] = {}

    def routes(self) -> APIRouter:
        """Return the operation as a route."""
        routes = APIRouter()
        routes.add_api_route(
            "/artworks/{artwork}/registration/{other}",
            self.registration,
            responses=answered_with(WorkRegistration)
            | described_problems(HTTPStatus.NOT_FOUND, HTTPStatus.GATEWAY_TIMEOUT),
        )
        return routes

    async def registration(self, artwork: UUID, other: UUID) -> JSONResponse:
        """Say how the picture of another work is laid over that of a work, by matched points."""
        works = [await to_thread.run_sync(self._served.facts, one) for one in (artwork, other)]
        hashes = tuple(work.image_sha256 or "" for work in works)
        pictures = [await self._picture(work) for work in works]
        found = self._remembered.get(hashes)
        if found is None:
            found = await self._served.turns.take(partial(_register, pictures))
            if len(self._remembered) >= REMEMBERED:
                self._remembered.pop(next(iter(self._remembered)))
            self._remembered[hashes] = found
        return JSONResponse(_document(works, pictures, found))

    async def _picture(self, work: ArtworkFacts) -> LookedInto:
        try:
            large = await to_thread.run_sync(self._served.deployment().large_pictures.of, work)
            return await asyncio.shield(asyncio.wrap_future(large.first))
        except UnreadableImage:
            raise no_image() from None


def _register(pictures: Iterable[LookedInto]) -> Registration:
    try:
        first, second = (
            np.asarray(picture.picture(Part(0, 0, *picture.size, within(picture.size, SIDE))))
            for picture in pictures
        )
    except OSError:  # of tiles that have just gone
        raise no_image() from None
    return register(first, second)


def _document(
    works: Iterable[ArtworkFacts], pictures: Iterable[LookedInto], found: Registration
) -> dict[str, Any]:
    first, second = (
        {"id": str(work.id), "width": picture.size[0], "height": picture.size[1]}
        for work, picture in zip(works, pictures, strict=True)
    )
    return {
        "artwork": first,
        "other": second,
        "shows_the_same": found.homography is not None,
        "matches": found.matches,
        "inliers": found.inliers,
        "is_mirrored": found.is_mirrored,
        "homography": None if found.homography is None else found.homography.tolist(),
    }
