"""What a source would bring, as tables for a terminal."""

from collections.abc import Mapping, Sequence

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from catalog.centuries import century_name
from catalog.record import ArtworkRecord
from ingest.survey import Duplicates, Survey
from ui.tables.collection import empty_table, facts_table, failure_lines, one_line, right

SHOWN = 10
"""Values of a field that are shown; the others are counted together."""


def survey_tables(found: Survey) -> RenderableType:
    """Return counts, what is missing or double, what failed, and the first records."""
    centuries = {century_name(number): works for number, works in found.centuries.items()}
    counted = [*found.counts.items(), ("century", centuries)]
    parts: list[RenderableType] = [
        Text(f"{found.works} works would be read; nothing has been written.", style="bold"),
        Text(
            "\n".join(
                [f"left out: {count} × {what}" for what, count in found.left_out.items()]
                + failure_lines(found.failures)
            )
        ),
        Columns(
            [
                _counts(name, values, in_order=name == "century")
                for name, values in counted
                if values
            ],
            padding=(0, 3),
        ),
        *(
            [_counts("without", {name: works for name, works in found.missing.items() if works})]
            if found.works
            else []
        ),
        *_duplicates("title and artist are those of an earlier work", found.same_title_and_artist),
        *_duplicates("the image is that of an earlier work", found.same_image),
    ]
    if found.extra:
        names = ", ".join(found.extra)
        parts.append(Text(f"Also kept with the works: {names}", style="dim"))
    parts += [_record(number, record) for number, record in enumerate(found.first, start=1)]
    return Group(*(part for part in parts if not isinstance(part, Text) or part.plain))


def _counts(name: str, values: Mapping[str, int], *, in_order: bool = False) -> Table:
    table = empty_table(Column(name, max_width=36), right("works"))
    shown = list(values.items()) if in_order else list(values.items())[:SHOWN]
    for value, works in shown:
        table.add_row(one_line(value), str(works))
    others = len(values) - len(shown)
    if others:
        left = sum(values.values()) - sum(works for _, works in shown)
        table.add_row(Text(f"{others} more", style="dim"), Text(str(left), style="dim"))
    return table


def _duplicates(what: str, found: Duplicates) -> Sequence[RenderableType]:
    if not found.works:
        return []
    examples = "; ".join(one_line(example) for example in found.examples)
    return [Text(f"{found.works} works: {what}, such as {examples}")]


def _record(number: int, record: ArtworkRecord) -> RenderableType:
    facts: dict[str, object] = {
        name: value
        for name in ("title", "artist", "year", "genre", "style", "school", "image_location")
        if (value := getattr(record, name)) is not None
    }
    facts |= {name: value for name, value in record.extra.items() if isinstance(value, str | int)}
    return Group(Text(f"\n{number}. {record.source} {record.source_id}"), facts_table(facts))
