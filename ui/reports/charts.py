"""Charts as drawings that a report holds within itself, in the house's colours and type."""

import io
import re
from typing import Any

import altair as alt

from errors import VasariError
from ui.palette import chart_look

WIDTH = 640
"""Pixels of a chart that has the page's width."""

ANY_CHART = alt.Chart | alt.LayerChart | alt.FacetChart | alt.HConcatChart | alt.VConcatChart

_UNDRAWABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029]")
"""What XML cannot hold, and what ends a line in the middle of an expression of Vega's."""


class ChartFault(VasariError):
    """A chart cannot be drawn."""


def svg(chart: ANY_CHART) -> str:
    """Draw a chart as a standalone SVG file.

    Args:
        chart: without a configuration of its own: it gets the house's.

    Raises:
        ChartFault: the library that draws gave it up.
    """
    drawable = alt.Chart.from_dict(_drawable(chart.configure(**chart_look()).to_dict()))
    buffer = io.StringIO()
    try:
        drawable.save(buffer, format="svg")
    except BaseException as error:
        # A panic of Rust's is no Exception, and nor is what must get through.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise ChartFault(f"a chart of the report cannot be drawn: {error}") from error
    return buffer.getvalue()


def _drawable(part: Any) -> Any:
    """Return a part of a specification without what cannot be drawn.

    A text that XML cannot hold would end the whole process: the library aborts.
    """
    if isinstance(part, str):
        return _UNDRAWABLE.sub("\N{REPLACEMENT CHARACTER}", part)
    if isinstance(part, dict):
        return {_drawable(name): _drawable(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_drawable(item) for item in part]
    return part
