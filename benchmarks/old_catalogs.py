"""Catalogs at older revisions, with works in them, and what must be in them ever after."""

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, create_engine

from catalog.database import Database
from catalog.revisions import migrate
from catalog.sqlite import schema_transaction

Rows = dict[str, list[tuple[object, ...]]]


def make(path: Path, revision: str, *, works: int) -> None:
    """Make a catalog at a revision, in which every table that refers to works refers to each."""
    engine = create_engine(f"sqlite:///{path}")
    with schema_transaction(engine) as connection:
        migrate(connection, revision)
        connection.exec_driver_sql("INSERT INTO sources VALUES ('old', 'folder', '2026-01-01')")
        for number in range(works):
            _add_work(connection, number, revision)
    engine.dispose()


def _add_work(connection: Connection, number: int, revision: str) -> None:
    work = UUID(int=number).hex
    insert = connection.exec_driver_sql
    insert(
        "INSERT INTO artworks (id, source, source_id, title, artist, file, image_location,"
        " image_state, payload_outdated, extra, created_at, updated_at) VALUES"
        " (?, 'old', ?, 'A work', ?, 'f', 'l', 'ready', 0, '{}', '2026-01-01', '2026-01-01')",
        (work, str(number), None if number % 5 == 0 else f"Painter {number % 7}"),
    )
    insert(
        "INSERT INTO embedding_tasks (artwork_id, model, state, attempts) VALUES (?, 'm', 'd', 1)",
        (work,),
    )
    if revision >= "0004":
        insert("INSERT INTO same_works VALUES (?, ?, '2026-01-01')", (work, UUID(int=0).hex))
    if revision >= "0005":
        insert("INSERT INTO corrections VALUES (?, 'title', '\"A\"', null, '2026-01-01')", (work,))
    if revision >= "0006" and number < 7:
        person = UUID(int=1000 + number).hex
        insert("INSERT INTO artists VALUES (?, ?, 1, 2, '2026-01-01')", (person, f"P{number}"))
        insert("INSERT INTO artist_names VALUES (?, ?, ?, 0)", (f"P{number}", "p", person))
        insert("UPDATE artworks SET artist_id = ? WHERE id = ?", (person, work))


def rows(path: Path) -> Rows:
    """Return the rows of all tables, but the schema's number."""
    with closing(sqlite3.connect(path)) as catalog:
        names = catalog.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: sorted(catalog.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
            for (name,) in names
            if name != "alembic_version"
        }


def missing(before: Rows, after: Rows) -> int:
    """Return how many rows of before are not there any more; columns may have been added."""
    return sum(
        len(set(found) - {row[: len(found[0])] for row in after.get(name, [])})
        for name, found in before.items()
        if found
    )


def next_command(path: Path) -> None:
    """Open a catalog as every command does, and read from it."""
    database = Database(f"sqlite:///{path}")
    try:
        database.ensure_schema(migrate=True)
        with database.transaction() as session:
            session.connection().exec_driver_sql("SELECT count(artist_id) FROM artworks").all()
    finally:
        database.close()
