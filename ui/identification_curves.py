"""Curves of identification: the JSON document, and tables for a terminal."""

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evaluation.bootstrap import Interval
from evaluation.identification_curves import CurvePoint, IdentificationCurves
from evaluation.photo_queries import IDENTIFY
from evaluation.strengths import STRENGTHS, GradedPerturbation, Unit
from ui.documents.identification import identification_quality_document
from ui.tables.collection import empty_table
from ui.web.words import model_title

_SHOWN: dict[Unit, str] = {
    "degrees": "{:g}°",
    "pixels": "{:g} px",
    "share": "{:.0%}",
    "levels": "{:g}",
    "quality": "{:g}",
}


def curves_document(found: IdentificationCurves) -> dict[str, Any]:
    """Return all curves; each point's methods are as of an evaluation of identification."""
    return {
        "n": found.queries,
        "works": found.works,
        "seed": found.seed,
        "curves": {name: _curve(name, points) for name, points in found.curves.items()},
    }


def curves_tables(found: IdentificationCurves) -> RenderableType:
    """Return a table for each perturbation: who names the work rightly at which strength."""
    heading = (
        f"{found.queries} photos of {found.works} works at each strength. "
        "How many of them have the right work named first:"
    )
    note = (
        f"A share of {found.queries} photos may be off by up to {_widest(found):.0%} either way "
        "(95 % confidence interval, Wilson)."
    )
    tables = [_table(name, points) for name, points in found.curves.items()]
    return Group(Text(heading), *tables, Text(note, style="dim"))


def method_title(method: str) -> str:
    """Return what a person calls a way to recognise works."""
    if method == IDENTIFY:
        return "identify: looked for and verified"
    return f"nearest alone: {model_title(method)}"


def strength_label(graded: GradedPerturbation, strength: float) -> str:
    """Return a strength as people read it."""
    return "none" if strength == graded.none else _SHOWN[graded.unit].format(strength)


def top1(point: CurvePoint, method: str) -> Interval:
    """Return the share of photos whose work a method names first."""
    return point.quality.top[method]["top1"]


def _curve(name: str, points: tuple[CurvePoint, ...]) -> dict[str, Any]:
    graded = STRENGTHS[name]
    return {
        "title": graded.title,
        "scale": graded.scale,
        "unit": graded.unit,
        "none": graded.none,
        "reached": dict(graded.reached),
        "points": [
            {
                "strength": point.strength,
                "n": point.quality.queries,
                "methods": identification_quality_document(point.quality, queries=False)["methods"],
            }
            for point in points
        ],
    }


def _table(name: str, points: tuple[CurvePoint, ...]) -> Table:
    graded = STRENGTHS[name]
    table = empty_table(title=f"{graded.title} ({name}): {graded.scale}")
    table.add_column("")
    for point in points:
        table.add_column(
            strength_label(graded, point.strength), justify="right", no_wrap=True, min_width=5
        )
    for method in points[0].quality.top:
        table.add_row(method, *(f"{top1(point, method).value:.0%}" for point in points))
    table.add_row(
        "called in, and named rightly",
        *(f"{point.quality.named_same.value:.0%}" for point in points),
        style="dim",
    )
    return table


def _widest(found: IdentificationCurves) -> float:
    shares = [
        top1(point, method)
        for points in found.curves.values()
        for point in points
        for method in point.quality.top
    ]
    return max(max(share.high - share.value, share.value - share.low) for share in shares)
