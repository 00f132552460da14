"""A CSV in blocks of Arrow's columns: fast, and slowly where its reader stumbles over a row."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from catalog.jobs import Failure
from ingest.readers.csv_rows import BrokenRow
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

    def note(bad: Any) -> str:
        failures.append(_misfit(table, bad.number and bad.number - 1, bad.actual_columns, bad.text))
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
                yield pa.Table.from_batches([batch])
                read += len(batch)
    except (pa.ArrowException, UnicodeError) as error:
        if "Empty CSV" not in str(error):
            yield from _read_slowly(table, read, failures)


def _read_slowly(table: MetadataTable, read: int, failures: list[Failure]) -> Iterator[Any]:
    """Go on where Arrow's reader stumbled, or a few rows before that.

    It stumbles over a quotation mark that is left open, and over a row longer than its block.
    """
    import pyarrow as pa

    rows = _fitting_rows(table, read, failures)
    while block := list(islice(rows, _ROWS_A_BLOCK)):
        columns = [pa.array(values, pa.string()) for values in zip(*block, strict=True)]
        yield pa.table(dict(zip(table.columns, columns, strict=True)))


def _fitting_rows(table: MetadataTable, after: int, failures: list[Failure]) -> Iterator[list[str]]:
    for number, row in table.raw_rows():
        if number <= after or row == []:
            continue
        if isinstance(row, BrokenRow):
            failures.append(table.failure(number, row))
        elif len(row) != len(table.columns):
            failures.append(_misfit(table, number, len(row), ",".join(row)))
        else:
            yield row


def _misfit(table: MetadataTable, number: int | None, values: int, text: str) -> Failure:
    where = f"{table.path.name}, row {number}" if number else table.path.name
    detail = f"{values} values for {len(table.columns)} columns: {text[:80]}"
    return Failure(item=where, stage="read", reason=MISFIT, detail=detail)
