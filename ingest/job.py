"""The job loop: a reader's records into the catalog, their embeddings into the index.

Whatever moment the process is killed at, nothing is lost: the queue in the catalog says what is
still to be done, and running the same command again goes on from there. A failure of one image is
written down with its stage and reason and stops nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from time import perf_counter
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from catalog import jobs
from catalog.artworks import Upserted, take_outdated_payloads, upsert
from catalog.database import CatalogError, Database
from catalog.jobs import Failure, FailureGroup
from catalog.models import JobState, Model, now
from catalog.record import ArtworkRecord
from embedders import Embedder
from ingest.download.rules import DownloadRules
from ingest.image_store import ImageStore
from ingest.interruption import Interruption
from ingest.lasting import stage_and_reason
from ingest.loading import ImageLimits, ImageLoader, LoadedImage, failure_of
from ingest.look_ahead import LookAhead
from ingest.originals import Originals
from ingest.outages import Outage, Patience
from ingest.progress import JobProgress, Silence
from ingest.queue import ClaimedWork, EmbeddedWork, TaskQueue
from ingest.readers.reader import Reader
from ingest.tally import Outcome, Tally
from search.background import refresh_backgrounds
from search.index import Index, IndexPoint, Vector, VectorSpec, check_specs
from search.projections import Projector, refresh_projections, vector_specs

RECORDS_A_TRANSACTION = 500

Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True)
class JobSummary:
    """What a job did.

    Args:
        seen: works that the source named, or that an earlier job left undone, each counted once
            below.
        added: searchable for the first time.
        updated: of which the metadata or the image had changed, or that a model was new to.
        unchanged: all the others that did not fail.
        failed: rows and images that could not be taken in.
        left: works still to be embedded: the job was interrupted, or another worker has them.
        embedded: model -> images embedded.
        seconds: how long the job took.
        interrupted: whether it was stopped before its end.
    """

    job: str
    seen: int
    added: int
    updated: int
    unchanged: int
    failed: int
    left: int
    embedded: Mapping[str, int]
    failures: tuple[FailureGroup, ...]
    seconds: float
    interrupted: bool


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """What a job works with.

    Args:
        originals: where downloaded images are kept.
        embedders: the models that every image is embedded with.
        download: how images are downloaded.
        batch_size: images in one forward pass.
        decode_threads: threads that read and decode ahead of the models.
        outage_patience: seconds that a server which does not answer is waited for.
    """

    database: Database
    index: Index
    store: ImageStore
    originals: Originals
    embedders: Sequence[Embedder]
    limits: ImageLimits
    download: DownloadRules = field(default_factory=DownloadRules)
    batch_size: int = 32
    decode_threads: int = 2
    outage_patience: float = 600.0


def ingest(reader: Reader, workshop: Workshop, progress: JobProgress | None = None) -> JobSummary:
    """Take in everything that a reader reads.

    Raises:
        UnreadableSource: there is nothing to read.
        FingerprintMismatch: the index was made with other weights.
    """
    return _Job(workshop, progress or Silence()).run(
        f"ingest {reader.name}", reader.arguments, reader=reader
    )


def retry(
    workshop: Workshop,
    progress: JobProgress | None = None,
    *,
    job_id: str | None = None,
    stage: str | None = None,
) -> JobSummary:
    """Try again what failed, in one job or in all, at one stage or at any.

    Raises:
        UnknownJob: no job has this id.
    """
    return _Job(workshop, progress or Silence()).run(
        "retry", {"job": job_id, "stage": stage}, retry_job=job_id, retry_stage=stage
    )


class _Job:
    def __init__(self, workshop: Workshop, progress: JobProgress) -> None:
        self._workshop = workshop
        self._progress = progress
        self._patiently = Patience(workshop.outage_patience, progress)
        self._specs = {item.name: vector_specs(item) for item in workshop.embedders}
        self._queue = TaskQueue(
            workshop.database,
            {item.name: item.fingerprint for item in workshop.embedders},
            jobs.this_process(),
        )
        self._id = ""
        self._tally = Tally()
        self._embedded = dict.fromkeys(self._specs, 0)

    def run(
        self,
        kind: str,
        arguments: Mapping[str, Any],
        *,
        reader: Reader | None = None,
        retry_job: str | None = None,
        retry_stage: str | None = None,
    ) -> JobSummary:
        start = perf_counter()
        # Before anything is written: wrong weights must not leave half a job behind.
        specs = [spec for brought in self._specs.values() for spec in brought]
        missing = check_specs(self._workshop.index.specs, specs)
        with self._workshop.database.transaction() as session:
            if retry_job is not None:
                jobs.show(session, retry_job)
            self._id = jobs.start(session, kind=kind, arguments=arguments)
            self._register_models(session)
            self._queue.embed_anew(session, self._models_to_run_for(missing))
        # After the queue: were it before, a kill between the two would leave an index that no
        # job ever fills.
        self._workshop.index.ensure(specs)
        interrupted = False
        try:
            with Interruption() as interruption:
                self._patiently.given_up = lambda: interruption.requested
                self._patiently(self._queue.take_over_from_the_dead)
                if reader is not None:
                    self._read(reader, interruption)
                else:
                    self._queue_failed(retry_job, retry_stage)
                self._embed(interruption)
                self._refresh_payloads()
                interrupted = interruption.requested
            if any(self._embedded.values()):
                self._progress.building_index()
            # Also where nothing was embedded: the job before may have been killed short of this.
            self._patiently(self._follow_the_collection)
            state = JobState.INTERRUPTED if interrupted else JobState.DONE
            self._patiently(lambda: self._save(state=state))
            failures, left = self._patiently(self._outcome)
        except BaseException as error:
            reason = str(error) if isinstance(error, Outage) else f"{type(error).__name__}: {error}"
            # Where the catalog is what was lost, the next job marks this one as interrupted.
            with suppress(CatalogError):
                self._save(state=JobState.FAILED, error=reason)
            raise
        return JobSummary(
            job=self._id,
            **self._tally.counts(),
            left=left,
            embedded=dict(self._embedded),
            failures=failures,
            seconds=perf_counter() - start,
            interrupted=interrupted,
        )

    def _follow_the_collection(self) -> None:
        """Bring up to date what depends on the collection as a whole."""
        database, index = self._workshop.database, self._workshop.index
        projected = refresh_projections(database, index)
        index.optimize()
        refresh_backgrounds(database, index, anew=projected)

    def _outcome(self) -> tuple[tuple[FailureGroup, ...], int]:
        """Return why works failed, and how many are left."""
        with self._workshop.database.transaction() as session:
            failures = jobs.failure_groups(session, self._id)
        return failures, self._queue.waiting()

    def _read(self, reader: Reader, interruption: Interruption) -> None:
        """Bring the catalog up to date and queue what is to be embedded."""
        for batch in _batches(reader.read(), RECORDS_A_TRANSACTION):
            records = [item for item in batch if isinstance(item, ArtworkRecord)]
            failures = [item for item in batch if isinstance(item, Failure)]
            outcome, passed_over = self._patiently(
                partial(self._take_in, reader.name, records, failures)
            )
            self._tally.note((record.id for record in records), Outcome.UNCHANGED)
            self._tally.note(outcome.updated, Outcome.UPDATED)
            self._tally.note(passed_over, Outcome.FAILED)
            self._tally.note_unreadable_rows(len(failures))
            self._progress.read(self._tally.seen)
            if interruption.requested:
                return

    def _take_in(
        self, reader: str, records: Sequence[ArtworkRecord], failures: Sequence[Failure]
    ) -> tuple[Upserted, dict[UUID, str]]:
        """Write records to the catalog and queue them; return the works that stay failed, too."""
        with self._workshop.database.transaction() as session:
            outcome = upsert(session, records, reader=reader)
            passed_over = self._queue.enqueue(
                session,
                [record.id for record in records],
                image_to_check=outcome.image_to_check,
                image_changed=outcome.image_changed,
            )
            hopeless = _still_failed(records, passed_over)
            jobs.record_failures(session, self._id, [*failures, *hopeless])
        return outcome, passed_over

    def _queue_failed(self, job_id: str | None, stage: str | None) -> None:
        def queue_again() -> set[UUID]:
            with self._workshop.database.transaction() as session:
                return self._queue.retry_failed(session, job_id=job_id, stage=stage)

        works = self._patiently(queue_again)
        self._tally.note(works, Outcome.UNCHANGED)
        self._progress.read(self._tally.seen)

    def _embed(self, interruption: Interruption) -> None:
        """Work through the queue: the next images are loaded while the models have these."""
        self._progress.embedding(self._patiently(self._queue.waiting), list(self._embedded))
        projector = Projector(self._workshop.database, self._workshop.index)
        with self._look_ahead() as ahead:
            try:
                while not interruption.requested:
                    batch = ahead.next_batch(lambda: interruption.requested)
                    if not batch:
                        return
                    self._finish(batch, projector)
            finally:
                # Where the catalog is gone, the leases run out by themselves.
                with suppress(CatalogError):
                    self._queue.release()

    def _look_ahead(self) -> LookAhead:
        workshop = self._workshop
        return LookAhead(
            lambda works: self._patiently(partial(self._queue.claim, works)),
            loader=ImageLoader(
                preparations={item.preparation for item in workshop.embedders},
                store=workshop.store,
                limits=workshop.limits,
            ),
            originals=workshop.originals,
            rules=workshop.download,
            batch_size=workshop.batch_size,
            decode_threads=workshop.decode_threads,
        )

    def _finish(
        self,
        batch: Sequence[tuple[ClaimedWork, LoadedImage | Failure]],
        projector: Projector,
    ) -> None:
        """Embed a loaded batch, write it to the index, and only then mark it as done."""
        failures = [outcome for _, outcome in batch if isinstance(outcome, Failure)]
        loaded = [(work, image) for work, image in batch if isinstance(image, LoadedImage)]
        vectors: dict[UUID, dict[str, Vector]] = {}
        for embedder in self._workshop.embedders:
            wanted = [
                (work, image.prepared[embedder.preparation])
                for work, image in loaded
                if image.prepared and work.lacks(embedder.name, image.sha256)
            ]
            failures += self._embed_with(embedder, wanted, vectors)
        self._patiently(partial(projector.add_derived, vectors))
        failed = {failure.artwork_id for failure in failures}
        loaded = [(work, image) for work, image in loaded if work.artwork.id not in failed]
        changed = [work for work, _ in loaded if work.artwork.id in vectors]
        points = [
            IndexPoint(
                id=work.artwork.id,
                vectors=vectors[work.artwork.id],
                payload=work.artwork.payload(),
            )
            for work in changed
        ]
        if points:
            self._patiently(lambda: self._workshop.index.upsert(points))
        embedded = [
            EmbeddedWork(work.artwork.id, work.models, image.sha256, image.width, image.height)
            for work, image in loaded
        ]
        self._patiently(lambda: self._queue.complete(embedded, failures))
        for work in changed:
            known = work.artwork.image_sha256 is not None
            self._tally.note([work.artwork.id], Outcome.UPDATED if known else Outcome.ADDED)
        self._tally.note(
            (failure.artwork_id for failure in failures if failure.artwork_id), Outcome.FAILED
        )
        self._patiently(lambda: self._save(failures=failures))
        self._progress.finished(len(loaded), len(failures))

    def _embed_with(
        self,
        embedder: Embedder,
        wanted: Sequence[tuple[ClaimedWork, NDArray[np.uint8]]],
        vectors: dict[UUID, dict[str, Vector]],
    ) -> list[Failure]:
        """Add one model's vectors to those of each work; return the works that it has none for."""
        if not wanted:
            return []
        start = perf_counter()
        try:
            embedded = embedder.embed_with_features(np.stack([picture for _, picture in wanted]))
        except ValueError as error:
            if len(wanted) > 1:
                # One picture without an embedding must not take its batch along.
                return [
                    failure
                    for one in wanted
                    for failure in self._embed_with(embedder, [one], vectors)
                ]
            artwork = wanted[0][0].artwork
            return [
                Failure(
                    item=artwork.file,
                    stage="embed",
                    reason=f"{embedder.name} finds nothing to go by in this picture",
                    detail=str(error),
                    artwork_id=artwork.id,
                )
            ]
        for name, rows in embedded.items():
            for (work, _), vector in zip(wanted, rows, strict=True):
                vectors.setdefault(work.artwork.id, {})[name] = vector
        self._embedded[embedder.name] += len(wanted)
        self._progress.embedded(embedder.name, len(wanted), perf_counter() - start)
        return []

    def _refresh_payloads(self) -> None:
        """Tell the index of metadata that changed while the image did not."""
        while self._patiently(self._refresh_some_payloads):
            pass

    def _refresh_some_payloads(self) -> int:
        with self._workshop.database.transaction() as session:
            outdated = take_outdated_payloads(session, RECORDS_A_TRANSACTION)
            self._workshop.index.set_payload(
                {artwork.id: artwork.payload() for artwork in outdated}
            )
        return len(outdated)

    def _models_to_run_for(self, missing: Sequence[VectorSpec]) -> list[str]:
        """Return the models that must see all pictures again; derived vectors need no picture."""
        lacking = {spec.model for spec in missing if spec.role != "derived"}
        return [
            model
            for model, brought in self._specs.items()
            if lacking & {spec.model for spec in brought}
        ]

    def _register_models(self, session: Session) -> None:
        for embedder in self._workshop.embedders:
            session.merge(
                Model(
                    name=embedder.name,
                    dimension=embedder.dimension,
                    fingerprint=embedder.fingerprint,
                    weights=embedder.provider or "none needed",
                    licence=embedder.description.licence,
                )
            )

    def _save(
        self,
        *,
        state: JobState = JobState.RUNNING,
        error: str | None = None,
        failures: Sequence[Failure] = (),
    ) -> None:
        with self._workshop.database.transaction() as session:
            jobs.record_failures(session, self._id, failures)
            jobs.save_counts(
                session,
                self._id,
                **self._tally.counts(),
                embedded=dict(self._embedded),
                state=state,
                error=error,
                ended_at=None if state == JobState.RUNNING else now(),
            )


def _still_failed(
    records: Sequence[ArtworkRecord], passed_over: Mapping[UUID, str]
) -> list[Failure]:
    """Return the failures of works that are not tried again, as the last attempt left them."""
    failures = []
    for record in records:
        if record.id in passed_over:
            stage, reason = stage_and_reason(passed_over[record.id])
            failures.append(
                failure_of(
                    record.id,
                    record.file,
                    stage=stage,
                    reason=reason,
                    detail="as before: not tried again by itself, `vasari jobs retry` does",
                )
            )
    return failures


def _batches(items: Iterator[Item], size: int) -> Iterator[list[Item]]:
    while batch := list(islice(items, size)):
        yield batch
