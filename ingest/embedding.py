"""Claimed works on their way into the index: embedded, written, and only then marked as done."""

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from functools import partial

from catalog.errors import CatalogError
from catalog.jobs import Failure
from catalog.locks import AdvisoryLock, advisory_lock
from ingest.claims import ClaimedWork
from ingest.context import IngestContext
from ingest.counters import Counters, Outcome
from ingest.engines.engine import Engine, Stop
from ingest.model_pass import ModelPass
from ingest.outages import RetryPolicy
from ingest.progress import JobProgress
from ingest.queue import TaskQueue
from search.index.contract import IndexPoint, VectorSpec, check_specs
from search.projections import Projector


class EmbeddingPipeline:
    """Works through the queue, batch by batch. It alone writes what an engine embeds.

    Args:
        engine: loads and embeds.
        specs: all vectors that the models bring.
        counters: is told what became of each work.
        save: called after each batch with what failed in it.

    Attributes:
        embedded: model -> images embedded.
    """

    def __init__(
        self,
        context: IngestContext,
        queue: TaskQueue,
        *,
        engine: Engine,
        specs: Sequence[VectorSpec],
        counters: Counters,
        progress: JobProgress,
        retry: RetryPolicy,
        save: Callable[[Sequence[Failure]], None],
    ) -> None:
        self._context = context
        self._queue = queue
        self._engine = engine
        self._specs = specs
        self._counters = counters
        self._progress = progress
        self._retry = retry
        self._save = save
        self.embedded = dict.fromkeys((item.name for item in context.embedders), 0)

    def work(self, stop: Stop) -> None:
        """Embed until nothing is left to claim.

        Args:
            stop: asked between batches; what is in hand then is given back.
        """
        context = self._context
        projector = Projector(context.database, context.index, context.registry)
        with self._queue.leases_kept():
            try:
                with closing(self._engine.passes(self._context, self._claim, stop)) as passes:
                    for done in passes:
                        self._keep(done, projector)
            finally:
                # Where the catalog is gone, the leases run out by themselves.
                with suppress(CatalogError):
                    self._queue.release()

    def _claim(self, works: int) -> list[ClaimedWork]:
        """Claim works: when no others are left, what processes had claimed that are dead."""
        claimed = self._retry(partial(self._queue.claim, works))
        if not claimed:
            self._retry(self._queue.take_over_from_the_dead)
            claimed = self._retry(partial(self._queue.claim, works))
        return claimed

    def _keep(self, done: ModelPass, projector: Projector) -> None:
        """Write what a model has embedded to the index, and only then mark it as done."""
        if done.model is not None:
            self.embedded[done.model] += len(done.vectors)
            self._progress.embedded(done.model, len(done.vectors), done.seconds)
        self._retry(partial(projector.add_derived, done.vectors))
        changed = [work for work, _ in done.works if work.artwork.id in done.vectors]
        points = [
            IndexPoint(
                id=work.artwork.id,
                vectors=done.vectors[work.artwork.id],
                payload=work.artwork.payload(),
            )
            for work in changed
        ]
        self._retry(lambda: self._write(points, done))
        for work in changed:
            known = work.artwork.image_sha256 is not None
            self._counters.note([work.artwork.id], Outcome.UPDATED if known else Outcome.ADDED)
        self._counters.note(
            (failure.artwork_id for failure in done.failures if failure.artwork_id),
            Outcome.FAILED,
        )
        self._retry(lambda: self._save(done.failures))
        if done.settled or done.failures:
            self._progress.finished(done.settled, len(done.failures))

    def _write(self, points: Sequence[IndexPoint], done: ModelPass) -> None:
        """Write to the index and mark as done, while nobody changes what the index is made of."""
        index = self._context.index
        with advisory_lock(self._context.database, AdvisoryLock.INDEX, shared=True):
            if points:
                index.refresh()
                check_specs(index.specs, self._specs)
                index.upsert(points)
            self._queue.complete([work for _, work in done.works], done.failures)
