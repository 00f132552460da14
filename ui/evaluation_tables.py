"""What evaluations found, as tables for a terminal."""

from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evaluation.bootstrap import Interval
from evaluation.retrieval import RetrievalQuality
from ui.tables import empty_table

MOST_CLASSES = 12
"""Shown in a terminal; the document has them all."""


def retrieval_tables(quality: RetrievalQuality) -> RenderableType:
    """Return the measures of each method, the differences, and the largest classes."""
    classes = len(quality.class_sizes)
    heading = (
        f"{quality.queries} of {quality.works} works asked, each for works of its own "
        f"{quality.label}: {classes} in all. {quality.labelled - quality.queries} more have a "
        f"{quality.label} that no other candidate has."
    )
    parts: list[RenderableType] = [
        Text(heading),
        _measures_table("mean over all queries", quality, macro=False),
        _measures_table(f"mean over the {classes} classes", quality, macro=True),
    ]
    if quality.differences:
        parts.append(_differences_table(quality))
    parts.append(_classes_table(quality))
    parts.append(Text("[ ]: 95 % confidence interval, by bootstrap over the queries.", style="dim"))
    return Group(*parts)


def _measures_table(title: str, quality: RetrievalQuality, *, macro: bool) -> Table:
    table = empty_table(title=title)
    table.add_column("", no_wrap=True)
    level = quality.chance_macro if macro else quality.chance
    for name in level:
        table.add_column(measure_label(name).replace("@", "\n@"), justify="right")
    for method, found in quality.methods.items():
        values = found.macro if macro else found.micro
        table.add_row(method, *(interval_text(values[name]) for name in level))
    table.add_row("chance", *(f"{value:.3f}" for value in level.values()), style="dim")
    return table


def _differences_table(quality: RetrievalQuality) -> Table:
    table = empty_table(title="differences, query by query")
    table.add_column("", no_wrap=True)
    for name in quality.chance:
        table.add_column(measure_label(name).replace("@", "\n@"), justify="right")
    for difference in quality.differences:
        table.add_row(
            f"{difference.first}\n− {difference.second}",
            *(difference_text(difference.micro[name]) for name in quality.chance),
        )
    return table


def _classes_table(quality: RetrievalQuality) -> Table:
    measure = next(iter(quality.chance))
    table = empty_table(title=f"{measure_label(measure)} of the largest classes")
    table.add_column(quality.label)
    table.add_column("queries", justify="right")
    for method in quality.methods:
        table.add_column(method, justify="right")
    largest = sorted(quality.class_sizes.items(), key=lambda pair: (-pair[1], pair[0]))
    for name, size in largest[:MOST_CLASSES]:
        values = [found.classes[name][measure] for found in quality.methods.values()]
        table.add_row(name, str(size), *(interval_text(value) for value in values))
    return table


def measure_label(name: str) -> str:
    """Return a measure's name as people write it: ``map_at_10`` is mAP@10."""
    name, _, k = name.partition("_at_")
    written: Mapping[str, str] = {
        "precision": "P",
        "map": "mAP",
        "ndcg": "nDCG",
        "r_precision": "R-prec.",
    }
    return written.get(name, name) + (f"@{k}" if k else "")


def interval_text(interval: Interval) -> str:
    """Return a value with its confidence interval."""
    return f"{interval.value:.3f}\n[{interval.low:.3f} {interval.high:.3f}]"


def difference_text(interval: Interval) -> Text:
    """Return a difference with its interval, bold where the interval does not hold 0."""
    sure = interval.low > 0 or interval.high < 0
    text = f"{interval.value:+.3f}\n[{interval.low:+.3f} {interval.high:+.3f}]"
    return Text(text, style="bold" if sure else "")
