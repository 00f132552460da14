"""How sure it is that a photo shows a certain work, as a probability, and the verdict from it."""

import math
from typing import Literal

Verdict = Literal["same", "absent", "unsure"]

SAME_FROM = 0.9
ABSENT_UNTIL = 0.1

MOST_INLIERS = 20
"""Beyond this, more matched points make nothing surer."""

LEAST_SPREAD = 0.1
"""Share of the work that matched points should enclose: fewer than one right match in twenty
encloses less, while works that quote a figure of another share no more than that. Below it, points
count by the square root of their share: enough to be unsure, no longer enough to be sure."""

# A logistic regression, fitted by `vasari evaluate certainty` on 366 queries of
# `vasari evaluate identification --perturbation {usual,hard,hard-any-angle} -n 64 --leave-out 60
# --from-end --seed 7 --queries --save`, among 1,344 paintings: works that no test with that seed
# and at most 1,000 queries asks about. (By how much the work's cosine stands out from those of the
# works ranked after it was offered to the fit too, and got a weight of -0.004 for each standard
# deviation: matched points say all there is to say.)
_INTERCEPT = -8.48
_PER_INLIER = 1.12


def confidence(inliers: int, *, spread: float = 1.0) -> float:
    """Return the probability that the work named is the one in the photo.

    Args:
        inliers: matched points that fit one viewpoint.
        spread: share of the work's area that they enclose. Where it is small, each counts for less.
    """
    counted = min(inliers * math.sqrt(min(1.0, spread / LEAST_SPREAD)), MOST_INLIERS)
    return 1 / (1 + math.exp(-_INTERCEPT - _PER_INLIER * counted))


def verdict(probability: float, *, shows_enough: bool) -> Verdict:
    """Say in a word what a probability means.

    Args:
        shows_enough: whether the work would have been found in the photo, if it were there.
    """
    if probability >= SAME_FROM:
        return "same"
    if probability <= ABSENT_UNTIL and shows_enough:
        return "absent"
    return "unsure"
