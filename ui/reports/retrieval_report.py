"""The report of how often works with the query's label are found."""

from evaluation.examples import Example
from evaluation.labels import one
from evaluation.retrieval import Difference, RetrievalQuality
from ui.reports import parts
from ui.reports.charts import WIDTH
from ui.reports.drawings import Panel, classes_chart, intervals_chart
from ui.reports.pictures import WorkPictures
from ui.reports.tables import classes_table, differences_table, largest_classes, mean_tables
from ui.wording.measures import measure_label, plural

MOST_CLASSES = 40
"""In the chart and the table; the JSON document has them all."""


def retrieval_report(quality: RetrievalQuality, pictures: WorkPictures) -> parts.Report:
    """Return the report of an evaluation of retrieval."""
    first = next(iter(quality.chance))
    best = max(quality.methods, key=lambda name: quality.methods[name].micro[first].value)
    top = quality.methods[best].micro[first]
    shared = f"the same {quality.label}"
    asked = (
        f"{quality.queries:,} of {quality.works:,} works asked, each for other works of its own "
        f"{quality.label}: {len(quality.class_sizes)} {plural(quality.label)} in all."
    )
    apart = " Works by the query’s own artist were left out." if quality.exclude_same_artist else ""
    return parts.Report(
        kind="Evaluation of retrieval",
        title=f"Works of {shared}",
        lead=f"{asked}{apart} {best} does best: of the first {quality.k} works that it finds, "
        f"{_percentage(top.value)} have {shared} as the query, on average; chance would give "
        f"{_percentage(quality.chance[first])}.",
        figures={
            f"{measure_label(first)} of {best}": f"{top.value:.3f}",
            "by chance": f"{quality.chance[first]:.3f}",
            "queries": f"{quality.queries:,}",
            plural(quality.label): f"{len(quality.class_sizes):,}",
        },
        sections=[
            _measures(quality),
            *([_differences(quality)] if quality.differences else []),
            _classes(quality),
            *_examples(quality, pictures),
            _explained(quality),
        ],
    )


def _percentage(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.1f} %"


def _measures(quality: RetrievalQuality) -> parts.Section:
    k = quality.k
    shown = [f"precision_at_{k}", f"map_at_{k}", f"hit_at_{k}"]
    panels = [
        Panel(
            title=measure_label(name),
            values={method: found.micro[name] for method, found in quality.methods.items()},
            baseline=quality.chance[name],
        )
        for name in shown
    ]
    return parts.Section(
        title="How good each model is",
        note="Small figures and lines: 95 % confidence interval, by bootstrap over the queries. "
        "Dashed: chance.",
        parts=[
            parts.Chart(drawing=intervals_chart(panels)),
            *mean_tables(quality),
        ],
    )


def _differences(quality: RetrievalQuality) -> parts.Section:
    shown = next(iter(quality.chance))
    chart = intervals_chart(
        [
            Panel(
                title=f"difference in {measure_label(shown)}",
                values={_between(item): item.micro[shown] for item in quality.differences},
                baseline=0.0,
            )
        ],
        one_colour=True,
        width=WIDTH // 2,
    )
    return parts.Section(
        title="Which differences are sure",
        note="Query by query, the first less the second. Bold where the interval does not hold 0.",
        parts=[
            parts.Chart(drawing=chart),
            differences_table(quality),
        ],
    )


def _between(difference: Difference) -> str:
    return f"{difference.first} − {difference.second}"


def _classes(quality: RetrievalQuality) -> parts.Section:
    measure = measure_label(next(iter(quality.chance)))
    shown = {
        f"{name} ({quality.class_sizes[name]})": {
            method: interval.value for method, interval in values.items()
        }
        for name, values in largest_classes(quality, MOST_CLASSES).items()
    }
    left = len(quality.class_sizes) - len(shown)
    return parts.Section(
        title=f"By {quality.label}",
        note=f"{measure}, the {quality.label} with the most works first"
        + (f"; {left} smaller ones are in the JSON document." if left else "."),
        parts=[
            parts.Chart(drawing=classes_chart(measure, shown)),
            classes_table(quality, MOST_CLASSES),
        ],
    )


def _examples(quality: RetrievalQuality, pictures: WorkPictures) -> list[parts.Section]:
    if quality.examples is None:
        return []
    sorts = (
        (
            "Answered best",
            quality.examples.best,
            "The queries with the best rankings under all models together.",
        ),
        (
            "Answered worst",
            quality.examples.worst,
            "No model finds much for these, though there would be right answers.",
        ),
        (
            "Most disputed",
            quality.examples.disputed,
            "Where one model finds right answers and another does not.",
        ),
    )
    return [
        parts.Section(
            title=title,
            note=f"{note} Framed in green: of the query’s {quality.label}.",
            parts=[_example(item, quality, pictures) for item in examples],
        )
        for title, examples, note in sorts
        if examples
    ]


def _example(example: Example, quality: RetrievalQuality, pictures: WorkPictures) -> parts.Example:
    others = "1 other work" if example.relevant == 1 else f"{example.relevant:,} other works"
    return parts.Example(
        query=pictures.show(example.query, mark="query"),
        note=f"{example.label}: {others}",
        rows=[
            parts.PictureRow(
                name=method,
                note=f"{round(example.precisions[method] * quality.k)} of {quality.k} right",
                pictures=[
                    pictures.show(answer.work, mark="right" if answer.right else "wrong")
                    for answer in answers
                ],
            )
            for method, answers in example.answers.items()
        ],
    )


def _explained(quality: RetrievalQuality) -> parts.Section:
    k = quality.k
    return parts.explained(
        {
            f"P@{k}": f"share of the first {k} works that are right",
            f"recall@{k}": f"share of all right works that are among the first {k}",
            f"mAP@{k}": "precision at each right work, averaged: right works early in the ranking "
            "count more",
            f"nDCG@{k}": "right works, each discounted by the logarithm of its rank, over the most "
            "there could be",
            "R-prec.": "share of right works among the first R, where R is how many there are",
            f"hit@{k}": f"share of queries with a right work among the first {k}",
        },
        f"A work asks if it has {one(quality.label)} that another work shares. Copies of the query "
        f"never count, neither for nor against. Works without {one(quality.label)} are never "
        "right, but keep their places in the rankings. Rankings are exact.",
    )
