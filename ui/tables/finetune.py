"""What a fine-tuning came to, as tables for a terminal."""

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from ui.reports.tables import finetune_table
from ui.tables.measured import drawn

if TYPE_CHECKING:
    from training.finetuning.outcome import FineTuned


def finetune_tables(tuned: "FineTuned") -> RenderableType:
    """Return what the new model gained over its parent, and what to do with it."""
    spec = tuned.spec
    sizes = ", ".join(f"{count} {part}" for part, count in tuned.sizes.items())
    return Group(
        Text(
            f"{spec.name} was trained on {len(tuned.classes)} values of {spec.label} ({sizes}), "
            f"and gives the {spec.embedding} embedding."
        ),
        drawn(finetune_table(tuned.transfer, caption=f"P@10 by {spec.label}")),
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
