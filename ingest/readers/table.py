"""The CSV file beside a folder's images."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.readers.reader import UnreadableSource

LABEL_COLUMNS = ("title", "artist", "genre", "style", "school", "year", "source")

csv.field_size_limit(2**24)


@dataclass(frozen=True)
class MetadataTable:
    """A CSV with a column ``file``, and how it is written."""

    path: Path
    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    """Names of the columns, in lower case and trimmed."""

    @property
    def describes_works(self) -> bool:
        """Whether it says anything of the files that it lists."""
        return "file" in self.columns and any(name in self.columns for name in LABEL_COLUMNS)

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Go through the rows: its number from 1, and its values by column."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            rows = csv.reader(file, delimiter=self.delimiter)
            next(rows)
            for number, row in enumerate(rows, start=1):
                if any(value.strip() for value in row):
                    yield number, _by_column(self.columns, row)


def find_table(folder: Path, given: Path | None) -> MetadataTable | None:
    """Return the CSV that describes a folder's images; ``None`` where there is none.

    Raises:
        UnreadableSource: the one given does not, or the folder has several that do.
    """
    if given is not None:
        table = _open(given)
        if table is None or "file" not in table.columns:
            raise UnreadableSource(f"{given} is not a CSV with a column `file`")
        return table
    tables = [table for path in sorted(folder.glob("*.csv")) if (table := _open(path))]
    fitting = [table for table in tables if table.describes_works]
    if len(fitting) > 1:
        names = ", ".join(table.path.name for table in fitting)
        raise UnreadableSource(f"{folder} holds several CSV files: {names}. Say which: --csv FILE")
    return fitting[0] if fitting else None


def _open(path: Path) -> MetadataTable | None:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableSource(f"{path} cannot be read: {error.strerror}") from error
    encoding = _encoding(raw)
    header = raw.decode(encoding).partition("\n")[0].strip("\r")
    if not header.strip():
        return None
    delimiter = max(",;\t", key=header.count)
    columns = next(csv.reader([header], delimiter=delimiter))
    return MetadataTable(
        path=path,
        encoding=encoding,
        delimiter=delimiter,
        columns=tuple(name.strip().lower() for name in columns),
    )


def _encoding(raw: bytes) -> str:
    # Spreadsheets write UTF-16 or the system's code page where they are not told otherwise.
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252" if not _undefined_in_cp1252(raw) else "latin-1"
    return "utf-8-sig"


def _undefined_in_cp1252(raw: bytes) -> bool:
    return any(byte in raw for byte in (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"))


def _by_column(columns: tuple[str, ...], row: list[str]) -> dict[str, str]:
    values = dict(zip(columns, row, strict=False))
    # A row longer than the header has lost its place in no known column; nothing is dropped.
    surplus = row[len(columns) :]
    if surplus:
        values["(more)"] = ", ".join(surplus)
    return values
