"""How sure it is that a photo shows a certain work, as a probability, and the verdict from it."""

import math
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import numpy as np

from search.index import ScoredId

Verdict = Literal["same", "absent", "unsure"]

SAME_FROM = 0.9
ABSENT_UNTIL = 0.1

MOST_INLIERS = 20
MOST_STANDOUT = 40.0
"""Beyond these, more evidence makes nothing surer."""

# Logistic regression: the intercept, and the weight of each piece of evidence.
_INTERCEPT = -7.0
_WEIGHTS = (0.6, 0.0)


def evidence(*, inliers: int, standout: float) -> tuple[float, float]:
    """Return what the certainty is computed from: matched points and standout, both limited."""
    return float(min(inliers, MOST_INLIERS)), min(max(standout, 0.0), MOST_STANDOUT)


def confidence(*, inliers: int, standout: float) -> float:
    """Return the probability that the work named is the one in the photo.

    Args:
        inliers: matched points that fit one viewpoint.
        standout: by how many standard deviations the work's cosine is above those of the works
            ranked after it (see :func:`standout`).
    """
    parts = zip(_WEIGHTS, evidence(inliers=inliers, standout=standout), strict=True)
    return 1 / (1 + math.exp(-_INTERCEPT - sum(weight * value for weight, value in parts)))


def standout(item: UUID, ranking: Sequence[ScoredId]) -> float:
    """Return by how many standard deviations a work's cosine is above those ranked further down.

    The first ten are passed over: other reproductions of a work are near to its photo, too.

    Args:
        ranking: of one view, the nearest first; 0 is returned where it is short or lacks the work.
    """
    cosines = {scored.id: scored.cosine for scored in ranking}
    others = [scored.cosine for scored in ranking[10:] if scored.id != item]
    if item not in cosines or len(others) < 10:
        return 0.0
    return float((cosines[item] - np.mean(others)) / max(float(np.std(others)), 1e-6))


def verdict(probability: float) -> Verdict:
    """Say in a word what a probability means."""
    if probability >= SAME_FROM:
        return "same"
    return "absent" if probability <= ABSENT_UNTIL else "unsure"
