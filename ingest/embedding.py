"""Claimed works on their way through the models: into the index, and only then marked as done."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from time import perf_counter
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from catalog.database import CatalogError
from catalog.jobs import Failure
from catalog.locks import Turn, turn
from embedders import Embedder
from ingest.loading import ImageLoader, LoadedImage
from ingest.look_ahead import LookAhead
from ingest.outages import Patience
from ingest.progress import JobProgress
from ingest.queue import ClaimedWork, EmbeddedWork, TaskQueue
from ingest.tally import Outcome, Tally
from ingest.workshop import Workshop
from search.index import IndexPoint, Vector, VectorSpec, check_specs
from search.projections import Projector


class EmbeddingLine:
    """Works through the queue, batch by batch.

    Args:
        specs: all vectors that the models bring.
        tally: is told what became of each work.
        save: called after each batch with what failed in it.

    Attributes:
        embedded: model -> images embedded.
    """

    def __init__(
        self,
        workshop: Workshop,
        queue: TaskQueue,
        *,
        specs: Sequence[VectorSpec],
        tally: Tally,
        progress: JobProgress,
        patiently: Patience,
        save: Callable[[Sequence[Failure]], None],
    ) -> None:
        self._workshop = workshop
        self._queue = queue
        self._specs = specs
        self._tally = tally
        self._progress = progress
        self._patiently = patiently
        self._save = save
        self.embedded = dict.fromkeys((item.name for item in workshop.embedders), 0)

    def work(self, stop: Callable[[], bool]) -> None:
        """Embed until nothing is left to claim: the next images load while the models have these.

        Args:
            stop: asked between batches; what is in hand then is given back.
        """
        projector = Projector(self._workshop.database, self._workshop.index)
        looked_again = False
        with self.look_ahead(self._queue.claim) as ahead, self._queue.leases_kept():
            try:
                while not stop():
                    batch = ahead.next_batch(stop)
                    if batch:
                        self._finish(batch, projector)
                    elif looked_again:
                        return
                    else:
                        self._patiently(self._queue.take_over_from_the_dead)
                    looked_again = not batch
            finally:
                # Where the catalog is gone, the leases run out by themselves.
                with suppress(CatalogError):
                    self._queue.release()

    def look_ahead(self, claim: Callable[[int], list[ClaimedWork]]) -> LookAhead:
        """Return what loads the images of claimed works ahead of the models."""
        workshop = self._workshop
        return LookAhead(
            lambda works: self._patiently(partial(claim, works)),
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
            failures += self.embed_with(embedder, wanted, vectors)
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
        embedded = [
            EmbeddedWork(work.artwork.id, work.models, image.sha256, image.width, image.height)
            for work, image in loaded
        ]
        self._patiently(lambda: self._write(points, embedded, failures))
        for work in changed:
            known = work.artwork.image_sha256 is not None
            self._tally.note([work.artwork.id], Outcome.UPDATED if known else Outcome.ADDED)
        self._tally.note(
            (failure.artwork_id for failure in failures if failure.artwork_id), Outcome.FAILED
        )
        self._patiently(lambda: self._save(failures))
        self._progress.finished(len(loaded), len(failures))

    def _write(
        self,
        points: Sequence[IndexPoint],
        embedded: Sequence[EmbeddedWork],
        failures: Sequence[Failure],
    ) -> None:
        """Write to the index and mark as done, while nobody changes what the index is made of."""
        index = self._workshop.index
        with turn(self._workshop.database, Turn.INDEX, shared=True):
            if points:
                index.refresh()
                check_specs(index.specs, self._specs)
                index.upsert(points)
            self._queue.complete(embedded, failures)

    def embed_with(
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
                    for failure in self.embed_with(embedder, [one], vectors)
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
        self.embedded[embedder.name] += len(wanted)
        self._progress.embedded(embedder.name, len(wanted), perf_counter() - start)
        return []
