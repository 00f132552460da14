"""Curves of identification as tables for a terminal."""

from collections.abc import Sequence
from dataclasses import replace

from rich.console import Group, RenderableType
from rich.text import Text

from evaluation.bootstrap import Interval
from evaluation.identification_curves import CurvePoint, IdentificationCurves
from evaluation.strengths import STRENGTHS
from ui.reports import parts
from ui.tables.measured import drawn
from ui.wording.identification import method_title, strength_label


def curves_tables(found: IdentificationCurves) -> RenderableType:
    """Return a table for each perturbation: who names the work rightly at which strength."""
    tables: list[RenderableType] = []
    for name, points in found.curves.items():
        title = f"{STRENGTHS[name].title} ({name}): {STRENGTHS[name].scale}"
        tables.append(drawn(replace(curve_table(name, points), caption=title)))
    heading = Text(f"{found.queries} photos of {found.works} works at each strength.")
    note = "Under each share: its 95 % confidence interval (Wilson), in percent."
    return Group(heading, *tables, Text(note, style="dim"))


def curve_table(name: str, points: Sequence[CurvePoint]) -> parts.Table:
    """Return who names the work rightly at which strength of one perturbation."""
    labels = [strength_label(STRENGTHS[name], point.strength) for point in points]
    shares = {
        method_title(method): [point.top1(method) for point in points]
        for method in points[0].quality.top
    }
    shares["called in, and named rightly"] = [point.quality.named_same for point in points]
    return parts.Table(
        columns=["right work named first", *labels],
        rows=[[title, *map(_cell, found)] for title, found in shares.items()],
        last_apart=True,
    )


def _cell(share: Interval) -> parts.Cell:
    """Return a share in a table with many columns."""
    low, high = round(100 * share.low), round(100 * share.high)
    return parts.Cell(f"{share.value:.0%}", below=f"{low}–{high}")
