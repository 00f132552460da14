"""Parquet files as tables of metadata."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from catalog.jobs import Failure
from ingest.readers.faults import unread
from ingest.readers.reader import UnreadableSource
from ingest.readers.table import Table, column_names

MAGIC = b"PAR1"

_ROWS_AT_ONCE = 1024


def is_parquet(path: Path) -> bool:
    """Tell whether a file is Parquet, by its first bytes.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


class ParquetTable(Table):
    """A Parquet file; its values are made into JSON values.

    Raises:
        UnreadableSource: it is damaged.
    """

    def __init__(self, path: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.path = path
        try:
            self._file = pq.ParquetFile(path, memory_map=False)
        except (pa.ArrowException, OSError) as error:
            raise UnreadableSource(f"{path} is a damaged Parquet file: {error}") from error
        self.columns = column_names(path, self._file.schema_arrow.names)

    def rows(self) -> Iterator[tuple[int, dict[str, Any]] | Failure]:
        """Go through the rows, some thousand of them at a time in memory.

        Of a group of rows that is damaged, those are left out that come after the damage.
        """
        import pyarrow as pa

        first = 0
        for group in range(self._file.num_row_groups):
            number = first
            first += self._file.metadata.row_group(group).num_rows
            try:
                for batch in self._file.iter_batches(batch_size=_ROWS_AT_ONCE, row_groups=[group]):
                    for values in zip(*(_values(column) for column in batch.columns), strict=True):
                        number += 1
                        yield number, dict(zip(self.columns, values, strict=True))
            except (pa.ArrowException, OSError, OverflowError) as error:
                where = f"{self.path.name}, rows {number + 1} to {first}"
                reason = "the file is damaged here, and these rows are not read"
                yield unread(where, reason, str(error))


def _values(column: Any) -> list[Any]:
    return [json_value(_python_value(value)) for value in column]


def _python_value(scalar: Any) -> Any:
    """Return a value as Python has it; as text what Python has none for, as the year 10000."""
    import pyarrow as pa

    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return bytes(scalar.as_buffer()).decode(errors="replace")
    except (ValueError, OverflowError):
        try:
            return scalar.cast(pa.string()).as_py()
        except pa.ArrowException:
            return f"({scalar.type})"


def json_value(value: Any) -> Any:
    """Return a value as JSON can hold it; NaN is no value, and bytes become their size."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    if isinstance(value, Mapping):
        return {str(key): json_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(inner) for inner in value]
    return value if value is None or isinstance(value, str | int) else str(value)
