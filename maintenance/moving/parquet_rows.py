"""Between rows of the catalog, points of the index, and tables of Arrow."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa

from catalog.tables import Kind, Row
from redaction import redact
from search.index.contract import IndexPoint, Vector, VectorSpec

_ARROW: dict[Kind, pa.DataType] = {
    "uuid": pa.string(),
    "text": pa.string(),
    "integer": pa.int64(),
    "float": pa.float64(),
    "boolean": pa.bool_(),
    "moment": pa.timestamp("us", tz="UTC"),
    "json": pa.string(),
    "bytes": pa.binary(),
}


def _without_secrets(text: str) -> str:
    """Leave passwords and tokens out of addresses: an export is for others to have."""
    return redact(text) if "://" in text else text


_TO_ARROW: dict[Kind, Callable[[Any], Any]] = {
    "uuid": str,
    "json": lambda value: json.dumps(value, ensure_ascii=False),
}
AT_ONCE = 200
"""Points, or thumbnails, of one row group."""

THUMBNAILS = pa.schema([("sha256", pa.string()), ("jpeg", pa.binary())])
ADDRESSES = pa.schema([("name", pa.string()), ("note", pa.string())])
SEARCHES = pa.schema(
    [
        ("model", pa.string()),
        ("query", pa.string()),
        ("rank", pa.int32()),
        ("id", pa.string()),
        ("cosine", pa.float64()),
    ]
)


def json_value(text: str) -> Any:
    """Return a value that was written as JSON.

    Raises:
        ValueError: it is no JSON, or holds a number or a text that could not be written again.
    """
    value = json.loads(text)
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    return value


_FROM_ARROW: dict[Kind, Callable[[Any], Any]] = {"uuid": UUID, "json": json_value}


def rows_schema(columns: Mapping[str, Kind]) -> pa.Schema:
    """Return the Arrow schema of a table of the catalog."""
    return pa.schema([(name, _ARROW[kind]) for name, kind in columns.items()])


def rows_to_arrow(
    rows: Sequence[Row], columns: Mapping[str, Kind], *, with_secrets: bool = False
) -> pa.Table:
    """Return rows of a table of the catalog as Arrow; JSON values as text.

    Args:
        with_secrets: keep the passwords and tokens of addresses.
    """
    converted = [
        {name: _converted(row[name], _TO_ARROW.get(kind)) for name, kind in columns.items()}
        for row in rows
    ]
    if not with_secrets:
        texts = [name for name, kind in columns.items() if kind in ("text", "json")]
        for row in converted:
            row |= {name: _without_secrets(row[name]) for name in texts if row[name] is not None}
    return pa.Table.from_pylist(converted, rows_schema(columns))


def rows_from_arrow(table: pa.RecordBatch, columns: Mapping[str, Kind]) -> list[Row]:
    """Return rows of a table of the catalog."""
    converters = {name: _FROM_ARROW.get(columns[name]) for name in table.schema.names}
    return [
        {name: _converted(value, converters[name]) for name, value in row.items()}
        for row in table.to_pylist()
    ]


def points_schema(specs: Mapping[str, VectorSpec]) -> pa.Schema:
    """Return the Arrow schema of points: the work's id, its payload, a column for each vector."""
    vectors = [field for spec in specs.values() for field in vectors_schema(spec)]
    return pa.schema([("id", pa.string()), ("payload", pa.string()), *vectors])


def vectors_schema(spec: VectorSpec) -> pa.Schema:
    """Return the Arrow schema of one named vector of points."""
    return pa.schema([(spec.model, pa.list_(pa.float32(), spec.dimension))])


def points_to_arrow(points: Sequence[IndexPoint], specs: Mapping[str, VectorSpec]) -> pa.Table:
    """Return points as Arrow; a vector that a point lacks is null."""
    return pa.table(
        [
            pa.array([str(point.id) for point in points], pa.string()),
            pa.array(
                [json.dumps(dict(point.payload), ensure_ascii=False) for point in points],
                pa.string(),
            ),
            *(
                vectors_to_arrow([point.vectors.get(spec.model) for point in points], spec)
                for spec in specs.values()
            ),
        ],
        schema=points_schema(specs),
    )


def points_from_arrow(batch: pa.RecordBatch) -> list[IndexPoint]:
    """Return points."""
    names = [name for name in batch.schema.names if name not in ("id", "payload")]
    vectors = {name: _vectors_from_arrow(batch.column(name)) for name in names}
    ids, payloads = batch.column("id").to_pylist(), batch.column("payload").to_pylist()
    return [
        IndexPoint(
            id=UUID(ids[place]),
            vectors={
                name: vector
                for name, rows in vectors.items()
                if (vector := rows[place]) is not None
            },
            payload=json_value(payloads[place]),
        )
        for place in range(len(ids))
    ]


def vectors_to_arrow(vectors: Sequence[Vector | None], spec: VectorSpec) -> pa.FixedSizeListArray:
    """Return one named vector of points as Arrow; one that a point lacks is null."""
    lacking = np.array([vector is None for vector in vectors], dtype=np.bool_)
    nothing = np.zeros(spec.dimension, np.float32)
    numbers = np.concatenate([nothing if vector is None else vector for vector in vectors])
    return pa.FixedSizeListArray.from_arrays(
        pa.array(numbers, pa.float32()), spec.dimension, mask=pa.array(lacking)
    )


def _vectors_from_arrow(column: pa.FixedSizeListArray) -> list[Vector | None]:
    # Not through Python's numbers: a vector has thousands.
    present = column.drop_null().flatten().to_numpy(zero_copy_only=False)
    rows = iter(present.astype(np.float32, copy=False).reshape(-1, column.type.list_size))
    return [next(rows) if valid else None for valid in column.is_valid().to_pylist()]


def _converted(value: Any, convert: Callable[[Any], Any] | None) -> Any:
    return value if value is None or convert is None else convert(value)
