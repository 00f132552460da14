"""The API as one application: its operations, over a collection that is already open."""

import base64
import binascii
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from catalog.artworks import facets, list_artworks
from catalog.corrections import source_values
from catalog.filters import Filter
from errors import VasariError
from redaction import redact
from search.index.contract import searchable_models
from search.similar import MOST_HITS
from search.similar import SimilarWorks as FoundWorks
from ui.api.answers import Life, Models, Readiness
from ui.api.bodies import (
    BODY_REFUSALS,
    FilterFields,
    IdentifyBody,
    ListingQuery,
    SimilarityBody,
    form_and_json,
    read_body,
)
from ui.api.curation import Curation
from ui.api.curators import has_curators, login_routes
from ui.api.docs_page import add_docs_page
from ui.api.evaluations import Evaluations
from ui.api.explanations import Explanations
from ui.api.iiif import Iiif
from ui.api.keys import KeyCheck
from ui.api.lingering import Lingering
from ui.api.maps import Maps
from ui.api.metrics import Measured
from ui.api.openapi import PROBES, answered_as, answered_with, describe
from ui.api.problems import (
    ApiProblem,
    described_problems,
    explain_problems,
)
from ui.api.reconciliation import Reconciliation
from ui.api.registrations import Registrations
from ui.api.request_limit import RequestLimit
from ui.api.served_collection import ServedCollection
from ui.api.work_images import JPEG, WorkImages
from ui.curating.access import password_login
from ui.curating.changes import NoSuchWork
from ui.documents.collection import artwork_details, search_document
from ui.documents.identification import identification_document
from ui.documents.plain import plain
from ui.questions import SearchRequest, answer, identification, make_query
from vasari_client.answers import Identification, SimilarWorks, ValueCount, WorkDetails, Works

PATHS = (*PROBES, "/login", "/logout")
"""What has a place of its own: those who watch over the process look for it here, and browsers."""

_REFUSALS = described_problems(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_NOT_FOUND = described_problems(HTTPStatus.NOT_FOUND)

_TIMED_OUT = described_problems(HTTPStatus.GATEWAY_TIMEOUT)

_log = logging.getLogger(__name__)


class Operations(ServedCollection):
    """What is asked of the collection."""

    async def similarity(self, request: Request) -> JSONResponse:
        """Find the works most like pictures, works or texts; as `vasari search --json`."""
        body, picture = await read_body(
            request, SimilarityBody, picture_bytes=self.settings.upload_megabytes * 2**20
        )
        return await self._search(body.request(picture))

    async def similar(
        self, artwork: UUID, top: Annotated[int, Query(ge=1, le=MOST_HITS)] = 10
    ) -> JSONResponse:
        """Find the works most like one of the collection."""
        await to_thread.run_sync(self.facts, artwork)
        return await self._search(SearchRequest(query=make_query(artwork), top=top))

    async def identify(self, request: Request) -> JSONResponse:
        """Say which painting a photo shows; one of the results of `vasari identify --json`."""
        body, picture = await read_body(
            request, IdentifyBody, picture_bytes=self.settings.upload_megabytes * 2**20
        )
        if picture is None:
            raise ApiProblem(
                HTTPStatus.BAD_REQUEST, "no-picture", "send the photo as the file `picture`"
            )
        return JSONResponse(await self.turns.take(partial(self._identify, picture, body.top)))

    def artworks(self, asked: Annotated[ListingQuery, Query()]) -> dict[str, Any]:
        """List the works that pass a filter, in an order."""
        offset = _read_cursor(asked.cursor)
        with self.deployment().database.transaction() as session:
            page = list_artworks(
                session,
                asked.filter(),
                limit=asked.limit,
                offset=offset,
                text=asked.text,
                order=asked.sort,
            )
        end = offset + len(page.artworks)
        return {
            "artworks": plain(page.artworks),
            "next": _cursor(end) if page.artworks and end < page.total else None,
            "total": page.total,
        }

    def artwork(self, artwork: UUID) -> dict[str, Any]:
        """Give all that is known of one work."""
        facts = self.facts(artwork)
        with self.deployment().database.transaction() as session:
            details = artwork_details(facts, source_says=source_values(session, artwork))
        # Callers need not know where the picture is on the museum's disk.
        del details["image_location"]
        return details

    def facets(self, wanted: Annotated[FilterFields, Query()]) -> dict[str, Any]:
        """Count the searchable works of each value under the other conditions."""
        with self.deployment().database.transaction() as session:
            counted = facets(session, wanted.filter())
        return {
            name: [{"value": value, "count": count} for value, count in values.items()]
            for name, values in counted.items()
        }

    def models(self) -> dict[str, Any]:
        """List the vectors that can be searched, each with its dimension and its works."""
        index = self.deployment().index
        held, specs = index.status().vectors, index.specs
        # Another thread may move on to another generation between the two.
        return {
            "models": [
                {"name": name, "dimension": specs[name].dimension, "artworks": held[name].points}
                for name in searchable_models(specs)
                if name in held
            ]
        }

    def thumbnail(self, artwork: UUID, request: Request) -> Response:
        """Give the thumbnail of a work, which never changes under its ETag."""
        facts = self.facts(artwork)
        if facts.image_sha256 is None:
            raise NoSuchWork(artwork)
        etag = f'"{facts.image_sha256}"'
        headers = {"ETag": etag, "Cache-Control": "public, max-age=3600, must-revalidate"}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        try:
            data = self.deployment().image_store.fetched(facts.image_sha256).read_bytes()
        except OSError:
            raise NoSuchWork(artwork) from None
        return Response(data, media_type="image/jpeg", headers=headers)

    def alive(self) -> dict[str, str]:
        """Say that the process answers."""
        return {"status": "alive"}

    def ready(self) -> JSONResponse:
        """Say whether searches are answered: the collection is there, its models are loaded."""
        waiting = [] if self.is_warm else ["the models"]
        try:
            with self.deployment().database.transaction() as session:
                list_artworks(session, Filter(), limit=0)
        except VasariError as error:
            _log.warning("not ready: %s", redact(str(error)))
            waiting.append("the collection")
        status = HTTPStatus.SERVICE_UNAVAILABLE if waiting else HTTPStatus.OK
        return JSONResponse({"ready": not waiting, "waiting_for": waiting}, status)

    def measurements(self) -> Response:
        """Give Prometheus its measurements."""
        return Response(self.metrics.exposition(), media_type=CONTENT_TYPE_LATEST)

    async def _search(self, request: SearchRequest) -> JSONResponse:
        found = await self.turns.take(partial(self._answer, request))
        self.metrics.took("similarity", found.timings_ms)
        return JSONResponse(search_document(found))

    def _answer(self, request: SearchRequest) -> FoundWorks:
        deployment = self.deployment()
        self.check_models(request.models)
        return answer(deployment, request, limits=deployment.visitor_limits)

    def _identify(self, picture: bytes, top: int) -> dict[str, Any]:
        deployment = self.deployment()
        found = identification(deployment, picture, top=top, limits=deployment.visitor_limits)
        self.metrics.took("identify", found.timings_ms)
        return identification_document("picture", found)


def application(
    operations: Operations,
    *,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None,
    with_curators: bool = True,
    with_login: bool = True,
) -> FastAPI:
    """Return the API as an application.

    Args:
        lifespan: lasts as long as it is served.
        with_curators: whether curators may ask what is theirs.
        with_login: whether browsers may log in, for the curators' pages.
    """
    api = FastAPI(
        title="Vasari",
        summary="Search a museum's paintings by picture.",
        openapi_url="/api/openapi.json",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    explain_problems(api)
    api.include_router(_reading(operations))
    if with_curators and has_curators(operations.settings):
        curation = Curation(operations.settings, operations.deployment, operations.runner)
        api.include_router(curation.routes())
    if with_login and (login := password_login(operations.settings)) is not None:
        api.include_router(login_routes(login))
    api.add_api_route("/healthz", operations.alive, responses=answered_with(Life))
    waiting = answered_with(Readiness, HTTPStatus.SERVICE_UNAVAILABLE)
    api.add_api_route("/readyz", operations.ready, responses=answered_with(Readiness) | waiting)
    api.add_api_route("/metrics", operations.measurements, response_class=PlainTextResponse)
    if operations.settings.requests_per_minute:
        api.add_middleware(
            RequestLimit,
            per_minute=operations.settings.requests_per_minute,
            keys=KeyCheck(operations.settings),
            free=frozenset(PROBES),
        )
    api.add_middleware(Measured, metrics=operations.metrics)
    api.add_middleware(Lingering)
    describe(api)
    add_docs_page(api)
    return api


def _reading(operations: Operations) -> APIRouter:
    """Return what everybody may ask who may read."""
    public = APIRouter(prefix="/api")
    similar = answered_with(SimilarWorks) | _TIMED_OUT
    public.add_api_route(
        "/similarity",
        operations.similarity,
        methods=["POST"],
        openapi_extra=form_and_json(SimilarityBody, needs_picture=False),
        responses=similar | BODY_REFUSALS,
    )
    public.add_api_route(
        "/identify",
        operations.identify,
        methods=["POST"],
        openapi_extra=form_and_json(IdentifyBody, needs_picture=True),
        responses=answered_with(Identification) | BODY_REFUSALS | _TIMED_OUT,
    )
    public.include_router(Explanations(operations).routes())
    public.include_router(Evaluations(operations).routes())
    public.add_api_route("/artworks", operations.artworks, responses=answered_with(Works))
    public.add_api_route(
        "/artworks/{artwork}",
        operations.artwork,
        responses=answered_with(WorkDetails) | _NOT_FOUND,
    )
    public.add_api_route(
        "/artworks/{artwork}/similar", operations.similar, responses=similar | _NOT_FOUND
    )
    public.add_api_route(
        "/artworks/{artwork}/thumbnail",
        operations.thumbnail,
        response_class=Response,
        responses=_NOT_FOUND | answered_as(JPEG),
    )
    public.include_router(Registrations(operations).routes())
    counted = answered_with(dict[str, list[ValueCount]])
    public.add_api_route("/facets", operations.facets, responses=counted)
    public.add_api_route("/models", operations.models, responses=answered_with(Models))
    public.include_router(Maps(operations).routes())
    public.include_router(Reconciliation(operations).routes())
    reading = APIRouter(dependencies=[Depends(KeyCheck(operations.settings))], responses=_REFUSALS)
    for routes in (public, Iiif(operations).routes(), WorkImages(operations).routes()):
        reading.include_router(routes)
    return reading


def _cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(str(offset).encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        offset = int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        offset = -1
    if not 0 <= offset < 2**31:
        raise ApiProblem(
            HTTPStatus.BAD_REQUEST, "invalid-cursor", "a cursor is the `next` of an earlier answer"
        )
    return offset
