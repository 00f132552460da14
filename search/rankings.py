"""One query put to the index under several models, and what came back."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from catalog.filters import Filter
from search.diversity import diversify
from search.fusion import fused_scores
from search.index.contract import Index, Vector


class Rankings:
    """The nearest works of one query under each model.

    Args:
        vectors: model -> the query's unit vector.
        examples: works that the query is made of, which are left out.
        depth: works wanted of each model.
        exact: scan all works that pass instead of walking the HNSW graph.
        among: the only works to look at, if not all.
    """

    def __init__(
        self,
        index: Index,
        vectors: Mapping[str, Vector],
        *,
        wanted: Filter,
        examples: Sequence[UUID],
        depth: int,
        exact: bool,
        among: Sequence[UUID] | None = None,
    ) -> None:
        self._index = index
        self._vectors = vectors
        self._examples = examples
        self._found = index.nearest_under_each(
            vectors, wanted=wanted, top=depth, exact=exact, without=examples, among=among
        )

    def nearest_first(self, model: str) -> list[UUID]:
        """Return the works by their cosine."""
        return [scored.id for scored in self._found[model]]

    def diverse(self, model: str, count: int) -> list[UUID]:
        """Return works each unlike those before it."""
        ranking = [(scored.id, scored.cosine) for scored in self._found[model]]
        vectors = self._index.vectors(model, [item for item, _ in ranking])
        return diversify(ranking, vectors, count=count)

    def fused(self, shares: Mapping[str, float]) -> dict[UUID, float]:
        """Return the fused score of each work that one of the models found, the greatest first."""
        everything = {scored.id for model in shares for scored in self._found[model]}
        cosines = self.cosines(everything)
        return fused_scores(
            self._index,
            self._vectors,
            {model: cosines[model] for model in shares},
            examples=self._examples,
            shares=shares,
        )

    def cosines(self, items: set[UUID]) -> dict[str, dict[UUID, float]]:
        """Return each model's cosines of what it found, and of some works that others found."""
        known = {
            model: {scored.id: scored.cosine for scored in found}
            for model, found in self._found.items()
        }
        others = {
            model: [item for item in items if item not in cosines]
            for model, cosines in known.items()
        }
        missing = self._index.cosines_under_each(self._vectors, others)
        return {model: cosines | missing[model] for model, cosines in known.items()}
