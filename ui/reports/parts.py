"""What a report is made of, as values that :func:`ui.reports.page.render` sets in type.

All texts are plain: they are escaped when they are set, so that a title from a museum's export may
hold anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Mark = Literal["query", "right", "wrong"]


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Args:
        below: smaller, under it: an interval.
        strong: set bold.
    """

    text: str
    below: str = ""
    strong: bool = False


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Named facts, one under the other."""

    facts: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Text:
    """A paragraph."""

    text: str
    faint: bool = False


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command line, set so that it can be copied."""

    line: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table; the first column names the row, the others are set to the right.

    Args:
        rows: as many cells as columns.
        last_apart: set the last row apart, faintly: what chance would give.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    caption: str = ""
    last_apart: bool = False


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A drawing of :func:`ui.reports.charts.svg`, with what is to be seen in it."""

    drawing: str
    caption: str = ""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture of a row.

    Args:
        address: of :func:`ui.pictures.data_uri`; ``None`` where there is no picture.
        title, below: its caption, and a fainter line under that.
        mark: the query itself, a right answer, or a wrong one.
    """

    address: str | None
    title: str
    below: str = ""
    mark: Mark | None = None


@dataclass(frozen=True, kw_only=True)
class PictureRow:
    """Pictures in a row, named to their left."""

    name: str
    pictures: Sequence[Picture]
    note: str = ""
    large: bool = False


@dataclass(frozen=True, kw_only=True)
class Example:
    """A query with its rows of answers."""

    query: Picture
    rows: Sequence[PictureRow]
    note: str = ""


Part = Facts | Text | Command | Table | Chart | PictureRow | Example


@dataclass(frozen=True, kw_only=True)
class Section:
    """Parts under a heading.

    Args:
        note: a faint line under the heading.
    """

    title: str
    parts: Sequence[Part]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """A whole page.

    Args:
        kind: what sort of report it is, over its title.
        lead: what came out, in a sentence or two.
        figures: what a number says -> the number, set large: the few that matter most.
        foot: of which run it is.
    """

    kind: str
    title: str
    lead: str
    sections: Sequence[Section]
    figures: Mapping[str, str] = field(default_factory=dict)
    foot: str = ""


def explained(facts: Mapping[str, str], *said: str) -> Section:
    """Return the section that says what the measures of a report mean.

    Args:
        facts: measure -> what it is.
        said: paragraphs under them.
    """
    texts = [Text(text=text, faint=True) for text in said]
    return Section(
        title="What the measures say", parts=[*([Facts(facts=facts)] if facts else []), *texts]
    )
