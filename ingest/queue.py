"""The queue of embedding tasks: the outbox between the catalog and the index.

A task is one artwork under one model. Rows are claimed with ``FOR UPDATE SKIP LOCKED`` where the
database has it, so that several workers share one queue; a claim lapses when its lease does, or at
once when its process is known to be dead.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from threading import Event, Thread
from uuid import UUID, uuid4

from sqlalchemy import exists, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from catalog import jobs
from catalog.artworks import ArtworkFacts, by_id
from catalog.database import Database
from catalog.errors import CatalogError
from catalog.generations import UNCLAIMED, embedded
from catalog.jobs import Failure
from catalog.locks import AdvisoryLock, lock_for_transaction
from catalog.models import Artwork, EmbeddingTask, ImageState, JobFailure, TaskState, now
from ingest.claims import ClaimedWork, EmbeddedWork
from ingest.permanent_failures import is_permanent, last_error

LEASE = timedelta(minutes=10)
"""Renewed while the work is in hand; this is for the worker whose machine went away."""

RENEWALS_A_LEASE = 3


@dataclass(frozen=True, kw_only=True)
class Queued:
    """What became of works that were to be queued; the others need nothing.

    Args:
        waiting: those that wait for a model now, or are being worked on.
        passed_over: those that stay failed, with what the task remembers of it.
    """

    waiting: Collection[UUID]
    passed_over: Mapping[UUID, str]


class TaskQueue:
    """The tasks of some models.

    Args:
        fingerprints: model -> fingerprint of the loaded weights; tasks of other models are left
            alone.
        worker: the name under which tasks are claimed.
        lease: after this time without a renewal, a claim is anyone's.
    """

    def __init__(
        self,
        database: Database,
        fingerprints: Mapping[str, str],
        worker: str,
        *,
        lease: timedelta = LEASE,
    ) -> None:
        self._database = database
        self._fingerprints = dict(fingerprints)
        self._worker = worker
        self._lease = lease
        self._start = uuid4()
        self._in_hand: dict[UUID, set[str]] = {}
        self._mine = (EmbeddingTask.state == TaskState.CLAIMED, EmbeddingTask.claimed_by == worker)

    def enqueue(
        self,
        session: Session,
        ids: Sequence[UUID],
        *,
        image_to_check: Collection[UUID],
        image_changed: Collection[UUID],
    ) -> Queued:
        """Queue what these works need, in the session's transaction.

        A task is queued where there is none; where the image may have changed; where the last
        attempt failed, unless the next would only repeat it; and where the embedding was made of
        another image or by other weights.

        Args:
            image_to_check: works whose image may be another than before.
            image_changed: those of which the source says that it is.
        """
        known = {
            (task.artwork_id, task.model): task
            for task in session.scalars(
                select(EmbeddingTask).where(
                    EmbeddingTask.artwork_id.in_(ids),
                    EmbeddingTask.model.in_(self._fingerprints),
                )
            )
        }
        rows = session.execute(select(Artwork.id, Artwork.image_sha256).where(Artwork.id.in_(ids)))
        images = {artwork_id: sha256 for artwork_id, sha256 in rows.tuples()}  # noqa: C416
        fresh: list[dict[str, object]] = []
        waiting: set[UUID] = set()
        passed_over: dict[UUID, str] = {}
        for artwork_id in ids:
            for model, fingerprint in self._fingerprints.items():
                task = known.get((artwork_id, model))
                if task is None:
                    fresh.append({"artwork_id": artwork_id, "model": model})
                    waiting.add(artwork_id)
                elif (
                    task.state == TaskState.FAILED
                    and is_permanent(task.last_error)
                    and artwork_id not in image_changed
                ):
                    passed_over[artwork_id] = task.last_error or ""
                elif task.state == TaskState.FAILED or (
                    task.state == TaskState.DONE
                    and (
                        artwork_id in image_to_check
                        or task.fingerprint != fingerprint
                        or task.image_sha256 != images[artwork_id]
                    )
                ):
                    task.state = TaskState.PENDING
                if task is not None and task.state in (TaskState.PENDING, TaskState.CLAIMED):
                    waiting.add(artwork_id)
        if fresh:
            session.execute(insert(EmbeddingTask), fresh)
        return Queued(waiting=waiting, passed_over=passed_over)

    def retry_failed(self, session: Session, *, job_id: str | None, stage: str | None) -> set[UUID]:
        """Queue failed tasks again and return the works that they are of.

        Args:
            job_id: only works that failed in this job.
            stage: only works that failed at this stage.
        """
        failed = select(JobFailure.artwork_id).where(JobFailure.artwork_id.is_not(None))
        if job_id is not None:
            failed = failed.where(JobFailure.job_id == job_id)
        if stage is not None:
            failed = failed.where(JobFailure.stage == stage)
        chosen = (
            EmbeddingTask.state == TaskState.FAILED,
            EmbeddingTask.model.in_(self._fingerprints),
            EmbeddingTask.artwork_id.in_(failed),
        )
        works = set(session.scalars(select(EmbeddingTask.artwork_id).where(*chosen)))
        session.execute(update(EmbeddingTask).where(*chosen).values(state=TaskState.PENDING))
        return works

    def embed_anew(self, session: Session, models: Sequence[str]) -> None:
        """Queue all that was ever embedded with these models, which the index has lost.

        Forgets what the embeddings were made of, or an unchanged image would be skipped.
        """
        session.execute(
            update(EmbeddingTask)
            .where(EmbeddingTask.model.in_(models), EmbeddingTask.state == TaskState.DONE)
            .values(state=TaskState.PENDING, image_sha256=None, fingerprint=None)
        )

    def waiting(self) -> int:
        """Return how many works wait for any of the models, or are being worked on."""
        with self._database.transaction() as session:
            return jobs.waiting(session, self._fingerprints)

    def take_over_from_the_dead(self) -> None:
        """Free what killed processes of this machine had claimed.

        And what is claimed in this worker's own name but not in its hands: a process of that name
        was killed before it, or the answer to a claim was lost.
        """
        with self._database.transaction() as session:
            is_claimed = EmbeddingTask.state == TaskState.CLAIMED
            holders = session.scalars(select(EmbeddingTask.claimed_by).where(is_claimed).distinct())
            gone = [holder for holder in holders if holder and jobs.is_gone(holder)]
            free = or_(
                EmbeddingTask.claimed_by.in_(gone),
                (EmbeddingTask.claimed_by == self._worker)
                & EmbeddingTask.artwork_id.not_in(list(self._in_hand)),
            )
            abandoned = select(EmbeddingTask).where(is_claimed, free)
            _set_free(session.scalars(abandoned.with_for_update(skip_locked=True)))

    def claim(self, works: int) -> list[ClaimedWork]:
        """Claim up to the given number of works for this worker; empty when none is left.

        A work of which another worker holds a task is left alone: two that write different vectors
        of one point at once could undo one another.
        """
        moment = now()
        others = aliased(EmbeddingTask)
        held_elsewhere = exists().where(
            others.artwork_id == EmbeddingTask.artwork_id,
            others.state == TaskState.CLAIMED,
            others.claimed_by != self._worker,
        )
        lapsed = select(EmbeddingTask).where(
            EmbeddingTask.state == TaskState.CLAIMED, EmbeddingTask.lease_expires_at < moment
        )
        pending = (
            select(EmbeddingTask)
            .where(
                EmbeddingTask.state == TaskState.PENDING,
                EmbeddingTask.model.in_(self._fingerprints),
                ~held_elsewhere,
            )
            .order_by(EmbeddingTask.artwork_id, EmbeddingTask.model)
        )
        with self._database.transaction() as session:
            # Or two might each see that the other holds nothing of a work, and share it.
            lock_for_transaction(session, AdvisoryLock.CLAIM)
            _set_free(session.scalars(lapsed.with_for_update(skip_locked=True)))
            tasks: list[EmbeddingTask] = []
            # Round from where this worker began, not from the first work on: what a killed one
            # held is not the next to be claimed, in case that is what killed it.
            for part in (
                EmbeddingTask.artwork_id >= self._start,
                EmbeddingTask.artwork_id < self._start,
            ):
                wanted = works * len(self._fingerprints) - len(tasks)
                free = pending.where(part).limit(wanted)
                tasks += session.scalars(free.with_for_update(skip_locked=True, of=EmbeddingTask))
            for task in tasks:
                task.state = TaskState.CLAIMED
                task.claimed_by = self._worker
                task.lease_expires_at = moment + self._lease
                task.attempts += 1
            artworks = by_id(session, {task.artwork_id for task in tasks})
            by_work = groupby(tasks, key=lambda task: task.artwork_id)
            claimed = [
                self._claimed(artworks[artwork_id], list(of_one)) for artwork_id, of_one in by_work
            ]
        for work in claimed:
            self._in_hand.setdefault(work.artwork.id, set()).update(work.models)
        return claimed

    @contextmanager
    def leases_kept(self) -> Iterator[None]:
        """Renew the leases of what is in hand until the block ends, however long a batch takes."""
        ended = Event()

        def keep() -> None:
            while not ended.wait(self._lease.total_seconds() / RENEWALS_A_LEASE):
                # The next renewal may come through; if none does, the work is another's.
                with suppress(CatalogError), self._database.transaction() as session:
                    lease = {"lease_expires_at": now() + self._lease}
                    session.execute(update(EmbeddingTask).where(*self._mine).values(**lease))

        keeper = Thread(target=keep, name="leases", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            ended.set()
            keeper.join()

    def complete(self, works: Sequence[EmbeddedWork], failures: Sequence[Failure]) -> None:
        """Mark works as embedded and others as failed, in one transaction.

        Also where the lease has run out meanwhile: what is in the index is in the index.
        """
        # In one order, so that no two transactions wait for one another.
        works = sorted(works, key=lambda work: work.artwork_id)
        failed = {failure.artwork_id: failure for failure in failures if failure.artwork_id}
        done = [
            embedded(work.artwork_id, model, self._fingerprints[model], work.sha256)
            for work in works
            for model in work.models
        ]
        pictures = [
            {"id": work.artwork_id, "image_sha256": work.sha256, "image_state": ImageState.READY}
            for work in works
        ]
        sizes = [
            {"id": work.artwork_id, "image_width": work.width, "image_height": work.height}
            for work in works
            if work.width is not None
        ]
        with self._database.transaction() as session:
            # By primary key, many rows a statement: a job does this for every batch.
            for table, rows in ((EmbeddingTask, done), (Artwork, pictures), (Artwork, sizes)):
                if rows:
                    session.execute(update(table), rows)
            for artwork_id, failure in failed.items():
                self._fail(session, artwork_id, failure)
        for work in works:
            left = self._in_hand.get(work.artwork_id, set())
            left.difference_update(work.models)
            if not left:
                self._in_hand.pop(work.artwork_id, None)
        for artwork_id in failed:
            self._in_hand.pop(artwork_id, None)

    def release(self) -> None:
        """Give back untouched what this worker has claimed and not finished."""
        with self._database.transaction() as session:
            session.execute(
                update(EmbeddingTask)
                .where(*self._mine)
                .values(state=TaskState.PENDING, **UNCLAIMED)
            )
        self._in_hand.clear()

    def _fail(self, session: Session, artwork_id: UUID, failure: Failure) -> None:
        session.execute(
            update(EmbeddingTask)
            .where(EmbeddingTask.artwork_id == artwork_id, *self._mine)
            .values(
                state=TaskState.FAILED,
                last_error=last_error(failure.stage, failure.reason),
                **UNCLAIMED,
            )
        )
        session.execute(
            update(Artwork)
            # A work whose former image is in the index stays searchable by it.
            .where(Artwork.id == artwork_id, Artwork.image_sha256.is_(None))
            .values(image_state=ImageState.FAILED)
        )

    def _claimed(self, artwork: ArtworkFacts, tasks: Sequence[EmbeddingTask]) -> ClaimedWork:
        return ClaimedWork(
            artwork=artwork,
            models=tuple(task.model for task in tasks),
            embedded={
                task.model: task.image_sha256
                for task in tasks
                if task.image_sha256 and task.fingerprint == self._fingerprints[task.model]
            },
        )


def _set_free(tasks: Iterable[EmbeddingTask]) -> None:
    for task in tasks:
        task.state = TaskState.PENDING
        task.claimed_by = None
        task.lease_expires_at = None
