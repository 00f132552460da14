"""The rows of a CSV, one after the other, whatever one of them is like."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOBase
from typing import Final

LONGEST_FIELD: Final = 2**24
"""Characters. A quotation mark that is left open ends here, if nowhere else."""

MOST_BROKEN: Final = 100
"""Rows with an open quotation mark. Each is read to where its field would end, and then again."""

OPEN_QUOTE: Final = "a quotation mark is left open"
TOO_MANY_BROKEN: Final = "the rest is not read, since too many rows have an open quotation mark"

csv.field_size_limit(LONGEST_FIELD)


@dataclass(frozen=True)
class BrokenRow:
    """A row that cannot be read, and the line that it begins with."""

    reason: str
    line: str = ""


class CsvRows:
    """Rows of a CSV. One whose quotation marks do not match takes no other row with it.

    Such a mark swallows the rows that follow, up to the next mark or the end of the file. A row of
    several lines that is no valid CSV, or that does not fit the header, is therefore given as a
    :class:`BrokenRow`, and the lines after its first are read as rows of their own.

    Args:
        width: how many values the header has, where it is not among the lines.
    """

    def __init__(self, file: TextIOBase, delimiter: str, *, width: int | None = None) -> None:
        self._lines = _Lines(file)
        self._delimiter = delimiter
        self._width = width

    def __iter__(self) -> Iterator[list[str] | BrokenRow]:
        """Go through the rows, the header too; blank lines are empty rows."""
        reader = csv.reader(self._lines, delimiter=self._delimiter)
        broken = 0
        while True:
            self._lines.begin_row()
            try:
                row = next(reader, None)
                if row is None:
                    return
                self._width = self._width or len(row)
                if len(self._lines.of_row) > 1:
                    # Not only at the end of the file: the mark that opens the next field closes it.
                    self._check(row, self._width)
            except csv.Error:
                broken += 1
                if broken > MOST_BROKEN:
                    yield BrokenRow(TOO_MANY_BROKEN)
                    return
                yield BrokenRow(OPEN_QUOTE, self._lines.of_row[0].rstrip("\r\n"))
                self._lines.read_again_from_the_second()
                reader = csv.reader(self._lines, delimiter=self._delimiter)
            else:
                yield row

    def _check(self, row: list[str], width: int) -> None:
        """Make sure that lines are one row."""
        list(csv.reader(self._lines.of_row, delimiter=self._delimiter, strict=True))
        if len(row) != width:
            raise csv.Error("several lines, and another number of values than the header has")


class _Lines:
    """Lines of a file, none of them endless, and those of the row in hand once more."""

    def __init__(self, file: TextIOBase) -> None:
        self._file = file
        self._waiting: deque[str] = deque()
        self.of_row: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._file.readline(LONGEST_FIELD)
        if not line:
            raise StopIteration
        self.of_row.append(line)
        return line

    def begin_row(self) -> None:
        self.of_row = []

    def read_again_from_the_second(self) -> None:
        self._waiting.extendleft(reversed(self.of_row[1:]))
