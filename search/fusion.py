"""One ranking from several models, by scores that can be added.

Cosines of two networks cannot be added, nor can those of two works of one network: some works are
like everything. So each cosine counts in standard deviations above what is usual for the query and
above what is usual for the work, both under that model and against the same cohort; the mean of
the two is the pair's score under the model. This is the symmetric score normalisation of speaker
verification (S-norm: Kenny, "Bayesian speaker verification with heavy-tailed priors", Odyssey
2010).
"""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from search.cohort import Floats, Spread, read_cohort
from search.index.contract import Index, Vector
from search.query import InvalidQuery

FUSION = "fusion"
"""What the fused ranking is called where models are named."""


def fused_scores(
    index: Index,
    vectors: Mapping[str, Vector],
    cosines: Mapping[str, Mapping[UUID, float]],
    *,
    examples: Collection[UUID],
    shares: Mapping[str, float],
) -> dict[UUID, float]:
    """Return the fused score of each work, the greatest first.

    Args:
        vectors: model -> the query's unit vector.
        cosines: model -> work -> cosine with it. A work that a model has no embedding of counts
            as an ordinary one there: score 0.
        examples: works that the query is made of, which say nothing of what is usual for it.
        shares: model -> how much it counts, of :func:`shares_of`.
    """
    items = sorted({item for scored in cosines.values() for item in scored})
    scores = {}
    for model, scored in cosines.items():
        cohort = read_cohort(index, model)
        stored = index.vectors(model, list(scored))
        known = [place for place, item in enumerate(items) if item in stored]
        held = [items[place] for place in known]
        scores[model] = np.zeros(len(items))
        if held:
            scores[model][known] = symmetric_z_scores(
                np.array([[scored[item] for item in held]]),
                cohort.spread(vectors[model][None], [examples]),
                cohort.spread(np.stack([stored[item] for item in held]), [{i} for i in held]),
            )[0]
    fused = fuse(scores, shares)
    ranked = sorted(zip(items, fused.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
    return dict(ranked)


def symmetric_z_scores(cosines: NDArray[np.floating], queries: Spread, works: Spread) -> Floats:
    """Return the scores of works for queries under one model, float64 (queries, works).

    Args:
        cosines: of both, (queries, works).
        queries, works: what is usual for each of them.
    """
    for_queries = (cosines - queries.mean[:, None]) / queries.std[:, None]
    for_works = (cosines - works.mean) / works.std
    scores: Floats = (for_queries + for_works) / 2
    return scores


def fuse(scores: Mapping[str, Floats], shares: Mapping[str, float]) -> Floats:
    """Return the weighted sum of the models' scores, which are of one shape."""
    first, *others = [shares[model] * scores[model] for model in shares]
    return sum(others, start=first)


def shares_of(models: Sequence[str], weights: Mapping[str, float]) -> dict[str, float]:
    """Return how much each model counts, in shares of 1.

    Args:
        weights: of some models, in shares of 1: the others have equal parts of what is left. Where
            all models are named, only the proportion of their weights counts.

    Raises:
        InvalidQuery: a weight is negative or of no model, or nothing is left for the others.
    """
    strange = sorted(set(weights) - set(models))
    if strange:
        raise InvalidQuery(
            f"a weight for {', '.join(strange)}, but what is fused is {', '.join(models)}"
        )
    named = sum(weights.values())
    others = [model for model in models if model not in weights]
    if min(weights.values(), default=0) < 0 or (weights and named <= 0):
        raise InvalidQuery("weights are not negative, and one is greater than 0")
    if others and named >= 1:
        raise InvalidQuery(f"the weights leave nothing of 1 for {', '.join(others)}: name it too")
    if not others:
        return {model: weights[model] / named for model in models}
    return {model: weights.get(model, (1 - named) / len(others)) for model in models}
