"""Kept evaluations as tables for a terminal."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from evaluation.run_comparison import FALSE_DISCOVERY_RATE, RunComparison
from evaluation.runs import Run
from ui.reports import parts
from ui.reports.cells import difference_cell
from ui.tables.collection import empty_table, right
from ui.tables.measured import drawn
from ui.wording.measures import measure_label
from ui.wording.numbers import decimal


def runs_table(runs: Sequence[Run]) -> Table:
    """Return the runs, a row each."""
    table = empty_table(
        Column("run", no_wrap=True, overflow="fold"),
        *(right(name, overflow="fold") for name in ("works", "queries")),
        *(Column(name, overflow="fold") for name in ("models", "filter")),
    )
    for run in runs:
        table.add_row(
            run.id,
            f"{run.collection.works:,}",
            "–" if run.queries is None else f"{run.queries:,}",
            ", ".join(run.models),
            ", ".join(run.filter) or "–",
        )
    return table


def run_comparison_tables(comparison: RunComparison) -> RenderableType:
    """Return what changed, and what the columns mean."""
    note = (
        "[ ]: 95 % confidence interval, by bootstrap over the queries. p: of a permutation test, "
        f"query by query; q: p adjusted for {len(comparison.changes)} comparisons. "
        f"Bold: q under {FALSE_DISCOVERY_RATE}."
    )
    return Group(
        Text(runs_in_words(comparison)), drawn(changes_table(comparison)), Text(note, style="dim")
    )


def changes_table(comparison: RunComparison) -> parts.Table:
    """Return what changed, a row each measure of each method."""
    return parts.Table(
        columns=["", "measure", "first", "second", "second − first", "p", "q"],
        rows=[
            [
                method_pair(change.method, change.against),
                measure_label(change.measure),
                _figure(change.first),
                _figure(change.second),
                difference_cell(change.difference, strong=change.is_sure),
                _chance_text(change.p),
                _chance_text(change.q),
            ]
            for change in comparison.changes
        ],
    )


def runs_in_words(comparison: RunComparison) -> str:
    """Return which runs are compared, and over which queries."""
    said = (
        f"From {comparison.first.id} to {comparison.second.id}: {comparison.queries:,} queries "
        "that both asked."
    )
    alone = comparison.only_first, comparison.only_second
    if any(alone):
        said += f" Left out: {alone[0]:,} that only the first asked, {alone[1]:,} only the second."
    return said


def method_pair(method: str, against: str) -> str:
    """Return a method, or the two that are compared."""
    return method if method == against else f"{method} → {against}"


def _figure(value: float) -> str:
    """Return a mean with three decimals, or with one where it is large, such as a time."""
    return decimal(value, 3 if abs(value) < 100 else 1)


def _chance_text(p: float) -> str:
    """Return a probability of chance; no test of some thousand draws can tell smaller ones."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"
