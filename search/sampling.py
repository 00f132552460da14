"""Stored vectors in bulk: of some works drawn at random, or of all."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from search.index import Index

READ_AT_ONCE = 500


def stored_vectors(
    index: Index, model: str, ids: Sequence[UUID]
) -> Iterator[tuple[list[UUID], NDArray[np.float32]]]:
    """Go through the vectors of works, some at a time: their ids and float32 [n, dimension].

    Works without a vector of this model are passed over.
    """
    for start in range(0, len(ids), READ_AT_ONCE):
        held = index.vectors(model, ids[start : start + READ_AT_ONCE])
        if held:
            yield list(held), np.array(list(held.values()), np.float32)


def sample_vectors(index: Index, model: str, count: int) -> NDArray[np.float32]:
    """Return the vectors of ``count`` works drawn at random, or of all if there are fewer.

    The same works for the same collection: float32 [n, dimension].
    """
    ids = list(index.ids())
    order = np.random.default_rng(0).permutation(len(ids))
    parts: list[NDArray[np.float32]] = []
    for _, vectors in stored_vectors(index, model, [ids[place] for place in order]):
        parts.append(vectors)
        if sum(map(len, parts)) >= count:
            break
    if not parts:
        return np.empty((0, index.specs[model].dimension), np.float32)
    return np.concatenate(parts)[:count]
