"""Tables of metadata: CSV files, however a spreadsheet wrote them, and Parquet files."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ingest.readers.files import require_regular_file
from ingest.readers.reader import UnreadableSource

LABEL_COLUMNS = ("title", "artist", "genre", "style", "school", "year", "source")

_BLOCK = 1 << 20  # bytes read at once where only the encoding is looked for

csv.field_size_limit(2**24)


class Table(Protocol):
    """Rows with named columns."""

    path: Path
    columns: tuple[str, ...]
    """Names of the columns, in lower case and trimmed, each once."""

    def rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Go through the rows: its number from 1, and its values by column."""


@dataclass(frozen=True)
class MetadataTable(Table):
    """A CSV, and how it is written."""

    path: Path
    encoding: str
    delimiter: str
    columns: tuple[str, ...]

    @property
    def describes_works(self) -> bool:
        """Whether it says anything of the files that it lists."""
        return "file" in self.columns and any(name in self.columns for name in LABEL_COLUMNS)

    def rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Go through the rows that hold anything; values are text.

        Raises:
            UnreadableSource: a field of a row never ends.
        """
        with self.path.open(encoding=self.encoding, newline="") as file:
            rows = csv.reader(file, delimiter=self.delimiter)
            try:
                next(rows)
                for number, row in enumerate(rows, start=1):
                    if any(value.strip() for value in row):
                        yield number, _by_column(self.columns, row)
            except csv.Error as error:
                raise UnreadableSource(
                    f"{self.path}, line {rows.line_num}: {error}; is a quotation mark left open?"
                ) from error


def find_table(folder: Path, given: Path | None) -> MetadataTable | None:
    """Return the CSV that describes a folder's images; ``None`` where there is none.

    Raises:
        UnreadableSource: the one given does not, or the folder has several that do.
    """
    if given is not None:
        table = open_csv(given)
        if table is None or "file" not in table.columns:
            raise UnreadableSource(f"{given} is not a CSV with a column `file`")
        return table
    tables = [
        table
        for path in sorted(folder.glob("*.csv"))
        if path.is_file() and (table := open_csv(path))
    ]
    fitting = [table for table in tables if table.describes_works]
    if len(fitting) > 1:
        names = ", ".join(table.path.name for table in fitting)
        raise UnreadableSource(f"{folder} holds several CSV files: {names}. Say which: --csv FILE")
    return fitting[0] if fitting else None


def open_csv(path: Path) -> MetadataTable | None:
    """Return a CSV with its encoding, delimiter and columns; ``None`` where its header is empty.

    Raises:
        UnreadableSource: the file cannot be read.
    """
    require_regular_file(path)
    try:
        encoding = find_encoding(path)
        with path.open(encoding=encoding, newline="") as file:
            line = file.readline()
            if not line.strip():
                return None
            delimiter = max(",;\t|", key=line.count)
            file.seek(0)
            header = next(csv.reader(file, delimiter=delimiter))
    except OSError as error:
        raise UnreadableSource(f"{path} cannot be read: {error.strerror}") from error
    except csv.Error as error:
        raise UnreadableSource(f"{path} is not a CSV: {error}") from error
    return MetadataTable(
        path=path, encoding=encoding, delimiter=delimiter, columns=column_names(header)
    )


def find_encoding(path: Path) -> str:
    """Return the encoding of a text file, reading it once.

    Raises:
        OSError: it cannot be read.
    """
    # Spreadsheets write UTF-16 or the system's code page where they are not told otherwise.
    undefined_in_cp1252 = False
    is_utf8 = True
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        if file.read(2) in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
            return "utf-16"
        file.seek(0)
        while block := file.read(_BLOCK):
            undefined_in_cp1252 |= any(byte in block for byte in b"\x81\x8d\x8f\x90\x9d")
            is_utf8 = is_utf8 and _decodes(decoder, block)
    if is_utf8 and _decodes(decoder, b"", final=True):
        return "utf-8-sig"
    return "latin-1" if undefined_in_cp1252 else "cp1252"


def column_names(header: Sequence[str]) -> tuple[str, ...]:
    """Return names for the columns of a header, in lower case, none of them empty or repeated."""
    names: Counter[str] = Counter()
    found = []
    for number, written in enumerate(header, start=1):
        name = written.strip().lower() or f"column {number}"
        names[name] += 1
        found.append(name if names[name] == 1 else f"{name} ({names[name]})")
    return tuple(found)


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _by_column(columns: tuple[str, ...], row: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = dict(zip(columns, row, strict=False))
    # A row longer than the header has lost its place in no known column; nothing is dropped.
    surplus = row[len(columns) :]
    if surplus:
        values["(more)"] = ", ".join(surplus)
    return values
