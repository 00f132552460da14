"""Which model answers when the choice is left to Vasari, and why.

Ways to choose one model for each query were measured (``vasari evaluate choosing`` repeats it):
larger cosines, z-scores or percentiles, hits that stand out, agreement, and choosers learned from
all of these. None is better than fusing the models, and the usual one, the larger mean cosine, is
worse than always taking the best model. So the choice falls on fusion wherever there is something
to fuse.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from search.fusion import FUSION

AUTO = "auto"
"""What the choice is asked for by, where models are named."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What was chosen for a query.

    Args:
        model: a model, or ``fusion``.
        reason: why, in a sentence for people.
    """

    model: str
    reason: str


def choose(models: Sequence[str]) -> Choice:
    """Choose among the models that can answer a query, at least one."""
    if len(models) == 1:
        return Choice(model=models[0], reason=f"{models[0]} is the only model that can answer")
    return Choice(
        model=FUSION,
        reason=(
            f"no rule that picks one of {', '.join(models)} for a query has proved better than "
            "fusing them, so they are fused (`vasari evaluate choosing` measures it)"
        ),
    )
