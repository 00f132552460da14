"""Brings a SQLite catalog whose migration was cut short back to the revision that it says it is at.

Migrations are whole or not at all now. Those of former versions could leave the tables of a
revision without its number, so that every command after it failed with a table that is there
already. What such a migration left is known: tables without a row, indexes, and columns without a
value. Nothing that holds anything is ever removed.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.pool import StaticPool

from catalog.errors import SchemaUnclear
from catalog.revisions import alembic_config, known_revisions, migrate, newest_revision
from catalog.sqlite import how_to_go_back

TEMPORARY = "_alembic_tmp_"
"""How the names begin of the copies by which Alembic alters a table of SQLite."""


@dataclass(frozen=True)
class Shape:
    """The tables of a schema with their columns, and the indexes with their tables."""

    columns: dict[str, frozenset[str]]
    indexes: dict[str, str]

    @classmethod
    def of(cls, connection: Connection) -> "Shape":
        """Return the shape of a database."""
        found = inspect(connection)
        tables = [name for name in found.get_table_names() if name != "alembic_version"]
        return cls(
            columns={
                table: frozenset(column["name"] for column in found.get_columns(table))
                for table in tables
            },
            indexes={
                str(index["name"]): table
                for table in tables
                for index in found.get_indexes(table)
                if not index.get("duplicates_constraint")
            },
        )

    def within(self, other: "Shape") -> "Shape":
        """Return what of this is of tables that the other knows."""
        return Shape(
            {name: columns for name, columns in self.columns.items() if name in other.columns},
            {name: table for name, table in self.indexes.items() if table in other.columns},
        )


def heal(connection: Connection, catalog: Path) -> str | None:
    """Take away what a migration that was cut short left, and return the revision this is at.

    ``None`` stands for an empty database.

    Raises:
        SchemaUnclear: the tables are those of no revision; nothing was changed.
    """
    said = MigrationContext.configure(connection).get_current_revision()
    if said is None and not inspect(connection).get_table_names():
        return None
    shapes = _shapes()
    newest = shapes[newest_revision()]
    _drop_temporary(connection)
    base = shapes[said]
    there = Shape.of(connection).within(newest)
    new_tables = there.columns.keys() - base.columns.keys()
    new_indexes = there.indexes.keys() - base.indexes.keys()
    new_columns = [
        (table, column)
        for table in there.columns.keys() & base.columns.keys()
        for column in there.columns[table] - base.columns[table]
    ]
    if not (new_tables or new_indexes or new_columns):
        return said
    if not (
        any(_holds(connection, table) for table in new_tables)
        or any(_holds(connection, table, column) for table, column in new_columns)
    ):
        for name in new_indexes:
            connection.exec_driver_sql(f'DROP INDEX "{name}"')
        for name in new_tables:
            connection.exec_driver_sql(f'DROP TABLE "{name}"')
        # SQLite cannot drop a column that refers to another table: the one migration that could
        # leave columns passes over those that are there.
        return said
    # Where they hold something, a migration was done, and only its number is missing.
    for revision in known_revisions():
        if shapes[revision] == there:
            script = ScriptDirectory.from_config(alembic_config())
            MigrationContext.configure(connection).stamp(script, revision)
            return revision
    raise SchemaUnclear(
        f"{catalog} says that it is at schema {said or 'none'}, and its tables are not of that nor "
        f"of any other schema of Vasari, so nothing was changed. {how_to_go_back(catalog)}"
    )


@cache
def _shapes() -> dict[str | None, Shape]:
    """Return the shape of each revision, and of an empty database."""
    shapes: dict[str | None, Shape] = {None: Shape({}, {})}
    engine = create_engine("sqlite://", poolclass=StaticPool)
    try:
        with engine.connect() as connection:
            for revision in known_revisions():
                migrate(connection, revision)
                shapes[revision] = Shape.of(connection)
    finally:
        engine.dispose()
    return shapes


def _drop_temporary(connection: Connection) -> None:
    """Drop the copies that were not finished: each table that one was to replace is there."""
    tables = set(inspect(connection).get_table_names())
    for name in tables:
        if name.startswith(TEMPORARY) and name.removeprefix(TEMPORARY) in tables:
            connection.exec_driver_sql(f'DROP TABLE "{name}"')


def _holds(connection: Connection, table: str, column: str | None = None) -> bool:
    condition = "" if column is None else f' WHERE "{column}" IS NOT NULL'
    found = connection.exec_driver_sql(f'SELECT 1 FROM "{table}"{condition} LIMIT 1')  # noqa: S608
    return found.first() is not None
