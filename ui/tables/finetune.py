"""What a fine-tuning came to, as tables for a terminal."""

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from training.transfer import TransferQuality, after_of, before_of, gain_of
from ui.tables.collection import empty_table, right
from ui.tables.evaluation import difference_text, interval_text

if TYPE_CHECKING:
    from training.finetuning.outcome import FineTuned

MEASURE = "precision_at_10"


def finetune_tables(tuned: "FineTuned") -> RenderableType:
    """Return what the new model gained over its parent, and what to do with it."""
    spec = tuned.spec
    sizes = ", ".join(f"{count} {part}" for part, count in tuned.sizes.items())
    return Group(
        Text(
            f"{spec.name} was trained on {len(tuned.classes)} values of {spec.label} ({sizes}), "
            f"and gives the {spec.embedding} embedding."
        ),
        transfer_table(tuned),
        Text(
            "To a work by an unseen artist, no other of that artist's answers. "
            "[ ]: 95 % confidence interval, by bootstrap over the queries.",
            style="dim",
        ),
        Text(
            f"{tuned.accuracy:.1%} of the held-out works are classified correctly. "
            f"Report: {tuned.own.folder / 'report.html'}"
        ),
        Text(f"Put it beside {spec.model}: vasari reembed --model {spec.name}"),
    )


def transfer_table(tuned: "FineTuned") -> Table:
    """Return P@10 before and after of both embeddings, by whom was asked."""
    figures = ("queries", "before", "after", "gained")
    table = empty_table(
        "asked by",
        "embedding",
        *(right(name, no_wrap=True) for name in figures),
        title=f"P@10 by {tuned.spec.label}",
    )
    for embedding, transfer in tuned.transfer.items():
        _add(table, "held-out works", embedding, transfer.held_out)
        if transfer.unseen is not None:
            _add(table, "unseen artists' works", embedding, transfer.unseen)
    return table


def _add(table: Table, who: str, embedding: str, quality: TransferQuality) -> None:
    for among, found in (
        ("", quality.among_all),
        (", among themselves", quality.among_held_out),
    ):
        if found is not None:
            table.add_row(
                who + among,
                embedding,
                str(found.queries),
                interval_text(before_of(found).micro[MEASURE]),
                interval_text(after_of(found).micro[MEASURE]),
                difference_text(gain_of(found).micro[MEASURE]),
            )
