"""Numbers as people read them."""

import math


def decimal(value: float | None, digits: int) -> str:
    """Return a number with this many decimals; a dash for ``None``."""
    return "–" if value is None else f"{value:.{digits}f}"


def percent(value: float | None) -> str:
    """Return a percentile. It is rounded down: 100 % is said only of what is closer than all."""
    if value is None:
        return "–"
    return "100 %" if value == 100 else f"{math.floor(value * 100) / 100:.2f} %"


def signed(value: float, digits: int = 3) -> str:
    """Return a difference with its sign; what rounds to nothing has none."""
    if round(value, digits) == 0:
        return f"{0:.{digits}f}"
    return f"{value:+.{digits}f}".replace("-", "−")
