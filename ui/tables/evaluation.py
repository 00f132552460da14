"""What evaluations found, as tables for a terminal."""

from dataclasses import replace

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evaluation.agreement import MEASURES, CollectionComparison, GroupAgreement, PairComparison
from evaluation.bootstrap import Interval
from evaluation.choosing import ChoosingResults
from evaluation.distances import DistanceQuality
from evaluation.index_quality import IndexQuality
from evaluation.labels import one
from evaluation.retrieval import RetrievalQuality
from ui.reports.tables import (
    classes_table,
    differences_table,
    distances_table,
    index_table,
    mean_tables,
    worth_and_shares,
)
from ui.tables.collection import empty_table, right
from ui.tables.measured import drawn
from ui.wording.measures import measure_label, plural

MOST_CLASSES = 12
"""Shown in a terminal; the document has them all."""

_INTERVAL_NOTE = Text("[ ]: 95 % confidence interval, by bootstrap over the queries.", style="dim")


def retrieval_tables(quality: RetrievalQuality) -> RenderableType:
    """Return the measures of each method, the differences, and the largest classes."""
    classes = len(quality.class_sizes)
    heading = (
        f"{quality.queries} of {quality.works} works asked, each for works of its own "
        f"{quality.label}: {classes} {plural(quality.label)} in all."
    )
    if quality.labelled > quality.queries:
        heading += (
            f" {quality.labelled - quality.queries} more have {one(quality.label)} that no other "
            "candidate has."
        )
    tables = mean_tables(quality)
    if quality.differences:
        tables.append(replace(differences_table(quality), caption="Differences, query by query"))
    measure = measure_label(next(iter(quality.chance)))
    caption = f"{measure} of the largest {plural(quality.label)}"
    tables.append(replace(classes_table(quality, MOST_CLASSES), caption=caption))
    return Group(Text(heading), *map(drawn, tables), _INTERVAL_NOTE)


def agreement_tables(comparison: CollectionComparison) -> RenderableType:
    """Return how far each two models agree: overall, and in the largest groups."""
    parts: list[RenderableType] = [
        Text(
            f"{comparison.sample} of {comparison.works} works asked. Two random rankings would "
            f"overlap by {comparison.chance_overlap:.3f}."
        )
    ]
    parts += [_agreement_table(pair) for pair in comparison.pairs]
    parts.append(_INTERVAL_NOTE)
    return Group(*parts)


def _agreement_table(pair: PairComparison) -> Table:
    figures = ("queries", *map(measure_label, MEASURES))
    table = empty_table(
        "works",
        *(right(name, no_wrap=True) for name in figures),
        title=" and ".join(pair.models),
    )
    table.add_row("all", *_agreement_cells(pair.overall))
    for label, groups in pair.groups.items():
        table.add_section()
        if groups:
            table.add_row(Text(f"by {label}", style="dim"))
        largest = sorted(groups.items(), key=lambda item: (-item[1].queries, item[0]))
        for value, found in largest[:MOST_CLASSES]:
            table.add_row(value, *_agreement_cells(found))
    return table


def _agreement_cells(agreement: GroupAgreement) -> list[str]:
    values = [agreement.measures.get(name) for name in MEASURES]
    return [
        str(agreement.queries),
        *("–" if value is None else interval_text(value) for value in values),
    ]


def choosing_tables(results: ChoosingResults) -> RenderableType:
    """Return what each way to answer is worth, beside the best model and beside fusion."""
    return Group(
        Text(f"{results.queries} works asked, each for works of its own {results.label}."),
        *map(drawn, worth_and_shares(results)),
        Text(choosing_verdict(results), style="bold"),
        Text("Learned ways were learned from the works of other artists.", style="dim"),
        _INTERVAL_NOTE,
    )


def choosing_verdict(results: ChoosingResults) -> str:
    """Return in a sentence which ways to choose are better than fusion."""
    if results.earned:
        return f"Better than fusion, for sure: {', '.join(results.earned)}."
    return "No way to choose one model for each query is better than fusion for sure."


def distances_tables(quality: DistanceQuality) -> RenderableType:
    """Return how near the first works are, model by model."""
    return Group(
        Text(
            f"The first {quality.k} works of {quality.queries} of {quality.works} works that asked."
        ),
        drawn(distances_table(quality)),
        Text(
            "nearer than: the share of pairs of works in this collection that are less alike; z: "
            "standard deviations above their mean. These two can be compared between models, "
            "distances and cosines cannot.",
            style="dim",
        ),
        _INTERVAL_NOTE,
    )


def index_quality_tables(quality: IndexQuality) -> RenderableType:
    """Return what the index finds of what a scan finds, and how long both take."""
    outside = [model for model, share in quality.in_graph.items() if share < 1]
    notes = (
        f"Not all vectors of {', '.join(outside)} are in the graph yet; the others are always "
        "searched exactly."
        if outside
        else "All vectors are in the graph."
    )
    asked = max(found.all.queries for kinds in quality.models.values() for found in kinds.values())
    return Group(
        Text(f"{asked} of {quality.works} works asked about; each answer has {quality.k} works."),
        drawn(index_table(quality)),
        Text(notes, style="dim"),
    )


def interval_text(interval: Interval) -> str:
    """Return a value with its confidence interval."""
    return f"{interval.value:.3f}\n[{interval.low:.3f} {interval.high:.3f}]"
