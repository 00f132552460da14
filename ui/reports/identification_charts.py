"""Curves of identification, drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import altair as alt
from PIL import Image

from evaluation.identification_curves import CurvePoint, IdentificationCurves
from evaluation.photo_queries import IDENTIFY
from evaluation.strengths import STRENGTHS
from ui.output import Refused
from ui.palette import FAINT_INK, MODEL_COLOURS
from ui.reports.charts import ANY_CHART, svg
from ui.reports.identification_sheet import GROUND, strengths_sheet
from ui.wording.identification import method_title, strength_label

SURE = "identify: and sure enough to say so"
SURE_COLOUR = "#cf8f80"

WIDTH, HEIGHT = 560, 280
SMALL_WIDTH, SMALL_HEIGHT = 350, 170
"""Of each drawing where all stand together, two in a row."""


def curve_chart(
    name: str,
    points: Sequence[CurvePoint],
    *,
    width: int = WIDTH,
    height: int = HEIGHT,
) -> ANY_CHART:
    """Draw one perturbation's curves: a line a method, and around it what chance may have done.

    Dashed lines stand where the perturbations that do everything at once end.
    """
    graded = STRENGTHS[name]
    labels = [strength_label(graded, point.strength) for point in points]
    lines = _lines(points)
    x = alt.X(
        "strength:N",
        sort=labels,
        title=graded.scale,
        scale=alt.Scale(type="point", padding=0.3),
        axis=alt.Axis(labelAngle=0, grid=False),
    )
    colours = alt.Color(
        "method:N",
        scale=alt.Scale(domain=list(lines), range=list(lines.values())),
        legend=alt.Legend(
            title=None,
            orient="top",
            columns=2,
            labelLimit=0,
            symbolType="stroke",
            symbolOpacity=1,
            symbolStrokeWidth=3,
        ),
    )
    dashes = alt.StrokeDash(
        "method:N",
        scale=alt.Scale(
            domain=list(lines), range=[[4, 4] if name == SURE else [1, 0] for name in lines]
        ),
        legend=None,
    )
    base = alt.Chart(alt.InlineData(values=_rows(points, labels))).encode(x=x, color=colours)
    share = alt.Y(
        "value:Q",
        title="right work named first",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]),
    )
    bands = base.mark_area(opacity=0.09).encode(
        y=alt.Y("low:Q", scale=alt.Scale(domain=[0, 1])), y2="high:Q"
    )
    drawn = base.mark_line(point=alt.OverlayMarkDef(size=36, filled=True), strokeWidth=2.2)
    reached = alt.Chart(alt.InlineData(values=_reached(name, labels))).encode(x=x)
    ends = reached.mark_rule(color=FAINT_INK, strokeDash=[3, 3], opacity=0.7)
    names = reached.mark_text(
        color=FAINT_INK, align="left", baseline="bottom", dx=4, fontSize=11
    ).encode(y=alt.value(height - 4), text="name:N")
    chart: ANY_CHART = alt.layer(
        ends, names, bands, drawn.encode(y=share, strokeDash=dashes)
    ).properties(width=width, height=height, title=graded.title)
    return chart


def curves_chart(found: IdentificationCurves) -> alt.VConcatChart:
    """Draw all curves, two in a row."""
    small = [
        curve_chart(name, points, width=SMALL_WIDTH, height=SMALL_HEIGHT)
        for name, points in found.curves.items()
    ]
    rows = [alt.hconcat(*small[start : start + 2]) for start in range(0, len(small), 2)]
    chart: alt.VConcatChart = alt.vconcat(*rows)
    return chart


def draw_curves(found: IdentificationCurves, example: Image.Image, folder: Path) -> None:
    """Draw into files: all curves, each by itself, and what is done to a picture.

    Args:
        example: an RGB picture to show it on.
        folder: made if it is not there.

    Raises:
        Refused: it cannot be written into.
    """
    charts: dict[str, ANY_CHART] = {"identification": curves_chart(found)}
    charts |= {
        f"identification-{name}": curve_chart(name, points) for name, points in found.curves.items()
    }
    sheet = strengths_sheet(
        example, seed=found.seed, perturbations={name: STRENGTHS[name] for name in found.curves}
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, chart in charts.items():
            (folder / f"{name}.svg").write_text(_on_paper(svg(chart)), encoding="utf-8")
        sheet.save(folder / "perturbations.jpg", quality=75, optimize=True)
    except OSError as error:
        raise Refused(f"{folder} cannot be written into: {error.strerror}") from error


def _on_paper(drawing: str) -> str:
    """Return a drawing with a ground of its own: it may be looked at on a dark page."""
    head = drawing.index(">", drawing.index("<svg")) + 1
    return f'{drawing[:head]}<rect width="100%" height="100%" fill="{GROUND}"/>{drawing[head:]}'


def _lines(points: Sequence[CurvePoint]) -> Mapping[str, str]:
    """Return each line's title and colour, those of identification first."""
    methods = sorted(points[0].quality.top, key=lambda method: method != IDENTIFY)
    lines = {
        method_title(method): MODEL_COLOURS[place % len(MODEL_COLOURS)]
        for place, method in enumerate(methods)
    }
    first, *others = lines.items()
    return dict([first, (SURE, SURE_COLOUR), *others])


def _rows(points: Sequence[CurvePoint], labels: Sequence[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for point, label in zip(points, labels, strict=True):
        # How far the share of sure answers may be off is much the same as of right ones.
        rows.append({"strength": label, "method": SURE, "value": point.quality.named_same.value})
        for method in point.quality.top:
            share = point.top1(method)
            rows.append({"strength": label, "method": method_title(method)} | asdict(share))
    return rows


def _reached(name: str, labels: Sequence[str]) -> list[dict[str, str]]:
    graded = STRENGTHS[name]
    ends = {strength_label(graded, value): kind for kind, value in graded.reached.items()}
    return [
        {"strength": label, "name": f"“{kind}”"} for label, kind in ends.items() if label in labels
    ]
