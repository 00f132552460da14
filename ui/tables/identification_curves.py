"""Curves of identification as tables for a terminal."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evaluation.identification_curves import CurvePoint, IdentificationCurves
from evaluation.strengths import STRENGTHS
from ui.tables.collection import empty_table, right
from ui.wording.identification import strength_label


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


def _table(name: str, points: tuple[CurvePoint, ...]) -> Table:
    graded = STRENGTHS[name]
    strengths = (strength_label(graded, point.strength) for point in points)
    table = empty_table(
        "",
        *(right(label, no_wrap=True, min_width=5) for label in strengths),
        title=f"{graded.title} ({name}): {graded.scale}",
    )
    for method in points[0].quality.top:
        table.add_row(method, *(f"{point.top1(method).value:.0%}" for point in points))
    table.add_row(
        "called in, and named rightly",
        *(f"{point.quality.named_same.value:.0%}" for point in points),
        style="dim",
    )
    return table


def _widest(found: IdentificationCurves) -> float:
    shares = [
        point.top1(method)
        for points in found.curves.values()
        for point in points
        for method in point.quality.top
    ]
    return max(max(share.high - share.value, share.value - share.low) for share in shares)
