"""How far a measured share may be off."""

import math

from evaluation.bootstrap import Interval

Z = 1.959963984540054
"""Of the normal distribution: 95 % lie within so many standard deviations."""


def wilson_interval(right: int, asked: int) -> Interval:
    """Return a share with its 95 % interval, which is honest near 0 and 1 too.

    Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
    American Statistical Association 22 (158), 1927.

    Raises:
        ValueError: nothing was asked.
    """
    if asked < 1:
        raise ValueError("a share of nothing has no value")
    share = right / asked
    spread = Z * math.sqrt(share * (1 - share) / asked + Z**2 / (4 * asked**2))
    middle, width = share + Z**2 / (2 * asked), 1 + Z**2 / asked
    return Interval(
        value=share,
        low=max(0.0, (middle - spread) / width) if right else 0.0,
        high=min(1.0, (middle + spread) / width) if right < asked else 1.0,
    )
