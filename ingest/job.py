"""The job loop: a reader's records into the catalog, their embeddings into the index.

Whatever moment the process is killed at, nothing is lost: the queue in the catalog says what is
still to be done, and running the same command again continues from there. A failure of one image is
written down with its stage and reason and stops nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic, perf_counter, sleep
from typing import Any
from uuid import UUID

from catalog import jobs
from catalog.artworks import take_outdated_payloads, upsert
from catalog.batching import batched
from catalog.deletions import without_deleted
from catalog.errors import CatalogError
from catalog.jobs import Failure, FailureGroup
from catalog.locks import AdvisoryLock, advisory_lock
from catalog.models import JobState, now
from catalog.record import ArtworkRecord
from ingest.context import IngestContext, register_models
from ingest.counters import Counters, Outcome
from ingest.embedding import EmbeddingPipeline
from ingest.engines.engine import Engine, Stop
from ingest.engines.plain import PlainEngine
from ingest.interruption import Interruption
from ingest.loading import failure_of
from ingest.outages import Outage, RetryPolicy
from ingest.permanent_failures import stage_and_reason
from ingest.place import PlaceRefused, PlaceUnreachable
from ingest.progress import JobProgress, NullProgress
from ingest.queue import TaskQueue
from ingest.readers.reader import Reader
from ingest.record_batches import WrittenBatch, write_batch
from ingest.summary import JobSummary
from redaction import redact
from search.background import refresh_backgrounds
from search.index.contract import VectorSpec, check_specs
from search.index.disk_space import DiskFull, disk_full_named
from search.projections import refresh_projections, vector_specs

RECORDS_A_TRANSACTION = 500

PAUSE_SECONDS = 5.0
"""Between two looks of a worker at an empty queue."""

TICK_SECONDS = 0.2
"""How long a request to stop may go unseen."""


def ingest(
    reader: Reader,
    context: IngestContext,
    progress: JobProgress | None = None,
    *,
    queue_only: bool = False,
    engine: Engine | None = None,
) -> JobSummary:
    """Take in everything that a reader reads.

    Args:
        queue_only: leave the embedding to workers.
        engine: loads and embeds; by default this process alone.

    Raises:
        UnreadableSource: there is nothing to read.
        FingerprintMismatch: the index was made with other weights.
        Outage: a server stayed away for longer than the context allows.
        DiskFull: there is no room for what is to be written.
    """
    job = _Job(context, progress or NullProgress(), engine or PlainEngine())

    def work(stop: Stop) -> None:
        job.read(reader, stop)
        if not queue_only:
            job.embed(stop)
        job.refresh_payloads()

    return job.run(f"ingest {reader.name}", reader.arguments, work, follow=not queue_only)


def retry(
    context: IngestContext,
    progress: JobProgress | None = None,
    *,
    job_id: str | None = None,
    stage: str | None = None,
) -> JobSummary:
    """Try again what failed, in one job or in all, at one stage or at any.

    Raises:
        UnknownJob: no job has this id.
        Outage: a server stayed away for longer than the context allows.
    """
    if job_id is not None:
        with context.database.transaction() as session:
            jobs.show(session, job_id)
    job = _Job(context, progress or NullProgress(), PlainEngine())

    def work(stop: Stop) -> None:
        job.queue_failed(job_id, stage)
        job.embed(stop)
        job.refresh_payloads()

    return job.run("retry", {"job": job_id, "stage": stage}, work)


def serve(
    context: IngestContext,
    progress: JobProgress | None = None,
    *,
    until_empty: bool = False,
) -> JobSummary:
    """Embed what any process queues, until Ctrl-C.

    Whoever finds the queue empty after it has embedded something brings up to date what depends
    on the collection as a whole; so does each worker when it begins, for one that was killed.

    Args:
        until_empty: end once no work waits and no other worker has any in hand.

    Raises:
        FingerprintMismatch: the index was made, or has been made anew, with other weights.
        Outage: a server stayed away for longer than the context allows.
    """
    job = _Job(context, progress or NullProgress(), PlainEngine())

    def work(stop: Stop) -> None:
        behind = True
        while not stop():
            behind |= job.embed(stop)
            if job.waiting() == 0:
                if behind and not stop():
                    job.follow_the_collection()
                    behind = False
                if until_empty:
                    return
            _sleep(PAUSE_SECONDS, stop)

    return job.run("worker", {"until empty": until_empty}, work, follow=False)


class _Job:
    def __init__(self, context: IngestContext, progress: JobProgress, engine: Engine) -> None:
        self._context = context
        self._progress = progress
        self._retry = RetryPolicy(context.outage_timeout, progress)
        self._specs = {
            item.name: vector_specs(item, context.registry) for item in context.embedders
        }
        self._all_specs = [spec for brought in self._specs.values() for spec in brought]
        self._queue = TaskQueue(
            context.database,
            {item.name: item.fingerprint for item in context.embedders},
            jobs.this_process(),
            lease=context.lease,
        )
        self._id = ""
        self._counters = Counters()
        self._pipeline = EmbeddingPipeline(
            context=context,
            queue=self._queue,
            engine=engine,
            specs=self._all_specs,
            counters=self._counters,
            progress=progress,
            retry=self._retry,
            save=lambda failures: self._save(failures=failures),
        )

    def run(
        self,
        kind: str,
        arguments: Mapping[str, Any],
        work: Callable[[Stop], None],
        *,
        follow: bool = True,
    ) -> JobSummary:
        """Do a job's work, with its entry in the job log.

        Args:
            follow: bring up to date afterwards what depends on the collection as a whole.
        """
        start = perf_counter()
        self._begin(kind, arguments)
        try:
            with disk_full_named(self._context.store.folder):
                with Interruption() as interruption:
                    self._retry.is_cancelled = lambda: interruption.requested
                    self._retry(self._queue.take_over_from_the_dead)
                    work(lambda: interruption.requested)
                    interrupted = interruption.requested
                if follow:
                    # Also where nothing was embedded: the job before may have been killed first.
                    self.follow_the_collection()
                if not interrupted:
                    self._counters.settle()
                state = JobState.INTERRUPTED if interrupted else JobState.DONE
                self._retry(lambda: self._save(state=state))
                failures, left = self._retry(self._outcome)
        except BaseException as error:
            said = isinstance(error, Outage | DiskFull | PlaceRefused)
            reason = str(error) if said else f"{type(error).__name__}: {error}"
            reason = redact(reason)
            # Where the catalog is what was lost, the next job marks this one as interrupted.
            with suppress(CatalogError):
                self._save(state=JobState.FAILED, error=reason)
            raise
        return JobSummary(
            job=self._id,
            **self._counters.counts(),
            left=left,
            embedded=dict(self._pipeline.embedded),
            failures=failures,
            seconds=perf_counter() - start,
            interrupted=interrupted,
        )

    def _begin(self, kind: str, arguments: Mapping[str, Any]) -> None:
        """Open the job, and make room in the index for what it brings."""
        self._context.store.clear_unfinished()
        index = self._context.index
        # Alone: two that begin together would both find that the index lacks a model.
        with advisory_lock(self._context.database, AdvisoryLock.INDEX):
            index.refresh()
            # Before anything is written: wrong weights must not leave half a job behind.
            missing = check_specs(index.specs, self._all_specs)
            with self._context.database.transaction() as session:
                self._id = jobs.start(
                    session, kind=kind, arguments=arguments, job_id=self._context.job_id
                )
                register_models(session, self._context.embedders)
                self._queue.embed_anew(session, self._models_to_run_for(missing))
            # After the queue: were it before, a kill between the two would leave an index that no
            # job ever fills.
            index.ensure(self._all_specs)

    def embed(self, stop: Stop) -> bool:
        """Work through the queue; tell whether there was anything to embed."""
        before = sum(self._pipeline.embedded.values())
        self._progress.embedding(self.waiting(), list(self._pipeline.embedded))
        self._work(stop)
        return sum(self._pipeline.embedded.values()) > before

    def _work(self, stop: Stop) -> None:
        while True:
            try:
                self._pipeline.work(stop)
            except PlaceUnreachable:
                # What was in hand has been given back, and is claimed again.
                self._retry(self._context.store.knock)
                _sleep(PAUSE_SECONDS, stop)
            else:
                return

    def waiting(self) -> int:
        """Return how many works wait, or are being worked on."""
        return self._retry(self._queue.waiting)

    def follow_the_collection(self) -> None:
        """Bring up to date what depends on the collection as a whole."""
        if any(self._pipeline.embedded.values()):
            self._progress.building_index()
        self._retry(self._follow)

    def _follow(self) -> None:
        database, index = self._context.database, self._context.index
        with (
            advisory_lock(database, AdvisoryLock.COLLECTION),
            advisory_lock(database, AdvisoryLock.INDEX, shared=True),
        ):
            index.refresh()
            projected = refresh_projections(database, index, self._context.registry)
            index.optimize()
            refresh_backgrounds(database, index, anew=projected)

    def _outcome(self) -> tuple[tuple[FailureGroup, ...], int]:
        """Return why works failed, and how many are left."""
        with self._context.database.transaction() as session:
            failures = jobs.failure_groups(session, self._id)
        return failures, self._queue.waiting()

    def read(self, reader: Reader, stop: Stop) -> None:
        """Bring the catalog up to date and queue what is to be embedded."""

        def write(records: Sequence[ArtworkRecord], failures: Sequence[Failure]) -> WrittenBatch:
            return self._retry(partial(self._write, reader.name, records, failures))

        for batch in batched(reader.read(), RECORDS_A_TRANSACTION):
            records = [item for item in batch if isinstance(item, ArtworkRecord)]
            failures = [item for item in batch if isinstance(item, Failure)]
            for part in write_batch(write, records, failures):
                self._counters.note(part.waiting, Outcome.WAITING)
                settled = [work for work in part.works if work not in part.waiting]
                self._counters.note(settled, Outcome.UNCHANGED)
                self._counters.note(part.updated, Outcome.UPDATED)
                self._counters.note(part.passed_over, Outcome.FAILED)
                self._counters.note_unreadable_rows(part.unreadable_rows)
            self._progress.read(self._counters.seen)
            if stop():
                return

    def _write(
        self, reader: str, records: Sequence[ArtworkRecord], failures: Sequence[Failure]
    ) -> WrittenBatch:
        """Write records to the catalog and queue them, in one transaction."""
        works = [record.id for record in records]
        with self._context.database.transaction() as session:
            records = without_deleted(session, records)
            outcome = upsert(session, records, reader=reader)
            queued = self._queue.enqueue(
                session,
                [record.id for record in records],
                image_to_check=outcome.image_to_check,
                image_changed=outcome.image_changed,
            )
            hopeless = _still_failed(records, queued.passed_over)
            jobs.record_failures(session, self._id, [*failures, *hopeless])
        return WrittenBatch(
            works=works,
            waiting=queued.waiting,
            updated=outcome.updated,
            passed_over=queued.passed_over.keys(),
            unreadable_rows=len(failures),
        )

    def queue_failed(self, job_id: str | None, stage: str | None) -> None:
        """Queue again what failed."""

        def queue_again() -> set[UUID]:
            with self._context.database.transaction() as session:
                return self._queue.retry_failed(session, job_id=job_id, stage=stage)

        works = self._retry(queue_again)
        self._counters.note(works, Outcome.WAITING)
        self._progress.read(self._counters.seen)

    def refresh_payloads(self) -> None:
        """Tell the index of metadata that changed while the image did not."""
        while self._retry(self._refresh_some_payloads):
            pass

    def _refresh_some_payloads(self) -> int:
        with self._context.database.transaction() as session:
            outdated = take_outdated_payloads(session, RECORDS_A_TRANSACTION)
            self._context.index.set_payload({artwork.id: artwork.payload() for artwork in outdated})
        return len(outdated)

    def _models_to_run_for(self, missing: Sequence[VectorSpec]) -> list[str]:
        """Return the models that must see all pictures again; derived vectors need no picture."""
        lacking = {spec.model for spec in missing if spec.role != "derived"}
        return [
            model
            for model, brought in self._specs.items()
            if lacking & {spec.model for spec in brought}
        ]

    def _save(
        self,
        *,
        state: JobState = JobState.RUNNING,
        error: str | None = None,
        failures: Sequence[Failure] = (),
    ) -> None:
        with self._context.database.transaction() as session:
            jobs.record_failures(session, self._id, failures)
            jobs.save_counts(
                session,
                self._id,
                **self._counters.counts(),
                embedded=dict(self._pipeline.embedded),
                state=state,
                error=error,
                ended_at=None if state == JobState.RUNNING else now(),
            )


def _still_failed(
    records: Sequence[ArtworkRecord], passed_over: Mapping[UUID, str]
) -> list[Failure]:
    """Return the failures of works that are not tried again, as the last attempt left them."""
    detail = "as before; not retried automatically: `vasari jobs retry` tries again"
    return [
        failure_of(record, stage=stage, reason=reason, detail=detail)
        for record in records
        if record.id in passed_over
        for stage, reason in [stage_and_reason(passed_over[record.id])]
    ]


def _sleep(seconds: float, stop: Stop) -> None:
    end = monotonic() + seconds
    while not stop() and monotonic() < end:
        sleep(min(seconds, TICK_SECONDS))
