"""The tables of reports, in a terminal."""

from rich.table import Column, Table
from rich.text import Text

from ui.reports import parts
from ui.tables.collection import empty_table, right


def drawn(table: parts.Table) -> Table:
    """Return a report's table as a terminal shows it."""
    first, *others = table.columns
    rows = [[_text(cell) for cell in row] for row in table.rows]
    # Names break between words only, however narrow the terminal is.
    longest = max((len(word) for row in rows for word in row[0].plain.split()), default=0)
    shown = empty_table(Column(first, min_width=longest), *map(right, others), title=table.caption)
    for number, row in enumerate(rows, start=1):
        style = "dim" if table.last_apart and number == len(rows) else ""
        shown.add_row(*row, style=style)
    return shown


def _text(cell: str | parts.Cell) -> Text:
    if isinstance(cell, str):
        return Text(cell)
    lines = [cell.text, cell.below] if cell.below else [cell.text]
    return Text("\n".join(lines), style="bold" if cell.strong else "")
