"""Claimed works on their way into the index: embedded, written, and only then marked as done."""

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
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


@dataclass(frozen=True, kw_only=True)
class EmbeddingPipeline:
    """Works through the queue, batch by batch. It alone writes what an engine embeds.

    Args:
        engine: loads and embeds.
        specs: all vectors that the models bring.
        counters: is told what became of each work.
        save: called after each batch with what failed in it.
        embedded: model -> images embedded.
    """

    context: IngestContext
    queue: TaskQueue
    engine: Engine
    specs: Sequence[VectorSpec]
    counters: Counters
    progress: JobProgress
    retry: RetryPolicy
    save: Callable[[Sequence[Failure]], None]
    embedded: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.embedded.update(dict.fromkeys((item.name for item in self.context.embedders), 0))

    def work(self, stop: Stop) -> None:
        """Embed until nothing is left to claim.

        Args:
            stop: asked between batches; what is in hand then is given back.
        """
        context = self.context
        projector = Projector(context.database, context.index, context.registry)
        with self.queue.leases_kept():
            try:
                with closing(self.engine.passes(self.context, self._claim, stop)) as passes:
                    for done in passes:
                        self._keep(done, projector)
            finally:
                # Where the catalog is gone, the leases run out by themselves.
                with suppress(CatalogError):
                    self.queue.release()

    def _claim(self, works: int) -> list[ClaimedWork]:
        """Claim works: when no others are left, what processes had claimed that are dead."""
        claimed = self.retry(partial(self.queue.claim, works))
        if not claimed:
            self.retry(self.queue.take_over_from_the_dead)
            claimed = self.retry(partial(self.queue.claim, works))
        return claimed

    def _keep(self, done: ModelPass, projector: Projector) -> None:
        """Write what a model has embedded to the index, and only then mark it as done."""
        if done.model is not None:
            self.embedded[done.model] += len(done.vectors)
            self.progress.embedded(done.model, len(done.vectors), done.seconds)
        self.retry(partial(projector.add_derived, done.vectors))
        changed = [work for work, _ in done.works if work.artwork.id in done.vectors]
        points = [
            IndexPoint(
                id=work.artwork.id,
                vectors=done.vectors[work.artwork.id],
                payload=work.artwork.payload(),
            )
            for work in changed
        ]
        self.retry(lambda: self._write(points, done))
        self.counters.note((work.artwork.id for work, _ in done.works), Outcome.UNCHANGED)
        for work in changed:
            known = work.artwork.image_sha256 is not None
            self.counters.note([work.artwork.id], Outcome.UPDATED if known else Outcome.ADDED)
        self.counters.note(
            (failure.artwork_id for failure in done.failures if failure.artwork_id),
            Outcome.FAILED,
        )
        self.retry(lambda: self.save(done.failures))
        if done.settled or done.failures:
            self.progress.finished(done.settled, len(done.failures))

    def _write(self, points: Sequence[IndexPoint], done: ModelPass) -> None:
        """Write to the index and mark as done, while nobody changes what the index is made of."""
        index = self.context.index
        with advisory_lock(self.context.database, AdvisoryLock.INDEX, shared=True):
            if points:
                index.refresh()
                check_specs(index.specs, self.specs)
                index.upsert(points)
            self.queue.complete([work for _, work in done.works], done.failures)
