"""Charts as drawings that a report holds within itself, in the house's colours and type."""

import io
from typing import Any

import altair as alt

from ui.palette import FAINT_INK, INK, RULE, SANS

WIDTH = 640
"""Pixels of a chart that has the page's width."""

ANY_CHART = alt.Chart | alt.LayerChart | alt.FacetChart | alt.HConcatChart | alt.VConcatChart

_AXIS: dict[str, Any] = {
    "labelColor": FAINT_INK,
    "titleColor": INK,
    "labelFontSize": 12,
    "titleFontSize": 13,
    "titleFontWeight": "normal",
    "titlePadding": 10,
    "domainColor": RULE,
    "tickColor": RULE,
    "gridColor": "#ece7dd",
}
_LOOK: dict[str, Any] = {
    "background": "transparent",
    "font": SANS,
    "view": {"stroke": None},
    "axis": _AXIS,
    "header": {"labelFontSize": 13, "labelColor": INK, "titleColor": INK, "labelAnchor": "start"},
    "legend": {"labelFontSize": 13, "labelColor": INK, "titleColor": INK, "orient": "top"},
    "title": {"fontSize": 14, "fontWeight": "normal", "color": INK, "anchor": "start"},
}


def svg(chart: ANY_CHART) -> str:
    """Draw a chart as a standalone SVG file.

    Args:
        chart: without a configuration of its own: it gets the house's.
    """
    buffer = io.StringIO()
    chart.configure(**_LOOK).save(buffer, format="svg")
    return buffer.getvalue()
