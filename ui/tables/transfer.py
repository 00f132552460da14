"""What training on labels gained, as a table for a terminal."""

from rich.console import Group, RenderableType
from rich.table import Column
from rich.text import Text

from evaluation.retrieval import DEPTH, RetrievalQuality
from training.projection_transfer import ProjectionQuality
from training.transfer import after_of, before_of, gain_of
from ui.tables.collection import empty_table, right
from ui.tables.evaluation import difference_text, interval_text

MEASURE = f"precision_at_{DEPTH}"


def projection_tables(name: str, quality: ProjectionQuality) -> RenderableType:
    """Return P@10 before and after, on works and on artists that it was not fitted to."""
    table = empty_table(
        Column("asked by", no_wrap=True),
        *map(right, ("queries", "chance", quality.plain, name, "difference")),
        title=f"P@{DEPTH} by {quality.label}",
    )
    asked: list[tuple[str, RetrievalQuality | None]] = [
        ("held-out works", quality.unseen_works.among_all),
        ("  among themselves", quality.unseen_works.among_held_out),
    ]
    if quality.unseen_artists is not None:
        asked += [
            ("artists not seen", quality.unseen_artists.among_all),
            ("  among themselves", quality.unseen_artists.among_held_out),
        ]
    for who, found in asked:
        if found is not None:
            table.add_row(
                who,
                str(found.queries),
                f"{found.chance[MEASURE]:.3f}",
                interval_text(before_of(found).micro[MEASURE]),
                interval_text(after_of(found).micro[MEASURE]),
                difference_text(gain_of(found).micro[MEASURE]),
            )
    return Group(
        Text(
            f"{name} tells {quality.classes} values of {quality.label} apart, learned from "
            f"{quality.works} works by {quality.recipe} on {' and '.join(quality.features)}."
        ),
        table,
        Text(
            f"Each work asked under a projection fitted without it, in {quality.folds} parts. All "
            "other works could answer, to artists not seen those by others; among themselves, only "
            "works held out with the query. [ ]: 95 % confidence interval, by bootstrap over the "
            "queries.",
            style="dim",
        ),
    )
