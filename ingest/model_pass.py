"""A batch of loaded images on its way through every model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from catalog.jobs import Failure
from embedders import Embedder
from ingest.loading import LoadedImage
from ingest.queue import ClaimedWork, EmbeddedWork
from search.index import Vector

LoadedBatch = Sequence[tuple[ClaimedWork, LoadedImage | Failure]]


@dataclass(frozen=True)
class Pass:
    """What one model did with a batch, in so many seconds."""

    images: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class EmbeddedBatch:
    """What came of a batch of claimed works.

    Args:
        works: those that did not fail, with what the queue is to note of each.
        vectors: unit vectors of each of them by name; a work is missing here whose image is the
            one that was embedded before.
        failures: of the others.
        passes: model -> what it did.
    """

    works: Sequence[tuple[ClaimedWork, EmbeddedWork]]
    vectors: dict[UUID, dict[str, Vector]]
    failures: Sequence[Failure]
    passes: Mapping[str, Pass]


def embed_batch(embedders: Sequence[Embedder], batch: LoadedBatch) -> EmbeddedBatch:
    """Embed a batch with every model that its works wait for."""
    failures = [outcome for _, outcome in batch if isinstance(outcome, Failure)]
    loaded = [(work, image) for work, image in batch if isinstance(image, LoadedImage)]
    vectors: dict[UUID, dict[str, Vector]] = {}
    passes = {}
    for embedder in embedders:
        wanted = [
            (work, image.prepared[embedder.preparation])
            for work, image in loaded
            if image.prepared and work.lacks(embedder.name, image.sha256)
        ]
        start = perf_counter()
        failed = _embed(embedder, wanted, vectors)
        if wanted:
            passes[embedder.name] = Pass(len(wanted) - len(failed), perf_counter() - start)
        failures += failed
    without = {failure.artwork_id for failure in failures}
    return EmbeddedBatch(
        works=[
            (
                work,
                EmbeddedWork(work.artwork.id, work.models, image.sha256, image.width, image.height),
            )
            for work, image in loaded
            if work.artwork.id not in without
        ],
        vectors={work: named for work, named in vectors.items() if work not in without},
        failures=failures,
        passes=passes,
    )


def _embed(
    embedder: Embedder,
    wanted: Sequence[tuple[ClaimedWork, NDArray[np.uint8]]],
    vectors: dict[UUID, dict[str, Vector]],
) -> list[Failure]:
    """Add one model's vectors to those of each work; return the works that it has none for."""
    if not wanted:
        return []
    try:
        embedded = embedder.embed_with_features(np.stack([picture for _, picture in wanted]))
    except ValueError as error:
        if len(wanted) > 1:
            # One picture without an embedding must not take its batch along.
            return [failure for one in wanted for failure in _embed(embedder, [one], vectors)]
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
    return []
