"""Reconciliation of artists (Reconciliation Service API 0.2): OpenRefine matches a museum's names.

OpenRefine sends the cells of a column as a batch of named queries, and is told for each which
artists of the collection may be meant. Identifiers are the artists' UUIDs, of which ``urn:uuid:``
makes URIs that hold wherever the collection is served.
"""

import re
import time
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from threading import Lock
from typing import Annotated, Any
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from catalog.artist_candidates import ArtistNames, Candidate
from catalog.artists import ArtistFacts, UnknownArtist, list_artists
from catalog.artworks import list_artworks
from catalog.filters import Filter
from catalog.models import ImageState
from ui.api.answers import (
    ArtistCandidates,
    ReconciliationService,
    SuggestedArtists,
    SuggestedProperties,
)
from ui.api.bodies import BODY_REFUSALS, FORM_OVERHEAD_BYTES, TOO_LARGE, bounded
from ui.api.html_pages import html_page
from ui.api.openapi import answered_with
from ui.api.problems import ApiProblem, described_problems
from ui.api.served_collection import ServedCollection

TYPE = {"id": "artist", "name": "Artist"}

PROPERTIES = ({"id": "born", "name": "Year of birth"}, {"id": "died", "name": "Year of death"})
"""What may be said of an artist beside the name."""

BATCH = 50
"""Queries in one request."""

USUAL_CANDIDATES, MOST_CANDIDATES = 5, 25
SUGGESTIONS = 10

FRESH_SECONDS = 30.0
"""For so long the names of artists are kept; what curators change is seen after it."""

_PREVIEW_WIDTH, _PREVIEW_HEIGHT = 400, 180  # pixels
_SHOWN_WORKS = 3
_SHOWN_SPELLINGS = 8

_YEAR = re.compile(r"\s*([0-9]{3,4})(?![0-9])")
_FORM = "application/x-www-form-urlencoded"


class Property(BaseModel):
    """A value that whoever is meant has."""

    pid: str
    v: Any = None

    def years(self) -> Iterator[int]:
        """Yield the years that are given: as numbers, or at the start of texts such as dates."""
        for value in self.v if isinstance(self.v, list) else [self.v]:
            is_year = isinstance(value, int | float | str) and not isinstance(value, bool)
            if is_year and (found := _YEAR.match(str(value))):
                yield int(found[1])


class ReconciliationQuery(BaseModel):
    """One of a batch: which artists are meant by a name."""

    query: str = ""
    type: str | list[str] | None = None
    limit: int = Field(USUAL_CANDIDATES, ge=1)
    properties: Annotated[list[Property], Field(max_length=50)] = []

    def is_for_artists(self) -> bool:
        """Tell whether artists are among what is looked for."""
        types = self.type if isinstance(self.type, list) else [self.type]
        return not any(types) or TYPE["id"] in types

    def year(self, pid: str) -> int | None:
        """Return the first year that is given for a property."""
        years = (year for item in self.properties if item.pid == pid for year in item.years())
        return next(years, None)


_BATCH: TypeAdapter[dict[str, ReconciliationQuery]] = TypeAdapter(dict[str, ReconciliationQuery])


class Reconciliation:
    """The operations of a reconciliation service of artists."""

    def __init__(self, served: ServedCollection) -> None:
        self._served = served
        self._lock = Lock()
        self._names: ArtistNames | None = None
        self._read_at = 0.0

    def routes(self) -> APIRouter:
        """Return the operations as routes."""
        routes = APIRouter(prefix="/reconcile", tags=["reconciliation"])
        too_large = described_problems(TOO_LARGE)
        form = {
            "type": "object",
            "properties": {"queries": {"type": "string"}},
            "required": ["queries"],
        }
        body = {"required": True, "content": {_FORM: {"schema": form}}}
        found = dict[str, ArtistCandidates]
        routes.add_api_route(
            "", self.ask, responses=answered_with(ReconciliationService | found) | too_large
        )
        routes.add_api_route(
            "",
            self.send,
            methods=["POST"],
            responses=answered_with(found) | BODY_REFUSALS,
            openapi_extra={"requestBody": body},
        )
        for kind, operation, model in (
            ("entity", self.suggest_artists, SuggestedArtists),
            ("property", self.suggest_properties, SuggestedProperties),
        ):
            routes.add_api_route(f"/suggest/{kind}", operation, responses=answered_with(model))
        routes.add_api_route(
            "/preview",
            self.preview,
            response_class=HTMLResponse,
            responses=described_problems(HTTPStatus.NOT_FOUND),
        )
        return routes

    async def ask(self, request: Request, queries: str | None = None) -> JSONResponse:
        """Describe the service, or answer a batch of queries: JSON, each under a name."""
        if queries is None:
            return JSONResponse(_manifest(str(request.base_url)))
        return await self._answered(queries)

    async def send(self, request: Request) -> JSONResponse:
        """Answer a batch of queries: JSON, as the field `queries` of a form."""
        content = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content != _FORM:
            raise ApiProblem(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                f"send the queries as the field `queries` of a form ({_FORM})",
            )
        body = b"".join([part async for part in bounded(request, FORM_OVERHEAD_BYTES)])
        try:
            fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=20)
        except ValueError:
            fields = {}
        if "queries" not in fields:
            raise ApiProblem(
                HTTPStatus.BAD_REQUEST, "invalid-form", "the form's field is called `queries`"
            )
        return await self._answered(fields["queries"][0])

    def suggest_artists(
        self, prefix: str = "", cursor: Annotated[int, Query(ge=0)] = 0
    ) -> dict[str, Any]:
        """Complete the name of an artist."""
        found = self._artists().starting_with(prefix)[cursor : cursor + SUGGESTIONS]
        return {
            "result": [
                {
                    "id": str(artist.id),
                    "name": artist.name,
                    "description": _described(artist),
                    "notable": [TYPE],
                }
                for artist in found
            ]
        }

    def suggest_properties(
        self, prefix: str = "", cursor: Annotated[int, Query(ge=0)] = 0
    ) -> dict[str, Any]:
        """Complete the name of what may be said of an artist."""
        wanted = prefix.strip().casefold()
        found = [
            item
            for item in PROPERTIES
            if item["id"].startswith(wanted) or wanted in item["name"].casefold()
        ]
        return {"result": found[cursor:]}

    def preview(self, id: UUID) -> HTMLResponse:
        """Show an artist, with a few of the works, as a small page."""
        with self._served.deployment().database.transaction() as session:
            artists = list_artists(session, [id])
            if not artists:
                raise UnknownArtist("no artist has this id")
            (artist,) = artists
            page = list_artworks(
                session,
                Filter(artist=(artist.name,)),
                limit=_SHOWN_WORKS,
                state=ImageState.READY,
            )
        spellings = [name for name in artist.names if name != artist.name][:_SHOWN_SPELLINGS]
        return html_page(
            "artist",
            artist=artist,
            described=_described(artist),
            spellings=spellings,
            works=page.artworks,
        )

    async def _answered(self, queries: str) -> JSONResponse:
        try:
            batch = _BATCH.validate_json(queries)
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, wrong["loc"]))[:100]
            raise ApiProblem(
                HTTPStatus.BAD_REQUEST,
                "invalid-queries",
                f"the queries are no batch in JSON: {place}: {wrong['msg']}",
            ) from None
        if len(batch) > BATCH:
            raise ApiProblem(
                TOO_LARGE,
                "too-large",
                f"at most {BATCH} queries are taken at once",
            )
        return JSONResponse(await self._served.turns.take(partial(self._results, batch)))

    def _results(self, batch: dict[str, ReconciliationQuery]) -> dict[str, Any]:
        names = self._artists()
        return {
            name: {"result": [_candidate(found) for found in _found(names, asked)]}
            for name, asked in batch.items()
        }

    def _artists(self) -> ArtistNames:
        """Return the names of the artists, as they were a moment ago."""
        with self._lock:
            if self._names is None or time.monotonic() - self._read_at > FRESH_SECONDS:
                with self._served.deployment().database.transaction() as session:
                    artists = list_artists(session)
                self._names = ArtistNames(artists)
                self._read_at = time.monotonic()
            return self._names


def _found(names: ArtistNames, asked: ReconciliationQuery) -> list[Candidate]:
    if not asked.is_for_artists():
        return []
    return names.candidates(
        asked.query.strip(),
        born=asked.year("born"),
        died=asked.year("died"),
        limit=min(asked.limit, MOST_CANDIDATES),
    )


def _candidate(found: Candidate) -> dict[str, Any]:
    score = round(100 * found.confidence, 1)
    features: list[dict[str, Any]] = [{"id": "works", "value": found.artist.works}]
    if found.same_life is not None:
        features.append({"id": "same_life", "value": found.same_life})
    return {
        "id": str(found.artist.id),
        "name": found.artist.name,
        "description": _described(found.artist),
        "type": [TYPE],
        "score": score,
        "match": found.is_match,
        "features": features,
    }


def _described(artist: ArtistFacts) -> str:
    """Return what tells an artist from namesakes: "1840–1926, 12 works"."""
    works = f"{artist.works} work" + "s" * (artist.works != 1)
    if artist.born is None and artist.died is None:
        return works
    life = "–".join("" if year is None else str(year) for year in (artist.born, artist.died))
    return f"{life}, {works}"


def _manifest(server: str) -> dict[str, Any]:
    service = f"{server}api/reconcile"
    preview = f"{service}/preview?id={{{{id}}}}"
    return {
        "versions": ["0.2"],
        "name": "Vasari: artists of the collection",
        "identifierSpace": "urn:uuid:",
        "schemaSpace": "https://schema.org/Person",
        "defaultTypes": [TYPE],
        "view": {"url": preview},
        "preview": {"url": preview, "width": _PREVIEW_WIDTH, "height": _PREVIEW_HEIGHT},
        "suggest": {
            kind: {"service_url": service, "service_path": f"/suggest/{kind}"}
            for kind in ("entity", "property")
        },
        "batchSize": BATCH,
    }
