"""What answers when the choice is left to Vasari, and why.

Ways to choose one model for each query were measured (``vasari evaluate choosing`` repeats it):
larger cosines, z-scores or percentiles, hits that stand out, agreement, and choosers learned from
all of these. None is better than fusing the models, and the usual one, the larger mean cosine, is
worse than always taking the best model. What does help is the style embedding of a model in the
place of its embedding, and to give it more weight. So the choice falls on that, whatever the query.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from embedders import BUILT_IN
from search.fusion import FUSION, shares_of

AUTO = "auto"
"""What the choice is asked for by, where models are named."""

STYLE_WEIGHT = 3.0
"""Of a style embedding, beside an embedding. Among weights in quarters, these were the best
for works by style and by artist, whichever artists' works they were learned from."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What was chosen for a query.

    Args:
        model: a model, or ``fusion``.
        shares: of the models that are fused, or of the one model.
        reason: why, in a sentence for people.
    """

    model: str
    shares: Mapping[str, float]
    reason: str


def choose(models: Sequence[str], held: Collection[str]) -> Choice:
    """Choose what answers a query.

    Args:
        models: embeddings that can answer it, at least one.
        held: all vectors that can be asked about it.
    """
    styles = {
        item.derivation.model: item.name
        for item in BUILT_IN.derived_models()
        if item.derivation.recipe == "standardise" and item.name in held
    }
    chosen = list(dict.fromkeys(styles.get(model, model) for model in models))
    weights = {name: STYLE_WEIGHT if name in styles.values() else 1.0 for name in chosen}
    shares = shares_of(chosen, weights)
    replaced = [
        f"{styles[model]} takes the place of {model}: it finds more of the same style and artist"
        for model in models
        if model in styles
    ]
    if len(chosen) == 1:
        reason = "; ".join([*replaced, f"{models[0]} is the only model here, so nothing is fused"])
        return Choice(model=chosen[0], shares=shares, reason=reason)
    parts = ", ".join(f"{share:.0%} {name}" for name, share in shares.items())
    return Choice(
        model=FUSION,
        shares=shares,
        reason="; ".join(
            [
                "no rule that picks one model for each query has proved better than fusing them, "
                f"so they are fused: {parts}",
                *replaced,
            ]
        ),
    )
