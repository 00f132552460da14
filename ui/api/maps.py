"""The maps of the collection, for programs and for the page: small enough to be sent whole."""

import base64
import logging
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from catalog.artworks import by_id
from redaction import redact
from search.maps.area import Area
from search.maps.colours import MOST_CATEGORIES, USUAL_CATEGORIES, Facet, colours, facets_of
from search.maps.shown import ShownMap
from search.maps.stored import MapUnreadable
from ui.api import answers
from ui.api.openapi import answered_as, answered_with
from ui.api.problems import described_problems
from ui.api.served_collection import A_WHILE, FOR_EVER, ServedCollection
from ui.documents.plain import plain

BYTES = "application/octet-stream"

Model = Annotated[str, Path(max_length=100)]
Version = Annotated[
    str | None, Query(max_length=64, description="The map's version, of an answer kept for ever.")
]

_log = logging.getLogger(__name__)


class Maps:
    """The operations that show maps."""

    def __init__(self, served: ServedCollection) -> None:
        self._served = served

    def routes(self) -> APIRouter:
        """Return the operations as routes."""
        routes = APIRouter(prefix="/maps")
        missing = described_problems(HTTPStatus.NOT_FOUND)
        routes.add_api_route("", self.maps, responses=answered_with(answers.Maps))
        for path, operation in (("/{model}", self.positions), ("/{model}/ids", self.ids)):
            routes.add_api_route(
                path, operation, response_class=Response, responses=missing | answered_as(BYTES)
            )
        for path, listing, kind in (
            ("colours", self.colours, answers.MapColours),
            ("works", self.works, answers.MapWorks),
        ):
            routes.add_api_route(
                f"/{{model}}/{path}", listing, responses=missing | answered_with(kind)
            )
        return routes

    def maps(self) -> dict[str, Any]:
        """List the maps, each with what its works can be coloured by."""
        deployment = self._served.deployment()
        found = []
        for model in deployment.maps.drawn(deployment.index):
            try:
                shown = self._shown(model)
            except MapUnreadable as error:
                _log.warning("%s", redact(str(error)))
                continue
            found.append(
                {
                    "model": model,
                    "version": shown.version,
                    "works": shown.works,
                    "fitted": shown.fitted,
                    "drawn_at": shown.drawn_at.isoformat(),
                    "facets": facets_of(shown),
                }
            )
        return {"maps": found}

    def positions(self, model: Model, request: Request, v: Version = None) -> Response:
        """Give the places of all works: x and y of each, uint16, little-endian, y upwards.

        Works are in the ascending order of their ids, as `/ids` gives them.
        """
        shown = self._shown(model)
        return self._bytes(request, shown, "positions", shown.positions.astype("<u2").tobytes(), v)

    def ids(self, model: Model, request: Request, v: Version = None) -> Response:
        """Give the ids of all works on a map, 16 bytes each, in ascending order."""
        shown = self._shown(model)
        return self._bytes(request, shown, "ids", shown.ids.tobytes(), v)

    def colours(
        self,
        model: Model,
        by: Facet = "style",
        most: Annotated[
            int, Query(ge=1, le=MOST_CATEGORIES, description="Values with a colour of their own.")
        ] = USUAL_CATEGORIES,
    ) -> dict[str, Any]:
        """Put the works of a map into categories: the largest, `other`, and `none` for no value.

        `categories` is base64 of a byte for each work, its category's place in `legend`.
        """
        shown = self._shown(model)
        found = colours(shown, by, most=most)
        return {
            "version": shown.version,
            "by": by,
            "legend": plain(found.legend),
            "categories": base64.b64encode(found.categories.tobytes()).decode(),
        }

    def works(
        self,
        model: Model,
        area: Annotated[
            str,
            Query(
                max_length=1_000,
                description="Corners of a polygon: x and y of each, uint16, little-endian, in "
                "URL-safe base64.",
            ),
        ],
        limit: Annotated[int, Query(ge=0, le=1_000)] = 100,
        offset: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    ) -> dict[str, Any]:
        """List the works in an area of a map, those nearest to its middle first."""
        shown = self._shown(model)
        found = shown.within(Area.read(area))
        page = shown.works_at(found[offset : offset + limit])
        return {"works": plain(self._facts(page)), "total": len(found)}

    def _shown(self, model: str) -> ShownMap:
        deployment = self._served.deployment()
        return deployment.maps.show(deployment.index, model)

    def _bytes(
        self, request: Request, shown: ShownMap, what: str, data: bytes, version: str | None
    ) -> Response:
        return self._served.kept(
            request,
            f'"{shown.version}-{what}"',
            lambda: data,
            media_type=BYTES,
            caching=FOR_EVER if version == shown.version else A_WHILE,
        )

    def _facts(self, works: list[UUID]) -> list[Any]:
        with self._served.deployment().database.transaction() as session:
            known = by_id(session, works)
        return [known[work] for work in works if work in known]
