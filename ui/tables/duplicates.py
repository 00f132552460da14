"""What a search for duplicates found, in words and tables for a terminal."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from catalog.dismissals import Dismissal
from search.duplicates import DuplicateGroup, Duplicates
from ui.tables.collection import empty_table, id_column, one_line, records_table


def duplicates_tables(found: Duplicates) -> RenderableType:
    """Return each group with the ids that `vasari duplicates mark` takes."""
    parts: list[RenderableType] = []
    for number, group in enumerate(found.groups, start=1):
        state = " (marked as one work)" if group.marked else ""
        parts.append(records_table(group.works, title=f"{number}{state}"))
        parts += [Text(f"  {line}", style="dim") for line in evidence(group)]
        parts.append(Text())
    parts.append(Text(summary(found)))
    return Group(*parts)


def summary(found: Duplicates) -> str:
    """Return in a sentence what was found."""
    waiting = sum(not group.marked for group in found.groups)
    marked = len(found.groups) - waiting
    return (
        f"{waiting} groups of records that seem to be one work"
        + (f", and {marked} that are marked as one" if marked else "")
        + f", among {found.works} works ({found.compared} pairs compared). "
        + (f"Left out: {_pairs(found.dismissed)} that you dismissed. " if found.dismissed else "")
        + "Nothing was changed."
    )


def dismissals_table(dismissed: Sequence[Dismissal]) -> Table:
    """Return the pairs of records that a curator has told apart, with their ids."""
    table = empty_table(
        id_column("ids"),
        Column("works", max_width=60),
        Column("dismissed", no_wrap=True),
        caption=f"{_pairs(len(dismissed))} dismissed as different works",
    )
    for item in dismissed:
        works = [f"{one_line(work.title)} ({one_line(work.source)})" for work in item.works]
        ids = [str(work.id) for work in item.works]
        table.add_row("\n".join(ids), "\n".join(works), f"{item.dismissed_at:%Y-%m-%d}")
    return table


def _pairs(number: int) -> str:
    return "1 pair" if number == 1 else f"{number} pairs"


def evidence(group: DuplicateGroup) -> list[str]:
    """Return why the records of a group are taken for one work, a sentence for each link."""
    titles = {work.id: f"{one_line(work.title)} ({one_line(work.source)})" for work in group.works}
    lines = []
    for link in group.links:
        names = f"{titles.get(link.first, link.first)} and {titles.get(link.second, link.second)}"
        found = link.agreement
        if found is None:
            lines.append(f"{names}: the same file, byte for byte")
            continue
        shown = f"{found.first_shown:.0%} and {found.second_shown:.0%} of the pictures"
        matched = (
            f"{found.inliers} points match ({found.fitting:.0%} of all matches), "
            if not found.edge_to_edge
            else "laid edge to edge, "
        )
        lines.append(
            f"{names}: {matched}over {shown}, where what is drawn correlates by {found.detail:.2f}"
        )
    return lines
