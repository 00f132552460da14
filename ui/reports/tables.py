"""What evaluations measured, in the tables that reports and terminals both show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.retrieval import DEPTH, RetrievalQuality
from training.transfer import TransferQuality, after_of, before_of, gain_of
from ui.reports.cells import difference_cell, value_cell
from ui.reports.parts import Cell, Table
from ui.wording.measures import KINDS, measure_label, plural
from ui.wording.numbers import decimal, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from evaluation.bootstrap import Interval
    from evaluation.choosing import ChoosingResults
    from evaluation.distances import DistanceQuality
    from evaluation.index_quality import IndexQuality
    from training.finetuning.outcome import TransferReport
    from training.finetuning.presets import Embedding
    from training.projection_transfer import ProjectionQuality

TRANSFER_MEASURE = f"precision_at_{DEPTH}"


def mean_tables(quality: RetrievalQuality) -> list[Table]:
    """Return the measures of each method: means over the queries, and over the classes."""
    classes = f"{len(quality.class_sizes)} {plural(quality.label)}"
    return [
        _means("Mean over all queries", quality, macro=False),
        _means(f"Mean over the {classes}", quality, macro=True),
    ]


def _means(caption: str, quality: RetrievalQuality, *, macro: bool) -> Table:
    chance = quality.chance_macro if macro else quality.chance
    values = {
        method: found.macro if macro else found.micro for method, found in quality.methods.items()
    }
    best = {name: max(found[name].value for found in values.values()) for name in chance}
    rows: list[list[str | Cell]] = [
        [
            method,
            *(value_cell(found[name], strong=found[name].value == best[name]) for name in chance),
        ]
        for method, found in values.items()
    ]
    rows.append(["chance", *(decimal(value, 3) for value in chance.values())])
    columns = ["", *map(measure_label, chance)]
    return Table(columns=columns, rows=rows, caption=caption, last_apart=True)


def differences_table(quality: RetrievalQuality) -> Table:
    """Return how much better one method is than another, query by query."""
    return Table(
        columns=["", *map(measure_label, quality.chance)],
        rows=[
            [
                Cell(item.first, below=f"− {item.second}"),
                *(difference_cell(item.micro[name]) for name in quality.chance),
            ]
            for item in quality.differences
        ],
    )


def largest_classes(quality: RetrievalQuality, most: int) -> dict[str, dict[str, Interval]]:
    """Return the first measure of each method in the classes with the most works."""
    first = next(iter(quality.chance))
    largest = sorted(quality.class_sizes.items(), key=lambda pair: (-pair[1], pair[0]))
    return {
        name: {method: found.classes[name][first] for method, found in quality.methods.items()}
        for name, _ in largest[:most]
    }


def classes_table(quality: RetrievalQuality, most: int) -> Table:
    """Return the largest classes, a row each."""
    return Table(
        columns=[str(quality.label), "queries", *quality.methods],
        rows=[
            [name, f"{quality.class_sizes[name]:,}", *map(value_cell, values.values())]
            for name, values in largest_classes(quality, most).items()
        ],
    )


def worth_and_shares(results: ChoosingResults) -> tuple[Table, Table]:
    """Return what each way to answer is worth, and what was chosen."""
    chosen = [method for method in results.methods if method.shares]
    models = list(dict.fromkeys(name for method in chosen for name in method.shares))
    return (
        Table(
            columns=["", "P@10", f"over {results.best_model}", "over fusion"],
            rows=[
                [
                    method.name,
                    value_cell(method.precision),
                    difference_cell(method.over_best_model),
                    difference_cell(method.over_fusion),
                ]
                for method in results.methods
            ],
        ),
        Table(
            columns=["", *models],
            rows=[
                [method.name, *(decimal(method.shares.get(name), 2) for name in models)]
                for method in chosen
            ],
        ),
    )


def distances_table(quality: DistanceQuality) -> Table:
    """Return how near the first works are, model by model."""
    return Table(
        columns=["", "angular distance", "std", "cosine", "std", "nearer than", "z"],
        rows=[
            [
                model,
                value_cell(found.angular_distance),
                decimal(found.hits.std_angular_distance, 3),
                value_cell(found.cosine),
                decimal(found.hits.std_cosine, 3),
                Cell(
                    percent(found.percentile.value),
                    below=f"[{percent(found.percentile.low)}, {percent(found.percentile.high)}]",
                ),
                value_cell(found.z, digits=2),
            ]
            for model, found in quality.models.items()
        ],
    )


def index_table(quality: IndexQuality) -> Table:
    """Return what the index finds of what a scan finds, and the milliseconds that both take."""
    figures = ["questions", f"recall@{quality.k}", "median", "95th percentile", "scan, median"]
    return Table(
        columns=["", *figures, "in the graph"],
        rows=[
            [
                Cell(model, below=KINDS[kind]),
                f"{found.all.queries:,}",
                "–" if found.recall is None else value_cell(found.recall, digits=4),
                f"{found.all.p50_ms:.2f}",
                f"{found.all.p95_ms:.2f}",
                f"{found.all.exact_p50_ms:.2f}",
                percent(100 * quality.in_graph[model]),
            ]
            for model, kinds in quality.models.items()
            for kind, found in kinds.items()
        ],
    )


def projection_table(name: str, quality: ProjectionQuality) -> Table:
    """Return what a projection gained, on works and on artists that it was not fitted to."""
    return Table(
        columns=["asked by", "queries", "chance", quality.plain, name, "difference"],
        rows=[
            [
                who,
                str(found.queries),
                f"{found.chance[TRANSFER_MEASURE]:.3f}",
                *_transfer_cells(found),
            ]
            for who, found in _asked_by(quality.unseen_works, quality.unseen_artists)
        ],
        caption=f"P@{DEPTH} by {quality.label}",
    )


def finetune_table(transfer: Mapping[Embedding, TransferReport], *, caption: str) -> Table:
    """Return what fine-tuning gained, by embedding."""
    return Table(
        columns=["asked by", "embedding", "queries", "before", "after", "gained"],
        rows=[
            [who, embedding, str(found.queries), *_transfer_cells(found)]
            for embedding, gained in transfer.items()
            for who, found in _asked_by(gained.held_out, gained.unseen)
        ],
        caption=caption,
    )


def _asked_by(
    works: TransferQuality, artists: TransferQuality | None
) -> Iterator[tuple[str, RetrievalQuality]]:
    """Yield what was gained, by who asked and, behind each, where only they answered."""
    for who, quality in (("held-out works", works), ("artists not seen", artists)):
        if quality is not None:
            yield who, quality.among_all
            if quality.among_held_out is not None:
                yield "  among themselves", quality.among_held_out


def _transfer_cells(quality: RetrievalQuality) -> tuple[Cell, Cell, Cell]:
    return (
        value_cell(before_of(quality).micro[TRANSFER_MEASURE]),
        value_cell(after_of(quality).micro[TRANSFER_MEASURE]),
        difference_cell(gain_of(quality).micro[TRANSFER_MEASURE]),
    )
