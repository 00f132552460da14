"""A batch of loaded images on its way through the models, one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from catalog.jobs import Failure
from embedders import Embedder
from ingest.claims import ClaimedWork, EmbeddedWork
from ingest.loading import LoadedImage, failure_of
from search.index.contract import Vector

LoadedBatch = Sequence[tuple[ClaimedWork, LoadedImage | Failure]]


@dataclass(frozen=True, kw_only=True)
class ModelPass:
    """What came of one pass of a model, or before the first.

    Args:
        works: those that did not fail, with what the queue is to note of each.
        vectors: unit vectors by name of those that were embedded.
        failures: works that failed and are dropped.
        settled: how many of the works wait for no further model.
        model: that embedded; ``None`` before the first pass.
        seconds: that it took.
    """

    works: Sequence[tuple[ClaimedWork, EmbeddedWork]]
    vectors: dict[UUID, dict[str, Vector]] = field(default_factory=dict)
    failures: Sequence[Failure] = ()
    settled: int = 0
    model: str | None = None
    seconds: float = 0.0


def model_passes(embedders: Sequence[Embedder], batch: LoadedBatch) -> Iterator[ModelPass]:
    """Embed a batch with every model that its works wait for.

    Each pass is given out before the next one begins: what is written at once is not lost when the
    process is killed during the next.
    """
    failures = [outcome for _, outcome in batch if isinstance(outcome, Failure)]
    loaded = [(work, image) for work, image in batch if isinstance(image, LoadedImage)]
    same = [(work, _done(work, image, work.models)) for work, image in loaded if not image.prepared]
    if same or failures:
        yield ModelPass(works=same, failures=failures, settled=len(same))
    left = [(work, image) for work, image in loaded if image.prepared]
    for number, embedder in enumerate(embedders):
        name = embedder.name
        further = {later.name for later in embedders[number + 1 :]}
        taking = [(work, image) for work, image in left if name in work.models]
        if not taking:
            continue
        start = perf_counter()
        vectors: dict[UUID, dict[str, Vector]] = {}
        failures = _embed(
            embedder,
            [
                (work, image.prepared[embedder.preparation])
                for work, image in taking
                if work.lacks(name, image.sha256)
            ],
            vectors,
        )
        failed = {failure.artwork_id for failure in failures}
        left = [(work, image) for work, image in left if work.artwork.id not in failed]
        done = [(work, image) for work, image in taking if work.artwork.id not in failed]
        yield ModelPass(
            works=[(work, _done(work, image, (name,))) for work, image in done],
            vectors=vectors,
            failures=failures,
            settled=sum(further.isdisjoint(work.models) for work, _ in done),
            model=name,
            seconds=perf_counter() - start,
        )


def _done(work: ClaimedWork, image: LoadedImage, models: tuple[str, ...]) -> EmbeddedWork:
    return EmbeddedWork(work.artwork.id, models, image.sha256, image.width, image.height)


def _embed(
    embedder: Embedder,
    wanted: Sequence[tuple[ClaimedWork, NDArray[np.uint8]]],
    vectors: dict[UUID, dict[str, Vector]],
) -> list[Failure]:
    """Add the model's vectors of each work; return the works that it has none for."""
    if not wanted:
        return []
    try:
        embedded = embedder.embed_with_features(np.stack([picture for _, picture in wanted]))
    except ValueError as error:
        if len(wanted) > 1:
            # One picture without an embedding must not take its batch along.
            return [failure for one in wanted for failure in _embed(embedder, [one], vectors)]
        reason = f"{embedder.name} finds nothing to go by in this picture"
        return [failure_of(wanted[0][0].artwork, stage="embed", reason=reason, detail=str(error))]
    for name, rows in embedded.items():
        for (work, _), vector in zip(wanted, rows, strict=True):
            vectors.setdefault(work.artwork.id, {})[name] = vector
    return []
