"""The whole collection embedded anew by one model, in a generation beside the one that is searched.

Searches use the current generation until the new one is complete, and are then switched at once.
The current one is kept as the former, so that the switch can be undone without embedding again.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from time import perf_counter
from typing import Any
from uuid import UUID

from catalog import jobs
from catalog.artworks import by_id
from catalog.batching import batched
from catalog.errors import CatalogError
from catalog.generations import changed_since, mark_reembedded
from catalog.jobs import Failure
from catalog.locks import AdvisoryLock, advisory_lock
from catalog.models import JobState, now
from embedders import Embedder
from ingest.claims import ClaimedWork
from ingest.context import IngestContext, register_models
from ingest.engines.engine import Stop
from ingest.engines.plain import PlainEngine
from ingest.interruption import Interruption
from ingest.model_pass import ModelPass
from ingest.outages import RetryPolicy
from ingest.permanent_failures import last_error
from ingest.progress import JobProgress, NullProgress
from maintenance.reembed_history import KIND, begun_at, was_cut_short
from search.background import refresh_backgrounds
from search.index.contract import Index, IndexFault, IndexPoint, Vector, VectorSpec
from search.projections import (
    FittedProjection,
    keep,
    project,
    project_anew,
    refresh_projections,
    vector_specs,
)

MOST_FAILED = 0.05
"""With more failures than this share of all works, something else is wrong: nothing is switched."""

PAGE = 500


@dataclass(frozen=True, kw_only=True)
class ReembedSummary:
    """What came of embedding a collection anew.

    Args:
        works: in the generation that is in use now, or is being filled.
        embedded: images embedded by this command; the others were there from an earlier one.
        failed: works that have no vector of the model.
        switched: whether the new generation is in use.
    """

    job: str
    model: str
    works: int
    embedded: int
    failed: int
    switched: bool
    seconds: float


def reembed(context: IngestContext, progress: JobProgress | None = None) -> ReembedSummary:
    """Embed every work of the index with the context's one model, and switch to the result.

    Interrupted or killed, the same call continues; killed after the switch, it does what was
    left to do.

    Raises:
        IndexFault: there is nothing to do, or too much failed to switch.
        Outage: a server stayed away for longer than the context allows.
    """
    (embedder,) = context.embedders
    return _Reembedding(context, embedder, progress or NullProgress()).run()


class _Reembedding:
    def __init__(self, context: IngestContext, embedder: Embedder, progress: JobProgress) -> None:
        self._context = context
        self._embedder = embedder
        self._progress = progress
        self._retry = RetryPolicy(context.outage_timeout, progress)
        self._brought = vector_specs(embedder, context.registry)
        self._failures: dict[UUID, Failure] = {}
        self._job = ""
        self._embedded = 0
        self._works = self._written = 0

    def run(self) -> ReembedSummary:
        """Fill the generation to come, switch, and do what is to be done afterwards."""
        start = perf_counter()
        begun = self._begin()
        switched = begun is None
        works, failed = 0, 0
        state, error = JobState.INTERRUPTED, None
        try:
            with Interruption() as interruption:
                self._retry.is_cancelled = lambda: interruption.requested
                if begun is not None:
                    switched = self._make(begun, lambda: interruption.requested)
                if switched:
                    self._retry(self._complete)
                    state = JobState.DONE
        except BaseException as fault:
            state, error = JobState.FAILED, str(fault) or type(fault).__name__
            raise
        finally:
            works, failed = self._count(begun)
            with suppress(CatalogError):
                self._save(works, state=state, error=error, ended_at=now())
        return ReembedSummary(
            job=self._job,
            model=self._embedder.name,
            works=works,
            embedded=self._embedded,
            failed=failed,
            switched=switched,
            seconds=perf_counter() - start,
        )

    def _begin(self) -> Index | None:
        """Return the generation to come; ``None`` where an earlier call was killed after it."""
        database, index = self._context.database, self._context.index
        arguments = {"model": self._embedder.name, "weights": self._embedder.fingerprint}
        self._context.store.clear_unfinished()
        with advisory_lock(database, AdvisoryLock.INDEX):
            index.refresh()
            held = index.specs
            if not held:
                raise IndexFault("the index is empty: run an ingest first")
            in_use = self._is_in_use()
            with database.transaction() as session:
                if in_use and not was_cut_short(session, arguments):
                    raise IndexFault(
                        f"the index holds {self._embedder.name} vectors made by exactly these "
                        "weights already: there is nothing to embed anew"
                    )
                self._job = jobs.start(
                    session, kind=KIND, arguments=arguments, job_id=self._context.job_id
                )
            if in_use:
                return None
            together: dict[str, VectorSpec] = {**held}
            together.update((spec.model, spec) for spec in self._brought)
            return index.next_generation(list(together.values()))

    def _make(self, begun: Index, stop: Stop) -> bool:
        """Fill the generation to come and switch to it; tell whether that was done."""
        lacking = self._lacking(begun)
        self._works = len(list(self._context.index.ids()))
        self._written = self._works - len(lacking)
        self._retry(self._save_progress)
        self._fill(begun, lacking, stop)
        if stop():
            return False
        self._finish(begun)
        return True

    def _complete(self) -> None:
        """Do what is left once the generation is in use; where nothing is, nothing."""
        database, index = self._context.database, self._context.index
        with advisory_lock(database, AdvisoryLock.INDEX):
            index.refresh()
            if projected := refresh_projections(database, index, self._context.registry):
                index.optimize()
        refresh_backgrounds(database, index, anew=projected)

    def _lacking(self, begun: Index) -> list[UUID]:
        """Return the works that the generation to come lacks and that have not failed."""
        there = set(begun.ids())
        return [
            item
            for item in self._context.index.ids()
            if item not in there and item not in self._failures
        ]

    def _fill(self, begun: Index, works: Sequence[UUID], stop: Stop) -> None:
        """Embed works and write them, whole, to the generation to come."""
        self._progress.embedding(len(works), [self._embedder.name])
        left = iter(works)

        def claim(wanted: int) -> list[ClaimedWork]:
            return self._retry(partial(self._take, left, wanted))

        with closing(PlainEngine().passes(self._context, claim, stop)) as passes:
            for done in passes:
                self._add(begun, done)

    def _take(self, left: Iterator[UUID], wanted: int) -> list[ClaimedWork]:
        taken: list[ClaimedWork] = []
        # What the catalog does not know is not brought along.
        while len(taken) < wanted and (page := list(islice(left, wanted - len(taken)))):
            with self._context.database.transaction() as session:
                known = by_id(session, page)
            taken += [ClaimedWork(known[item], (self._embedder.name,), {}) for item in known]
        return taken

    def _add(self, begun: Index, done: ModelPass) -> None:
        if done.model is not None:
            self._embedded += len(done.vectors)
            self._progress.embedded(done.model, len(done.vectors), done.seconds)
        works = [work for work, _ in done.works]
        self._retry(partial(self._write, begun, works, done.vectors))
        self._written += len(works)
        for work in works:
            self._failures.pop(work.artwork.id, None)
        for failure in done.failures:
            if failure.artwork_id is not None:
                self._failures[failure.artwork_id] = failure
        self._retry(partial(self._save_progress, done.failures))
        self._progress.finished(done.settled, len(done.failures))

    def _write(
        self, begun: Index, works: Sequence[ClaimedWork], vectors: dict[UUID, dict[str, Vector]]
    ) -> None:
        """Write works with the model's vectors, and those of other models as they are in use."""
        ids = [work.artwork.id for work in works]
        own = {spec.model for spec in self._brought}
        others = {
            name: self._context.index.vectors(name, ids)
            for name in self._context.index.specs
            if name not in own
        }
        points = [
            IndexPoint(
                id=work.artwork.id,
                vectors=vectors.get(work.artwork.id, {})
                | {
                    name: held[work.artwork.id]
                    for name, held in others.items()
                    if work.artwork.id in held
                },
                payload=work.artwork.payload(),
            )
            for work in works
        ]
        if points:
            begun.upsert(points)

    def _finish(self, begun: Index) -> None:
        """Catch up with what changed meanwhile, while nobody writes, and switch."""
        self._refuse_too_many_failures()
        self._progress.building_index()
        fitted = self._retry(
            lambda: project_anew(begun, {self._embedder.name}, self._context.registry)
        )
        self._retry(begun.optimize)
        with advisory_lock(self._context.database, AdvisoryLock.INDEX):
            self._context.index.refresh()
            self._catch_up(begun, fitted)
            self._switch(begun, fitted)

    def _catch_up(self, begun: Index, fitted: Sequence[FittedProjection]) -> None:
        database, index = self._context.database, self._context.index
        with database.transaction() as session:
            since = begun_at(session, done=False)
            changed = changed_since(session, since)
        held = set(index.ids())
        again = [item for item in changed if item in held] + [
            item for item in self._lacking(begun) if item not in changed
        ]
        self._fill(begun, again, lambda: False)
        # A work that failed stays searchable by the other models.
        for page in batched(list(self._failures), PAGE):
            self._write(begun, self._take(iter(page), PAGE), {})
        begun.delete([item for item in begun.ids() if item not in held])
        project(begun, fitted, again)

    def _switch(self, begun: Index, fitted: Sequence[FittedProjection]) -> None:
        database = self._context.database
        works = [item for item in begun.ids() if item not in self._failures]
        begun.close()
        # First: were it after, a kill between the two would have all embedded once more.
        self._retry(lambda: self._mark(works))
        self._retry(self._switch_once)
        self._retry(lambda: keep(database, fitted))

    def _mark(self, works: Sequence[UUID]) -> None:
        reasons = {
            work: last_error(failure.stage, failure.reason)
            for work, failure in self._failures.items()
        }
        with self._context.database.transaction() as session:
            register_models(session, [self._embedder])
            mark_reembedded(
                session,
                self._embedder.name,
                self._embedder.fingerprint,
                works=works,
                failed=reasons,
            )

    def _switch_once(self) -> None:
        """Switch, unless the answer to having done so was lost."""
        index = self._context.index
        index.refresh()
        if not self._is_in_use():
            index.switch()

    def _is_in_use(self) -> bool:
        held = self._context.index.specs
        return all(spec.model in held and held[spec.model].takes(spec) for spec in self._brought)

    def _refuse_too_many_failures(self) -> None:
        total = len(list(self._context.index.ids()))
        if len(self._failures) > max(1, MOST_FAILED * total):
            raise IndexFault(
                f"{len(self._failures)} of {total} images could not be embedded, so the former "
                f"vectors stay in use; `vasari jobs show {self._job}` says why. The same command "
                "continues from here"
            )

    def _count(self, begun: Index | None) -> tuple[int, int]:
        """Return how many works have the model's vectors, and how many lack them by failing."""
        with suppress(IndexFault):
            if begun is not None and not self._is_in_use():
                works = len(list(begun.ids()))
                begun.close()
                return works, len(self._failures)
            status = self._context.index.status()
            works = status.vectors[self._embedder.name].points
            return works, status.points - works
        return 0, len(self._failures)

    def _save_progress(self, failures: Sequence[Failure] = ()) -> None:
        # What is seen from the start and nothing has become of yet is what is left.
        left = max(0, self._works - self._written - len(self._failures))
        self._save(self._written, left=left, failures=failures)

    def _save(
        self, works: int, *, left: int = 0, failures: Sequence[Failure] = (), **ending: Any
    ) -> None:
        with self._context.database.transaction() as session:
            jobs.record_failures(session, self._job, failures)
            jobs.save_counts(
                session,
                self._job,
                seen=works + len(self._failures) + left,
                updated=works,
                failed=len(self._failures),
                embedded={self._embedder.name: self._embedded},
                **ending,
            )
