"""The collection as an evaluation sees it: works, their facts, and their stored vectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.artworks import ArtworkFacts, by_id, list_artworks
from catalog.batching import batched
from catalog.database import Database
from catalog.filters import Filter
from errors import VasariError
from search.index.contract import Index, unknown_vector

READ_AT_ONCE = 500
EVERYTHING = Filter()
"""No conditions."""


class NothingToEvaluate(VasariError, ValueError):
    """The collection cannot show what was asked; the message says what it lacks."""


@dataclass(frozen=True, kw_only=True)
class StoredWorks:
    """Works that have a vector of every model asked for, by id.

    Args:
        works: their facts, by rising id.
        vectors: model -> unit vectors in the same order, float32 (works, dimension).
        left_out: works of the index that pass the filter but have no vector of one of the models,
            or are unknown to the catalog.
    """

    works: tuple[ArtworkFacts, ...]
    vectors: Mapping[str, NDArray[np.float32]]
    left_out: int


def read_stored(
    index: Index, database: Database, models: Sequence[str], *, wanted: Filter = EVERYTHING
) -> StoredWorks:
    """Read all vectors of some models.

    Args:
        wanted: conditions that works have to meet.

    Raises:
        UnknownVector: the index holds no vectors of a model, or none at all.
        NothingToEvaluate: no work that passes has a vector of each of them.
    """
    for model in models or ["any"]:
        if model not in index.specs:
            raise unknown_vector(model, index.specs)
    ids = sorted(index.ids())
    if wanted:
        with database.transaction() as session:
            passing = {work.id for work in list_artworks(session, wanted).artworks}
        ids = [item for item in ids if item in passing]
        if not ids:
            raise NothingToEvaluate("no work passes the filter")
    works: list[ArtworkFacts] = []
    parts: dict[str, list[NDArray[np.float32]]] = {model: [] for model in models}
    for some in batched(ids, READ_AT_ONCE):
        with database.transaction() as session:
            facts = by_id(session, some)
        stored = {model: index.vectors(model, some) for model in models}
        complete = [
            item for item in some if item in facts and all(item in stored[m] for m in models)
        ]
        works += [facts[item] for item in complete]
        for model in models if complete else ():
            parts[model].append(np.stack([stored[model][item] for item in complete]))
    if not works:
        raise NothingToEvaluate(f"no work has an embedding of each of {', '.join(models)}")
    return StoredWorks(
        works=tuple(works),
        vectors={model: np.concatenate(blocks) for model, blocks in parts.items()},
        left_out=len(ids) - len(works),
    )
