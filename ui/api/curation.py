"""What curators do through the API: jobs, duplicates, artists, corrections."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

import anyio
from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from catalog import jobs
from catalog.artist_suggestions import LEAST_CONFIDENCE, suggest_merges
from catalog.artists import find_artist, list_artists
from catalog.artworks import by_id
from catalog.audit_log import changes, record_change
from catalog.corrections import source_values
from catalog.deletions import restore
from catalog.dismissals import dismiss, undismiss
from catalog.models import JobState
from catalog.names import name_key
from catalog.same_works import mark_same, unmark_same
from deployment import Deployment
from ingest.readers.text import clean
from maintenance.artists import merge_artists, rename_artist, split_artist
from maintenance.curation import delete, edit
from search.duplicates import find_duplicates
from settings import Settings
from ui.api.bodies import bounded
from ui.api.curation_bodies import (
    CorrectionBody,
    IdsBody,
    IngestBody,
    JobBody,
    MergeBody,
    NameBody,
)
from ui.api.curators import CuratorCheck
from ui.api.problems import ApiProblem, described_problems, no_such_work
from ui.curating.job_runner import JobRunner, UnknownRun
from ui.curating.uploads import MOST_FILES, keep_upload
from ui.documents.artists import artist_document, suggestion_document
from ui.documents.collection import artwork_details, job_document
from ui.documents.duplicates import duplicates_document

EVENT_SECONDS = 1.0
"""Between two looks at a job that somebody watches."""

DECISIONS = {
    "mark": mark_same,
    "unmark": unmark_same,
    "dismiss": dismiss,
    "undismiss": undismiss,
}
"""What a curator can say of records that may be one work."""

Decision = Literal["mark", "unmark", "dismiss", "undismiss"]

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
            dependencies=[Depends(CuratorCheck(self._settings))],
            responses=_REFUSALS,
            tags=["curators"],
        )
        for method, path, operation in (
            ("GET", "/jobs", self.jobs),
            ("POST", "/jobs", self.start),
            ("GET", "/jobs/{job}", self.job),
            ("GET", "/jobs/{job}/events", self.events),
            ("POST", "/jobs/{job}/cancel", self.cancel),
            ("POST", "/uploads", self.upload),
            ("GET", "/duplicates", self.duplicates),
            ("POST", "/duplicates/{decision}", self.decide),
            ("GET", "/artists", self.artists),
            ("GET", "/artists/suggestions", self.suggestions),
            ("POST", "/artists/split", self.split),
            ("POST", "/artists/{artist}/merge", self.merge),
            ("POST", "/artists/{artist}/rename", self.rename),
            ("PATCH", "/artworks/{artwork}", self.correct),
            ("DELETE", "/artworks/{artwork}", self.delete),
            ("POST", "/artworks/{artwork}/restore", self.restore),
            ("GET", "/changes", self.changes),
        ):
            routes.add_api_route(path, operation, methods=[method])
        return routes

    def jobs(self, limit: Annotated[int, Query(ge=1, le=200)] = 20) -> dict[str, Any]:
        """List jobs, the latest first; as `vasari jobs list --json`."""
        with self._deployment().database.transaction() as session:
            return {"jobs": [job_document(job) for job in jobs.listing(session, limit=limit)]}

    def start(self, asked: JobBody, request: Request) -> JSONResponse:
        """Start a job; a dry run is answered with what would be taken in."""
        arguments = asked.arguments(self._settings)
        if isinstance(asked, IngestBody) and asked.dry_run:
            return JSONResponse(self._runner.dry_run(arguments))
        run = self._runner.start(arguments)
        self._log(request, asked.kind, {"job": run.id} | asked.model_dump(mode="json"))
        return JSONResponse(self._job(run.id), HTTPStatus.ACCEPTED)

    def job(self, job: str) -> dict[str, Any]:
        """Show a job and its failures; as `vasari jobs show --json`."""
        return self._job(job)

    async def events(self, job: str) -> StreamingResponse:
        """Watch a job: its document once a second, as server-sent events, until it has ended."""
        first = await to_thread.run_sync(self._job, job)
        return StreamingResponse(self._watched(job, first), media_type="text/event-stream")

    def cancel(self, job: str, request: Request) -> dict[str, Any]:
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
        self._log(request, "cancel", {"job": job})
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
            lambda: self._log(request, "upload", {"folder": name, "files": len(files)})
        )
        return {"folder": name}

    def duplicates(self) -> dict[str, Any]:
        """Find records that may be one work; as `vasari duplicates --json`."""
        deployment = self._deployment()
        found = find_duplicates(
            index=deployment.index,
            database=deployment.database,
            keypoints=deployment.keypoint_store,
            picture_of=deployment.thumbnail_of,
            threads=deployment.settings.decode_threads,
        )
        return duplicates_document(found)

    def decide(self, decision: Decision, asked: IdsBody, request: Request) -> dict[str, Any]:
        """Say of records that they are one work, or are not; or take that back."""
        ids = list(dict.fromkeys(asked.ids))
        with self._deployment().database.transaction() as session:
            known = by_id(session, ids)
            for item in ids:
                if item not in known:
                    raise no_such_work(item)
            DECISIONS[decision](session, ids)
            record_change(
                session,
                curator=request.state.curator,
                action=decision,
                details={"ids": [str(item) for item in ids]},
            )
        return {"decision": decision, "ids": ids}

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
        return {
            "total": len(found),
            "artists": [artist_document(artist) for artist in found[:limit]],
        }

    def suggestions(
        self, least: Annotated[float, Query(ge=0, le=1)] = LEAST_CONFIDENCE
    ) -> dict[str, Any]:
        """Suggest which artists are one person; as `vasari artists suggest --json`."""
        with self._deployment().database.transaction() as session:
            found = suggest_merges(session, least=least)
        return {"suggestions": [suggestion_document(item) for item in found]}

    def merge(self, artist: str, asked: MergeBody, request: Request) -> dict[str, Any]:
        """Make artists one person, who keeps the name of the one in the address."""
        with self._deployment().database.transaction() as session:
            kept = find_artist(session, artist)
            merged = [find_artist(session, other) for other in asked.others]
        facts = merge_artists(self._deployment().database, self._deployment().index, kept, merged)
        self._log(request, "merge artists", {"into": artist, "others": list(asked.others)})
        return artist_document(facts)

    def rename(self, artist: str, asked: NameBody, request: Request) -> dict[str, Any]:
        """Give an artist another preferred name."""
        with self._deployment().database.transaction() as session:
            found = find_artist(session, artist)
        facts = rename_artist(
            self._deployment().database, self._deployment().index, found, clean(asked.name) or ""
        )
        self._log(request, "rename artist", {"artist": artist, "name": asked.name})
        return artist_document(facts)

    def split(self, asked: NameBody, request: Request) -> dict[str, Any]:
        """Make the bearer of one spelling an artist of their own."""
        facts = split_artist(self._deployment().database, self._deployment().index, asked.name)
        self._log(request, "split artist", {"name": asked.name})
        return artist_document(facts)

    def correct(self, artwork: UUID, asked: CorrectionBody, request: Request) -> dict[str, Any]:
        """Correct what is known of a work, or take corrections back."""
        deployment = self._deployment()
        self._known(artwork)
        facts = edit(
            deployment.database, deployment.index, artwork, asked.values, withdrawn=asked.undo
        )
        self._log(request, "edit", {"artwork": str(artwork)} | asked.model_dump(mode="json"))
        with deployment.database.transaction() as session:
            details = artwork_details(facts, source_says=source_values(session, artwork))
        del details["image_location"]
        return details

    def delete(self, artwork: UUID, request: Request) -> dict[str, Any]:
        """Delete a work; no ingest brings it back until it is restored."""
        deployment = self._deployment()
        self._known(artwork)
        delete(deployment.database, deployment.index, deployment.image_store, artwork)
        self._log(request, "delete", {"artwork": str(artwork)})
        return {"deleted": artwork}

    def restore(self, artwork: UUID, request: Request) -> dict[str, Any]:
        """Let the next ingest take in a work again that was deleted."""
        with self._deployment().database.transaction() as session:
            restored = restore(session, [artwork])
        if not restored:
            raise no_such_work(artwork)
        self._log(request, "restore", {"artwork": str(artwork)})
        return {"restored": artwork}

    def changes(self, limit: Annotated[int, Query(ge=1, le=1000)] = 50) -> dict[str, Any]:
        """List what curators have changed over the web, the latest first."""
        with self._deployment().database.transaction() as session:
            return {"changes": [asdict(item) for item in changes(session, limit=limit)]}

    def _known(self, artwork: UUID) -> None:
        with self._deployment().database.transaction() as session:
            if artwork not in by_id(session, [artwork]):
                raise no_such_work(artwork)

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

    def _log(self, request: Request, action: str, details: Mapping[str, Any]) -> None:
        with self._deployment().database.transaction() as session:
            record_change(session, curator=request.state.curator, action=action, details=details)
