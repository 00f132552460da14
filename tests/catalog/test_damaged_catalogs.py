"""A catalog's file that is damaged, full or closed: one sentence with the file and what to do."""

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from benchmarks.old_catalogs import make, next_command
from catalog.database import Database
from catalog.errors import (
    CatalogBusy,
    CatalogDamaged,
    CatalogDiskFull,
    CatalogError,
    CatalogNotAccessible,
    InvalidAddress,
)
from catalog.sqlite import copy_path


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.db"
    make(path, "0006", works=40)
    next_command(path)
    return path


@pytest.fixture
def database(catalog: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{catalog}")
    yield opened
    opened.close()


def test_what_is_no_database_is_named_with_its_copy(catalog: Path) -> None:
    catalog.write_bytes(b"a shopping list" * 1000)
    with pytest.raises(CatalogDamaged, match=r"catalog\.db is damaged: file is not a database"):
        next_command(catalog)
    with pytest.raises(CatalogDamaged, match=r"cp '.*catalog\.db\.before-upgrade' '.*catalog\.db'"):
        next_command(catalog)
    copy_path(catalog).unlink()
    with pytest.raises(CatalogDamaged, match="There is no copy"):
        next_command(catalog)


def test_the_command_that_is_named_brings_the_copy_back(catalog: Path) -> None:
    catalog.write_bytes(b"a shopping list" * 1000)
    with pytest.raises(CatalogDamaged) as raised:
        next_command(catalog)
    command = str(raised.value).split("`")[1]
    subprocess.run(command, shell=True, check=True)
    next_command(catalog)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_file_that_is_torn_is_damaged(catalog: Path, share: float) -> None:
    with closing(sqlite3.connect(catalog)) as opened:
        opened.execute("PRAGMA journal_mode=DELETE")
    whole = catalog.read_bytes()
    catalog.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(CatalogDamaged, match="is damaged"):
        _read_all(catalog)


def _read_all(path: Path) -> None:
    database = Database(f"sqlite:///{path}")
    try:
        database.ensure_schema(migrate=True)
        with database.transaction() as session:
            for table in ("artworks", "embedding_tasks", "artist_names", "different_works"):
                session.execute(text(f"SELECT * FROM {table}")).all()
    finally:
        database.close()


def test_a_table_that_is_missing_is_damage(catalog: Path, database: Database) -> None:
    with closing(sqlite3.connect(catalog)) as opened:
        opened.execute("DROP TABLE different_works")
    with pytest.raises(CatalogDamaged, match="no such table"):
        _read_all(catalog)


def test_a_full_disk_is_said_and_nothing_is_written(database: Database) -> None:
    with database.engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count={pages}"))
    with (
        pytest.raises(CatalogDiskFull, match=r"disk is full where .*catalog\.db.*Make room"),
        database.transaction() as session,
    ):
        session.execute(text("CREATE TABLE more AS SELECT zeroblob(1000000)"))
    with database.transaction() as session:
        assert session.execute(text("SELECT count(*) FROM artworks")).scalar_one() == 40


def test_a_catalog_in_use_says_so_and_may_be_tried_again(
    catalog: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.sqlite.BUSY_MS", 10)
    with closing(sqlite3.connect(catalog)) as other:
        other.execute("BEGIN IMMEDIATE")
        with (
            pytest.raises(CatalogBusy, match="in use by another process"),
            database.transaction() as session,
        ):
            session.execute(text("DELETE FROM different_works"))


def test_a_folder_in_its_place_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").mkdir()
    with pytest.raises(CatalogNotAccessible, match=r"catalog\.db cannot be opened"):
        next_command(tmp_path / "catalog.db")


def test_a_catalog_that_cannot_be_written_says_so(catalog: Path, database: Database) -> None:
    with database.engine.connect() as connection:
        connection.execute(text("PRAGMA query_only=ON"))
    with (
        pytest.raises(CatalogNotAccessible, match=r"catalog\.db cannot be written"),
        database.transaction() as session,
    ):
        session.execute(text("DELETE FROM different_works"))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("foo+bar://host/db", "cannot be kept in foo"),
        ("mysql://host/db", "cannot be kept in mysql"),
        ("postgresql+nothing://host/db", r"no driver postgresql\+nothing"),
        ("sqlite+nothing:///file.db", r"no driver sqlite\+nothing"),
        ("sqlite+aiosqlite:///file.db", "driver"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
def test_an_address_that_no_catalog_can_be_at_is_refused(address: str, said: str) -> None:
    with pytest.raises(InvalidAddress, match=said):
        Database(address)
    assert issubclass(InvalidAddress, CatalogError)


def test_damage_is_found_also_where_no_command_reads(catalog: Path) -> None:
    _require_sound(catalog)
    with closing(sqlite3.connect(catalog)) as connection:
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_artworks_artist'"
        ).fetchone()
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with catalog.open("rb+") as file:
        file.seek(root * size - 40)  # pages are counted from 1, and filled from their end
        file.write(b"x" * 20)
    with pytest.raises(CatalogDamaged, match=r"catalog\.db is damaged"):
        _require_sound(catalog)


def _require_sound(catalog: Path) -> None:
    opened = Database(f"sqlite:///{catalog}")
    with closing(opened):
        opened.require_sound()
