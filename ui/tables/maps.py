"""Maps that were drawn, as a table for a terminal."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Column
from rich.text import Text

from maintenance.map_drawing import DrawnMap
from ui.tables.collection import empty_table, right

MANY_PLACED = 0.25
"""Of a map with a greater share of works that it was not computed from, the order suffers."""


def maps_table(drawn: Sequence[DrawnMap]) -> RenderableType:
    """Return the maps, a row each, and which of them are worth drawing anew."""
    table = empty_table(
        Column("model"),
        *(right(name) for name in ("works", "placed now", "taken off", "seconds")),
    )
    for item in drawn:
        table.add_row(
            item.model,
            f"{item.works:,}",
            "drawn anew" if item.anew else f"{item.placed:,}",
            f"{item.removed:,}",
            f"{item.seconds:.1f}",
        )
    stale = [item.model for item in drawn if item.works > (1 + MANY_PLACED) * item.fitted]
    if not stale:
        return table
    flags = " ".join(f"--model {name}" for name in stale)
    return Group(
        table,
        Text(f"Many works came after these maps: `vasari map --anew {flags}` draws them again."),
    )
