"""Measured values as cells of a report's tables."""

from evaluation.bootstrap import Interval
from ui.reports.parts import Cell
from ui.wording.numbers import decimal, signed


def value_cell(interval: Interval, *, strong: bool = False, digits: int = 3) -> Cell:
    """Return a value with its interval under it."""
    low, high = decimal(interval.low, digits), decimal(interval.high, digits)
    return Cell(decimal(interval.value, digits), below=f"[{low}, {high}]", strong=strong)


def difference_cell(interval: Interval, *, strong: bool | None = None) -> Cell:
    """Return a difference with its interval under it.

    Args:
        strong: set bold; by default where the interval does not hold 0.
    """
    return Cell(
        signed(interval.value),
        below=f"[{signed(interval.low)}, {signed(interval.high)}]",
        strong=(interval.low > 0 or interval.high < 0) if strong is None else strong,
    )


def share_cell(share: Interval) -> Cell:
    """Return a share in percent with its interval under it."""
    return Cell(f"{share.value:.1%}", below=f"[{share.low:.1%}, {share.high:.1%}]")
