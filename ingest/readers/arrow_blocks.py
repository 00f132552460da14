"""A CSV in blocks of Arrow's columns: fast, and slowly where its reader stumbles over a row."""

from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

from catalog.batching import batched
from catalog.jobs import Failure
from ingest.readers.csv_rows import BrokenRow, CsvRows
from ingest.readers.faults import unread
from ingest.readers.table import MetadataTable

MISFIT = "row does not fit the table's header"

_BLOCK_BYTES = 4 << 20  # some thousand objects; also the longest row that Arrow's reader takes
_ROWS_A_BLOCK = 5_000


def blocks(table: MetadataTable, failures: list[Failure]) -> Iterator[Any]:
    """Go through a table in blocks, each an Arrow table of texts.

    Args:
        failures: to which rows are added that cannot be read.
    """
    import pyarrow as pa
    from pyarrow import csv

    if table.is_damaged:
        # Arrow's reader cannot tell of a row that it cannot decode.
        yield from _read_slowly(table, 0, failures)
        return
    swallowed: list[tuple[int, str]] = []

    def note(bad: Any) -> str:
        number = (bad.number or 1) - 1
        if len(bad.text.splitlines()) > 1:
            swallowed.append((number, bad.text))
        else:
            failures.append(_misfit(table, number, bad.actual_columns, bad.text))
        return "skip"

    read = 0
    try:
        with csv.open_csv(
            table.path,
            read_options=csv.ReadOptions(
                use_threads=False,  # the blocks ahead cost memory, and numbers rows in order
                block_size=_BLOCK_BYTES,
                skip_rows=1,
                column_names=list(table.columns),
                encoding="utf8" if table.encoding == "utf-8-sig" else table.encoding,
            ),
            parse_options=csv.ParseOptions(
                delimiter=table.delimiter, newlines_in_values=True, invalid_row_handler=note
            ),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(table.columns, pa.string()),
                strings_can_be_null=False,
            ),
        ) as reader:
            for batch in reader:
                if _may_have_swallowed(table, batch):
                    break
                yield pa.Table.from_batches([batch])
                read += len(batch)
                yield from _read_again(table, swallowed, failures)
            else:
                yield from _read_again(table, swallowed, failures)
                return
    except (pa.ArrowException, UnicodeError) as error:
        if "Empty CSV" in str(error):
            return
    yield from _read_slowly(table, read, failures)


def _may_have_swallowed(table: MetadataTable, batch: Any) -> bool:
    """Tell whether a value has several lines, and as many delimiters as a whole row.

    Such a value is prose, or a quotation mark was left open and closed again some rows below.
    """
    import pyarrow.compute as pc

    for column in batch.columns:
        long = column.filter(pc.match_substring(column, "\n"))
        if (
            len(long)
            and pc.max(pc.count_substring(long, table.delimiter)).as_py() >= table.width - 1
        ):
            return True
    return False


def _read_again(
    table: MetadataTable, swallowed: list[tuple[int, str]], failures: list[Failure]
) -> Iterator[Any]:
    """Give the rows that are lines of a misfit: an open quotation mark made one row of them."""
    rows = [
        (number + line, row)
        for number, text in swallowed
        for line, row in enumerate(
            CsvRows(StringIO(text, newline=""), table.delimiter, width=table.width)
        )
    ]
    swallowed.clear()
    yield from _tables(table, _fitting(table, rows, failures))


def _read_slowly(table: MetadataTable, read: int, failures: list[Failure]) -> Iterator[Any]:
    """Go on where Arrow's reader stumbled, or a few rows before that.

    It stumbles over a quotation mark that is left open, and over a row longer than its block.
    """
    rows = ((number, row) for number, row in table.raw_rows() if number > read)
    yield from _tables(table, _fitting(table, rows, failures))


def _tables(table: MetadataTable, rows: Iterator[list[str]]) -> Iterator[Any]:
    import pyarrow as pa

    for block in batched(rows, _ROWS_A_BLOCK):
        columns = [pa.array(values, pa.string()) for values in zip(*block, strict=True)]
        yield pa.table(dict(zip(table.columns, columns, strict=True)))


def _fitting(
    table: MetadataTable,
    rows: Iterable[tuple[int, list[str] | BrokenRow]],
    failures: list[Failure],
) -> Iterator[list[str]]:
    for number, row in rows:
        if isinstance(row, BrokenRow):
            failures.append(table.failure(number, row))
        elif row and len(row) != table.width:
            failures.append(_misfit(table, number, len(row), ",".join(row)))
        elif row:
            yield row


def _misfit(table: MetadataTable, number: int | None, values: int, text: str) -> Failure:
    where = f"{table.path.name}, row {number}" if number else table.path.name
    return unread(where, MISFIT, f"{values} values for {table.width} columns: {text[:80]}")
