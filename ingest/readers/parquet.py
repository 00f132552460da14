"""Parquet files as tables of metadata."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

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
        self.columns = column_names(self._file.schema_arrow.names)

    def rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Go through the rows, some thousand of them at a time in memory."""
        import pyarrow as pa

        number = 0
        try:
            for batch in self._file.iter_batches(batch_size=_ROWS_AT_ONCE):
                for values in zip(*(_values(column) for column in batch.columns), strict=True):
                    number += 1
                    yield number, dict(zip(self.columns, values, strict=True))
        except (pa.ArrowException, OSError) as error:
            raise UnreadableSource(f"{self.path}, after row {number}: {error}") from error


def _values(column: Any) -> list[Any]:
    return [json_value(value) for value in column.to_pylist()]


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
