"""Numbers as people read them."""


def decimal(value: float | None, digits: int) -> str:
    """Return a number with so many decimals; a dash for none."""
    return "–" if value is None else f"{value:.{digits}f}"


def percent(value: float | None) -> str:
    """Return a percentile, with more decimals near 100, where a search's hits are."""
    if value is None:
        return "–"
    return f"{value:.2f} %" if value < 99.9 else f"{value:.4f} %"
