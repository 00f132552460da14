"""The catalog as plain rows, table by table: how a whole collection is moved."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    Boolean,
    Float,
    Integer,
    LargeBinary,
    Table,
    Uuid,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.exc import DisconnectionError, OperationalError, StatementError
from sqlalchemy.orm import Session

from catalog.errors import CatalogError
from catalog.models import Base, Moment

ROWS_AT_ONCE = 1_000

Row = dict[str, Any]
Kind = Literal["uuid", "text", "integer", "float", "boolean", "moment", "json", "bytes"]

_KINDS: tuple[tuple[type, Kind], ...] = (
    (Uuid, "uuid"),
    (Moment, "moment"),
    (JSON, "json"),
    (LargeBinary, "bytes"),
    (Boolean, "boolean"),
    (Float, "float"),
    (Integer, "integer"),
)


def table_names() -> tuple[str, ...]:
    """Return all tables, those that others refer to first."""
    return tuple(table.name for table in Base.metadata.sorted_tables)


def kinds(table: str) -> dict[str, Kind]:
    """Return the columns of a table and what each holds."""
    return {
        column.name: next(
            (kind for type_, kind in _KINDS if isinstance(column.type, type_)), "text"
        )
        for column in _table(table).columns
    }


def row_counts(session: Session) -> dict[str, int]:
    """Return how many rows each table has."""
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


def rows(session: Session, table: str) -> Iterator[list[Row]]:
    """Go through the rows of a table in the order of its key, some at a time."""
    wanted = _table(table)
    found = session.execute(
        select(wanted).order_by(*wanted.primary_key.columns),
        execution_options={"yield_per": ROWS_AT_ONCE},
    )
    for part in found.mappings().partitions():
        yield [dict(row) for row in part]


def insert_rows(session: Session, table: str, added: Sequence[Mapping[str, Any]]) -> None:
    """Write rows; columns that they lack get their defaults.

    Raises:
        RowsRefused: this database cannot hold them.
    """
    if not added:
        return
    try:
        session.execute(insert(_table(table)), [dict(row) for row in added])
    except (OperationalError, DisconnectionError):
        raise
    except (StatementError, OverflowError, ValueError) as error:
        # Without the statement and its values, which may be long, and another's.
        cause = error.orig if isinstance(error, StatementError) and error.orig else error
        reason = (str(cause).splitlines() or [type(cause).__name__])[0][:200]
        raise RowsRefused(f"the database cannot hold these {table}: {reason}") from None


class RowsRefused(CatalogError):
    """Rows contradict themselves or others, or hold what the database has no place for."""


def count_on(session: Session) -> None:
    """Set the database's own sequences to continue after the numbers that were written."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None or not isinstance(column.type, Integer):
            continue
        last = session.scalar(select(func.max(column)))
        if last is not None:
            session.execute(
                text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)"),
                {"table": table.name, "column": column.name, "last": last},
            )


def _table(name: str) -> Table:
    return Base.metadata.tables[name]
