"""One ranking from several models, by scores that can be added: background z-scores."""

from collections.abc import Mapping
from uuid import UUID

from catalog.backgrounds import Background
from search.background import z_scores

FUSION = "fusion"
"""What the fused ranking is called where models are named."""


def fuse(
    cosines: Mapping[str, Mapping[UUID, float]], backgrounds: Mapping[str, Background]
) -> dict[UUID, float]:
    """Return the mean z-score of each work over the models, the greatest first.

    Args:
        cosines: model -> work -> cosine. A work that a model has no embedding of counts as an
            ordinary one there: z-score 0, that of an unrelated work.
        backgrounds: of all these models.
    """
    totals: dict[UUID, float] = {}
    for model, scored in cosines.items():
        scores = z_scores(backgrounds[model], list(scored.values()))
        for item, score in zip(scored, scores, strict=True):
            totals[item] = totals.get(item, 0.0) + score / len(cosines)
    return dict(sorted(totals.items(), key=lambda pair: -pair[1]))
