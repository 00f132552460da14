"""What evaluations found, as tables for a terminal."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from evaluation.agreement import MEASURES, CollectionComparison, GroupAgreement, PairComparison
from evaluation.bootstrap import Interval
from evaluation.choosing import ChoosingResults
from evaluation.distances import DistanceQuality
from evaluation.index_quality import IndexQuality
from evaluation.labels import one
from evaluation.retrieval import RetrievalQuality
from ui.tables.collection import empty_table, right
from ui.wording.measures import KINDS, measure_label, plural
from ui.wording.numbers import decimal, percent

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
    parts: list[RenderableType] = [
        Text(heading),
        _measures_table("mean over all queries", quality, macro=False),
        _measures_table(f"mean over the {classes} {plural(quality.label)}", quality, macro=True),
    ]
    if quality.differences:
        parts.append(_differences_table(quality))
    parts.append(_classes_table(quality))
    parts.append(_INTERVAL_NOTE)
    return Group(*parts)


def _measures_table(title: str, quality: RetrievalQuality, *, macro: bool) -> Table:
    level = quality.chance_macro if macro else quality.chance
    table = _table_by_measure(title, level)
    for method, found in quality.methods.items():
        values = found.macro if macro else found.micro
        table.add_row(method, *(interval_text(values[name]) for name in level))
    table.add_row("chance", *(f"{value:.3f}" for value in level.values()), style="dim")
    return table


def _table_by_measure(title: str, measures: Iterable[str]) -> Table:
    labels = (measure_label(name).replace("@", "\n@") for name in measures)
    return empty_table(Column("", no_wrap=True), *map(right, labels), title=title)


def _differences_table(quality: RetrievalQuality) -> Table:
    table = _table_by_measure("differences, query by query", quality.chance)
    for difference in quality.differences:
        table.add_row(
            f"{difference.first}\n− {difference.second}",
            *(difference_text(difference.micro[name]) for name in quality.chance),
        )
    return table


def _classes_table(quality: RetrievalQuality) -> Table:
    measure = next(iter(quality.chance))
    table = empty_table(
        quality.label,
        *map(right, ("queries", *quality.methods)),
        title=f"{measure_label(measure)} of the largest {plural(quality.label)}",
    )
    largest = sorted(quality.class_sizes.items(), key=lambda pair: (-pair[1], pair[0]))
    for name, size in largest[:MOST_CLASSES]:
        values = [found.classes[name][measure] for found in quality.methods.values()]
        table.add_row(name, str(size), *(interval_text(value) for value in values))
    return table


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
    table = empty_table(
        "",
        *map(right, ("P@10", f"over {results.best_model}", "over fusion")),
        right("chosen, or weight", overflow="fold"),
    )
    for method in results.methods:
        table.add_row(
            method.name,
            interval_text(method.precision),
            difference_text(method.over_best_model),
            difference_text(method.over_fusion),
            "\n".join(f"{model} {share:.2f}" for model, share in method.shares.items()),
        )
    return Group(
        Text(f"{results.queries} works asked, each for works of its own {results.label}."),
        table,
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
    measures = ("angular distance", "std", "cosine", "std", "nearer than", "z")
    table = empty_table(Column("", no_wrap=True), *map(right, measures))
    for model, found in quality.models.items():
        nearer = found.percentile
        table.add_row(
            model,
            interval_text(found.angular_distance),
            decimal(found.hits.std_angular_distance, 3),
            interval_text(found.cosine),
            decimal(found.hits.std_cosine, 3),
            f"{percent(nearer.value)}\n[{percent(nearer.low)} {percent(nearer.high)}]",
            f"{found.z.value:.2f}\n[{found.z.low:.2f} {found.z.high:.2f}]",
        )
    return Group(
        Text(
            f"The first {quality.k} works of {quality.queries} of {quality.works} works that asked."
        ),
        table,
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
    table = empty_table(
        Column("", no_wrap=True),
        Column("questions", no_wrap=True),
        *map(right, (f"recall@{quality.k}", "ms, median", "ms, 95th", "exact, ms")),
    )
    for model, kinds in quality.models.items():
        for kind, found in kinds.items():
            table.add_row(
                model,
                KINDS[kind],
                "–" if found.recall is None else f"{found.recall.value:.4f}",
                f"{found.all.p50_ms:.2f}",
                f"{found.all.p95_ms:.2f}",
                f"{found.all.exact_p50_ms:.2f}",
            )
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
        table,
        Text(notes, style="dim"),
    )


def interval_text(interval: Interval) -> str:
    """Return a value with its confidence interval."""
    return f"{interval.value:.3f}\n[{interval.low:.3f} {interval.high:.3f}]"


def difference_text(interval: Interval) -> Text:
    """Return a difference with its interval, bold where the interval does not hold 0."""
    sure = interval.low > 0 or interval.high < 0
    text = f"{interval.value:+.3f}\n[{interval.low:+.3f} {interval.high:+.3f}]"
    return Text(text, style="bold" if sure else "")
