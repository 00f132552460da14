"""Tables of metadata: CSV files, however a spreadsheet wrote them, and Parquet files."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from catalog.jobs import Failure
from catalog.plain_text import one_line, well_formed
from ingest.readers.csv_rows import LONGEST_FIELD, BrokenRow, CsvRows
from ingest.readers.encodings import find_encoding
from ingest.readers.faults import unread
from ingest.readers.reader import UnreadableSource

LABEL_COLUMNS = ("title", "artist", "genre", "style", "school", "year", "source")

UNREADABLE_CSV = "file called like a CSV that cannot be read as one; --csv FILE says why"

MOST_COLUMNS = 5_000
"""Of one table. Each value is held with its column's name, row by row."""

_SHOWN_COLUMNS, _SHOWN_LETTERS = 40, 60


class Table(Protocol):
    """Rows with named columns."""

    path: Path
    columns: tuple[str, ...]
    """Names of the columns, in lower case and trimmed, each once."""

    def rows(self) -> Iterator[tuple[int, dict[str, Any]] | Failure]:
        """Go through the rows: the number of each from 1, and its values by column.

        What cannot be read is a failure, and what follows is read all the same.
        """


@dataclass(frozen=True)
class MetadataTable(Table):
    """A CSV, and how it is written."""

    path: Path
    encoding: str
    is_damaged: bool
    """Whether bytes of it are not in its encoding."""
    delimiter: str
    columns: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many values a row has."""
        return len(self.columns)

    @property
    def describes_works(self) -> bool:
        """Whether it says anything of the files that it lists."""
        return "file" in self.columns and any(name in self.columns for name in LABEL_COLUMNS)

    def rows(self) -> Iterator[tuple[int, dict[str, Any]] | Failure]:
        """Go through the rows that hold anything; values are text."""
        for number, row in self.raw_rows():
            if isinstance(row, BrokenRow):
                yield self.failure(number, row)
            elif any(value.strip() for value in row):
                yield number, _by_column(self.columns, row)

    def failure(self, number: int, row: BrokenRow) -> Failure:
        """Return what is said of a broken row."""
        return unread(f"{self.path.name}, row {number}", row.reason, row.line[:80])

    def raw_rows(self) -> Iterator[tuple[int, list[str] | BrokenRow]]:
        """Go through all rows but the header, as they are written."""
        with self.path.open(encoding=self.encoding, errors="replace", newline="") as file:
            for number, row in enumerate(CsvRows(file, self.delimiter)):
                if number:
                    yield number, row


def find_table(folder: Path, given: Path | None, left_out: Counter[str]) -> MetadataTable | None:
    """Return the CSV that describes a folder's images; ``None`` where there is none.

    Args:
        given: the one to take.
        left_out: in which files are counted that are called like a CSV and cannot be read as one.

    Raises:
        UnreadableSource: the one given does not, or the folder has several that do.
    """
    if given is not None:
        table = open_csv(given)
        if table is None or "file" not in table.columns:
            raise UnreadableSource(f"{given} is not a CSV with a column `file`")
        return table
    fitting = []
    for path in sorted(folder.glob("*.csv")):
        try:
            table = open_csv(path)
        except UnreadableSource:
            left_out[UNREADABLE_CSV] += 1
            continue
        if table is not None and table.describes_works:
            fitting.append(table)
    if len(fitting) > 1:
        names = ", ".join(table.path.name for table in fitting)
        raise UnreadableSource(f"{folder} holds several CSV files: {names}. Say which: --csv FILE")
    return fitting[0] if fitting else None


def open_csv(path: Path) -> MetadataTable | None:
    """Return a CSV with its encoding, delimiter and columns; ``None`` where its header is empty.

    Raises:
        UnreadableSource: the file cannot be read, or is not a table.
    """
    try:
        encoding = find_encoding(path)
        with path.open(encoding=encoding.name, errors="replace", newline="") as file:
            line = file.readline(LONGEST_FIELD)
            if not line.strip():
                return None
            delimiter = max(",;\t|", key=line.count)
            file.seek(0)
            header = next(iter(CsvRows(file, delimiter)), [])
    except OSError as error:
        raise UnreadableSource(f"{path} cannot be read: {error.strerror}") from error
    if isinstance(header, BrokenRow):
        raise UnreadableSource(f"{path}: in its first line {header.reason}")
    return MetadataTable(
        path=path,
        encoding=encoding.name,
        is_damaged=encoding.damaged,
        delimiter=delimiter,
        columns=column_names(path, header),
    )


def with_columns(path: Path, wanted: Sequence[str], *, called: str = "") -> MetadataTable:
    """Return a CSV that has certain columns.

    Args:
        called: what it should be, as a message has it.

    Raises:
        UnreadableSource: columns are missing, or it is not a table at all.
    """
    table = open_csv(path)
    columns = table.columns if table else ()
    missing = [name for name in wanted if name not in columns]
    if table is None or missing:
        raise UnreadableSource(
            f"{path} {called}has no column {', '.join(missing)}. It has {named(columns)}"
        )
    return table


def named(columns: Sequence[str]) -> str:
    """Return the names of columns as a message has room for them."""
    shown = [
        name if len(name) <= _SHOWN_LETTERS else f"{name[:_SHOWN_LETTERS]}…" for name in columns
    ]
    more = len(shown) - _SHOWN_COLUMNS
    told = ", ".join(shown[:_SHOWN_COLUMNS]) or "none"
    return f"{told} and {more:,} more" if more > 0 else told


def column_names(path: Path, header: Sequence[str]) -> tuple[str, ...]:
    """Return names for the columns of a header, in lower case, none of them empty or repeated.

    Raises:
        UnreadableSource: there are too many.
    """
    if len(header) > MOST_COLUMNS:
        raise UnreadableSource(
            f"{path} has {len(header):,} columns, and no more than {MOST_COLUMNS:,} are read: "
            "keep those that describe the works"
        )
    names: Counter[str] = Counter()
    found = []
    for number, written in enumerate(header, start=1):
        name = one_line(well_formed(written)).strip().lower() or f"column {number}"
        names[name] += 1
        found.append(name if names[name] == 1 else f"{name} ({names[name]})")
    return tuple(found)


def _by_column(columns: tuple[str, ...], row: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = dict(zip(columns, row, strict=False))
    # A row longer than the header has lost its place in no known column; nothing is dropped.
    surplus = row[len(columns) :]
    if surplus:
        values["(more)"] = ", ".join(surplus)
    return values
