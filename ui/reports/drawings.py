"""The charts of the reports: values with their intervals, classes, distributions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import altair as alt

from evaluation.bootstrap import Interval
from search.fusion import FUSION
from ui.palette import FAINT_INK, INK, RULE, colours_of
from ui.reports.charts import WIDTH, svg

ROW_PIXELS = 24
PANEL_PIXELS = 210


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One measure of several methods.

    Args:
        values: method -> value with its interval.
        baseline: drawn as a dashed line: what chance would give, or 0 for differences.
    """

    title: str
    values: Mapping[str, Interval]
    baseline: float | None = None


def intervals_chart(
    panels: Sequence[Panel], *, one_colour: bool = False, width: int = PANEL_PIXELS
) -> str:
    """Draw values as points on their intervals, a row a method, the panels side by side.

    Args:
        one_colour: where the rows are no methods.
        width: pixels of each panel.
    """
    drawn = [
        _panel(panel, first=place == 0, one_colour=one_colour).properties(width=width)
        for place, panel in enumerate(panels)
    ]
    return svg(alt.hconcat(*drawn))


def _panel(panel: Panel, *, first: bool, one_colour: bool) -> alt.LayerChart | alt.FacetChart:
    names = list(panel.values)
    colours = dict.fromkeys(names, INK) if one_colour else _colours(names)
    rows = [
        {"name": name, "value": found.value, "low": found.low, "high": found.high}
        for name, found in panel.values.items()
    ]
    ends = [end for found in panel.values.values() for end in (found.low, found.high)]
    ends += [] if panel.baseline is None else [panel.baseline]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y(
            "name:N",
            sort=names,
            title=None,
            axis=alt.Axis(labelLimit=360, ticks=False, domain=False, labels=first),
        ),
        color=_colour("name:N", colours, None),
    )
    position = alt.X(
        "low:Q",
        title=panel.title,
        scale=alt.Scale(domain=[min(ends), max(ends)], nice=True, zero=False, padding=6),
        axis=_few_ticks(),
    )
    layers: list[alt.Chart] = [
        base.mark_rule(strokeWidth=2).encode(x=position, x2="high:Q"),
        base.mark_circle(size=80, opacity=1).encode(x="value:Q"),
    ]
    if panel.baseline is not None:
        layers.insert(0, _line_at(panel.baseline))
    return alt.layer(*layers).properties(height=ROW_PIXELS * len(rows))


def classes_chart(title: str, classes: Mapping[str, Mapping[str, float]]) -> str:
    """Draw one measure of every class: a row a class, a point a method.

    Args:
        classes: class, as it is shown -> method -> value.
    """
    methods = list(next(iter(classes.values()), {}))
    colours = _colours(methods)
    rows = [
        {"class": name, "method": method, "value": value}
        for name, found in classes.items()
        for method, value in found.items()
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y(
            "class:N",
            sort=list(classes),
            title=None,
            axis=alt.Axis(labelLimit=280, grid=True, ticks=False, domain=False),
        )
    )
    points = base.mark_circle(size=70, opacity=0.9).encode(
        x=alt.X("value:Q", title=title, axis=alt.Axis(tickCount=6)),
        color=_colour("method:N", colours, _legend(len(methods))),
    )
    height = max(60, (ROW_PIXELS - 4) * len(classes))
    return svg(points.properties(width=WIDTH, height=height))


def distribution_chart(
    title: str,
    edges: Sequence[float],
    shares: Mapping[str, Sequence[float]],
    colours: Mapping[str, str],
) -> str:
    """Draw histograms over each other, each scaled to its highest bar.

    Args:
        edges: of the bins, one more than bins.
        shares: what is distributed -> share of it in each bin.
    """
    rows = [
        {"of": name, "from": edges[bin_], "to": edges[bin_ + 1], "height": share / max(found)}
        for name, found in shares.items()
        for bin_, share in enumerate(found)
        if share > 0
    ]
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_rect(opacity=0.6)
        .encode(
            x=alt.X("from:Q", title=title, scale=alt.Scale(zero=False), axis=_few_ticks()),
            x2="to:Q",
            y=alt.Y("height:Q", title=None, axis=None, scale=alt.Scale(domain=[0, 1.02])),
            y2=alt.Y2Datum(0),
            color=_colour("of:N", colours, alt.Legend(labelLimit=400)),
        )
    )
    return svg(chart.properties(width=WIDTH, height=150))


def lines_chart(
    x_title: str,
    y_title: str,
    lines: Mapping[str, Sequence[tuple[float, float]]],
    *,
    points: bool = True,
    log: bool = False,
) -> str:
    """Draw lines, a line a method.

    Args:
        lines: method -> pairs (x, y) by rising x.
        points: mark the pairs.
        log: set y out by its logarithm.
    """
    colours = _colours(lines)
    rows = [{"method": name, "x": x, "y": y} for name, pairs in lines.items() for x, y in pairs]
    scale = alt.Scale(type="log") if log else alt.Scale(zero=False, padding=10)
    marks = alt.OverlayMarkDef(size=45, filled=True, opacity=1) if points else alt.Undefined
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_line(point=marks, strokeWidth=2)
        .encode(
            x=alt.X("x:Q", title=x_title, axis=alt.Axis(grid=False, format="~r")),
            y=alt.Y("y:Q", title=y_title, scale=scale, axis=alt.Axis(tickCount=6, format="~r")),
            color=_colour("method:N", colours, _legend(len(lines))),
        )
    )
    return svg(chart.properties(width=WIDTH, height=240))


def _line_at(value: float) -> alt.Chart:
    chart = alt.Chart(alt.InlineData(values=[{"at": value}]))
    line: alt.Chart = chart.mark_rule(strokeDash=[4, 4], color=FAINT_INK, strokeWidth=1)
    return line.encode(x="at:Q")


def _colours(names: Collection[str]) -> dict[str, str]:
    colours = colours_of(names, {FUSION})
    return {name: colours[name] for name in names}


def _colour(field: str, colours: Mapping[str, str], legend: alt.Legend | None) -> alt.Color:
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return alt.Color(field, title=None, scale=scale, legend=legend)


def _legend(entries: int) -> alt.Legend:
    return alt.Legend(columns=4 if entries <= 4 else 3, labelLimit=260)


def _few_ticks() -> alt.Axis:
    return alt.Axis(tickCount=5, domainColor=RULE)
