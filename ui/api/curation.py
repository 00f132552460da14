"""What curators do through the API: jobs, duplicates, artists, corrections."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import anyio
from anyio import to_thread
from fastapi import APIRouter, Body, Path, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from catalog import jobs
from catalog.artist_suggestions import LEAST_CONFIDENCE, suggest_merges
from catalog.artists import ArtistFacts, list_artists
from catalog.audit_log import changes
from catalog.corrections import source_values
from catalog.models import JobState
from catalog.names import name_key
from deployment import Deployment
from settings import Settings
from ui.api import curation_answers as answers
from ui.api.bodies import TOO_LARGE, bounded
from ui.api.curation_bodies import (
    CorrectionBody,
    IdsBody,
    MergeBody,
    NameBody,
)
from ui.api.curators import CuratorCheck, checked_route
from ui.api.openapi import CURATORS, answered_as, answered_with
from ui.api.problems import ApiProblem, described_problems
from ui.curating.changes import Changes, Decision
from ui.curating.job_requests import IngestJob, Job
from ui.curating.job_runner import JobRunner, TooManyJobs, UnknownRun
from ui.curating.uploads import MOST_FILES, keep_upload
from ui.documents.collection import artwork_details, job_document
from ui.documents.curation import duplicates_document, suggestion_document
from ui.documents.plain import fields_of, plain
from ui.questions import duplicates
from vasari_client.answers import WorkDetails

Reference = Annotated[str, Path(max_length=500, pattern=r"^[^\x00]+$")]
"""What a path says is meant: an id, or a name."""

EVENT_SECONDS = 1.0
"""Between two looks at a job that somebody watches."""

JOB_SECONDS = 60
"""After which one of many jobs may have ended."""

UPLOAD_SCHEMA = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary"}},
                "additionalProperties": {"type": "string", "format": "binary"},
            }
        }
    },
}

_REFUSALS = described_problems(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


class Curation:
    """The operations of curators on one collection."""

    def __init__(
        self, settings: Settings, deployment: Callable[[], Deployment], runner: JobRunner
    ) -> None:
        self._settings = settings
        self._deployment = deployment
        self._runner = runner

    def routes(self) -> APIRouter:
        """Return the operations as routes that only curators may ask."""
        routes = APIRouter(
            prefix="/api",
            route_class=checked_route(CuratorCheck(self._settings)),
            responses=_REFUSALS,
            tags=[CURATORS],
        )
        for method, path, operation, model in (
            ("GET", "/jobs", self.jobs, answers.Jobs),
            ("GET", "/jobs/{job}", self.job, answers.AnyJob),
            ("POST", "/jobs/{job}/cancel", self.cancel, answers.AnyJob),
            ("GET", "/duplicates", self.duplicates, answers.Duplicates),
            ("POST", "/duplicates/{decision}", self.decide, answers.Decided),
            ("GET", "/artists", self.artists, answers.Artists),
            ("GET", "/artists/suggestions", self.suggestions, answers.Suggestions),
            ("POST", "/artists/split", self.split, ArtistFacts),
            ("POST", "/artists/{artist}/merge", self.merge, ArtistFacts),
            ("POST", "/artists/{artist}/rename", self.rename, ArtistFacts),
            ("PATCH", "/artworks/{artwork}", self.correct, WorkDetails),
            ("DELETE", "/artworks/{artwork}", self.delete, answers.Deleted),
            ("POST", "/artworks/{artwork}/restore", self.restore, answers.Restored),
            ("GET", "/changes", self.changes, answers.AuditLog),
        ):
            routes.add_api_route(path, operation, methods=[method], responses=answered_with(model))
        started = {"description": "The job has been started.", "model": answers.AnyJob}
        routes.add_api_route(
            "/jobs",
            self.start,
            methods=["POST"],
            responses=answered_with(answers.Survey) | {int(HTTPStatus.ACCEPTED): started},
        )
        routes.add_api_route(
            "/jobs/{job}/events",
            self.events,
            response_class=Response,
            responses=answered_as("text/event-stream"),
        )
        routes.add_api_route(
            "/uploads",
            self.upload,
            methods=["POST"],
            openapi_extra={"requestBody": UPLOAD_SCHEMA},
            responses=answered_with(answers.Upload) | described_problems(TOO_LARGE),
        )
        return routes

    def jobs(self, limit: Annotated[int, Query(ge=1, le=200)] = 20) -> dict[str, Any]:
        """List jobs, the latest first; as `vasari jobs list --json`."""
        with self._deployment().database.transaction() as session:
            return {"jobs": [job_document(job) for job in jobs.listing(session, limit=limit)]}

    def start(
        self, asked: Annotated[Job, Body(discriminator="kind")], request: Request
    ) -> JSONResponse:
        """Start a job; a dry run is answered with what would be taken in."""
        if isinstance(asked, IngestJob) and asked.dry_run:
            return JSONResponse(self._runner.dry_run(asked.arguments(self._settings)))
        try:
            run = self._changes(request).start(asked, self._runner)
        except TooManyJobs as error:
            raise ApiProblem(
                HTTPStatus.TOO_MANY_REQUESTS, "too-many-jobs", str(error), retry_after=JOB_SECONDS
            ) from None
        return JSONResponse(self._job(run.id), HTTPStatus.ACCEPTED)

    def job(self, job: Reference) -> dict[str, Any]:
        """Show a job and its failures; as `vasari jobs show --json`."""
        return self._job(job)

    async def events(self, job: Reference) -> StreamingResponse:
        """Watch a job: its document once a second, as server-sent events, until it has ended."""
        first = await to_thread.run_sync(self._job, job)
        return StreamingResponse(self._watched(job, first), media_type="text/event-stream")

    def cancel(self, job: Reference, request: Request) -> dict[str, Any]:
        """Ask a job to end with the batch that it is at; what is done is kept."""
        try:
            self._runner.cancel(job)
        except UnknownRun:
            self._job(job)
            raise ApiProblem(
                HTTPStatus.CONFLICT,
                "not-started-here",
                "this job has ended, or was started elsewhere, where Ctrl-C ends it",
            ) from None
        self._changes(request).log("cancel", job=job)
        return self._job(job)

    async def upload(self, request: Request) -> dict[str, str]:
        """Keep files, or a zip archive of them, for an ingest: its ``folder`` is in the answer."""
        most = self._settings.curator_upload_megabytes * 2**20
        # Its files are spooled to disk, and read from there.
        parser = MultiPartParser(
            request.headers, bounded(request, most + 2**20), max_files=MOST_FILES, max_fields=0
        )
        try:
            form = await parser.parse()
        except MultiPartException as error:
            raise ApiProblem(HTTPStatus.BAD_REQUEST, "invalid-form", error.message) from None
        try:
            files = [
                (item.filename or "", item.file)
                for item in form.values()
                if isinstance(item, UploadFile)
            ]
            name = await to_thread.run_sync(
                lambda: keep_upload(self._settings.home, files, most_bytes=most)
            )
        finally:
            await form.close()
        await to_thread.run_sync(
            lambda: self._changes(request).log("upload", folder=name, files=len(files))
        )
        return {"folder": name}

    def duplicates(self) -> dict[str, Any]:
        """Find records that may be one work; as `vasari duplicates --json`."""
        found = duplicates(self._deployment())
        return duplicates_document(found)

    def decide(self, decision: Decision, asked: IdsBody, request: Request) -> dict[str, Any]:
        """Say of records that they are one work, or are not; or take that back."""
        self._changes(request).decide(decision, asked.ids)
        return {"decision": decision, "ids": asked.ids}

    def artists(
        self,
        search: Annotated[str, Query(max_length=200)] = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> dict[str, Any]:
        """List artists; as `vasari artists list --json`."""
        with self._deployment().database.transaction() as session:
            found = list_artists(session)
        wanted = name_key(search)
        found = tuple(
            artist for artist in found if any(wanted in name_key(name) for name in artist.names)
        )
        return {"total": len(found), "artists": plain(found[:limit])}

    def suggestions(
        self, least: Annotated[float, Query(ge=0, le=1)] = LEAST_CONFIDENCE
    ) -> dict[str, Any]:
        """Suggest which artists are one person; as `vasari artists suggest --json`."""
        with self._deployment().database.transaction() as session:
            found = suggest_merges(session, least=least)
        return {"suggestions": [suggestion_document(item) for item in found]}

    def merge(self, artist: Reference, asked: MergeBody, request: Request) -> dict[str, Any]:
        """Make artists one person, who keeps the name of the one in the address."""
        return fields_of(self._changes(request).merge(artist, asked.others))

    def rename(self, artist: Reference, asked: NameBody, request: Request) -> dict[str, Any]:
        """Give an artist another preferred name."""
        return fields_of(self._changes(request).rename(artist, asked.name))

    def split(self, asked: NameBody, request: Request) -> dict[str, Any]:
        """Make the bearer of one spelling an artist of their own."""
        return fields_of(self._changes(request).split(asked.name))

    def correct(self, artwork: UUID, asked: CorrectionBody, request: Request) -> dict[str, Any]:
        """Correct what is known of a work, or take corrections back."""
        facts = self._changes(request).edit(artwork, asked.values, undo=asked.undo)
        with self._deployment().database.transaction() as session:
            details = artwork_details(facts, source_says=source_values(session, artwork))
        del details["image_location"]
        return details

    def delete(self, artwork: UUID, request: Request) -> dict[str, Any]:
        """Delete a work; no ingest brings it back until it is restored."""
        self._changes(request).delete(artwork)
        return {"deleted": artwork}

    def restore(self, artwork: UUID, request: Request) -> dict[str, Any]:
        """Let the next ingest take in a work again that was deleted."""
        self._changes(request).restore(artwork)
        return {"restored": artwork}

    def changes(self, limit: Annotated[int, Query(ge=1, le=1000)] = 50) -> dict[str, Any]:
        """List what curators have changed over the web, the latest first."""
        with self._deployment().database.transaction() as session:
            return {"changes": [asdict(item) for item in changes(session, limit=limit)]}

    def _job(self, job: str) -> dict[str, Any]:
        """Return a job's document; of one that is not in the log yet, what is known of it."""
        try:
            run = self._runner.run(job)
        except UnknownRun:
            run = None
        try:
            with self._deployment().database.transaction() as session:
                document = job_document(jobs.show(session, job))
        except jobs.UnknownJob as unknown:
            if run is None:
                raise ApiProblem(HTTPStatus.NOT_FOUND, "no-such-job", str(unknown)) from None
            return run.document()
        if run is not None and run.is_over and document["state"] == JobState.RUNNING:
            document |= {"state": str(JobState.FAILED), "error": run.error}  # it was killed
        return document

    async def _watched(self, job: str, document: dict[str, Any]) -> AsyncIterator[str]:
        while True:
            yield f"data: {json.dumps(document)}\n\n"
            if document["state"] not in ("starting", JobState.RUNNING):
                return
            await anyio.sleep(EVENT_SECONDS)
            document = await to_thread.run_sync(self._job, job)

    def _changes(self, request: Request) -> Changes:
        return Changes(self._deployment(), request.state.curator)
