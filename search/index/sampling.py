"""Stored vectors in bulk: of some works drawn at random, or of all."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from catalog.batching import batched
from embedders.registry import JOINT
from search.index.contract import Index

READ_AT_ONCE = 500


def stored_vectors(
    index: Index, model: str, ids: Sequence[UUID]
) -> Iterator[tuple[list[UUID], NDArray[np.float32]]]:
    """Go through the vectors of works, some at a time: their ids and float32 [n, dimension].

    Works without a vector of this model are passed over. Of several models, joined by ``+``, the
    vectors are given one behind the other.
    """
    for page in batched(ids, READ_AT_ONCE):
        first, *others = [index.vectors(name, page) for name in model.split(JOINT)]
        works = [item for item in first if all(item in held for held in others)]
        if works:
            yield (
                works,
                np.concatenate(
                    [
                        np.array([held[item] for item in works], np.float32)
                        for held in (first, *others)
                    ],
                    axis=1,
                ),
            )


def sample_vectors(index: Index, model: str, count: int) -> NDArray[np.float32]:
    """Return the vectors of ``count`` works drawn at random, or of all if there are fewer.

    The same works for the same collection: float32 [n, dimension]. Of several models as
    :func:`stored_vectors`.
    """
    ids = list(index.ids())
    order = np.random.default_rng(0).permutation(len(ids))
    parts: list[NDArray[np.float32]] = []
    for _, vectors in stored_vectors(index, model, [ids[place] for place in order]):
        parts.append(vectors)
        if sum(map(len, parts)) >= count:
            break
    if not parts:
        dimension = sum(index.specs[name].dimension for name in model.split(JOINT))
        return np.empty((0, dimension), np.float32)
    return np.concatenate(parts)[:count]
