"""A migration of SQLite that is cut short: whole or not at all, and nothing lost."""

import itertools
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, event

from benchmarks.cut_upgrades import campaign
from benchmarks.failing_disk import Fault
from benchmarks.old_catalogs import Rows, make, missing, next_command, rows
from catalog.database import Database
from catalog.errors import SchemaUnclear
from catalog.revisions import migrate, newest_revision
from catalog.sqlite import copy_path


@pytest.mark.slow
@pytest.mark.parametrize("fault", [Fault.TORN, Fault.FULL])
@pytest.mark.parametrize(("since", "every"), [(None, 61), ("0005", 83)])
def test_an_upgrade_cut_short_at_any_write_is_done_by_the_next_command(
    tmp_path: Path, since: str | None, every: int, fault: Fault
) -> None:
    next_command(tmp_path / "warm.db")
    done = campaign(tmp_path, since, fault, works=9, every=every)
    assert done.pop("cut") > 1
    assert not any(done.values()), done


def half_made(path: Path, revision: str | None, statements: int) -> bool:
    """Leave what a former version left that died after so many statements of a migration.

    Its driver began a transaction at the first row only: ``False`` where that one would hold it.
    """
    if revision is not None:
        make(path, revision, works=9)
    engine = create_engine(f"sqlite:///{path}")
    done = itertools.count(1)

    class Cut(Exception):
        pass

    class Whole(Exception):
        pass

    @event.listens_for(engine, "after_cursor_execute")
    def cut(connection: Connection, *_: object) -> None:
        driver = connection.connection.driver_connection
        whole = driver is not None and driver.in_transaction
        if next(done) == statements or whole:
            raise Whole if whole else Cut

    try:
        with engine.begin() as connection:
            migrate(connection)
    except Cut:
        return True
    except Whole:
        return False
    finally:
        engine.dispose()
    raise AssertionError("no row was written")


@pytest.mark.parametrize("revision", [None, "0003", "0005"])
def test_what_former_versions_left_half_made_is_made_whole(
    tmp_path: Path, revision: str | None
) -> None:
    before: Rows = {}
    if revision is not None:
        make(tmp_path / "old.db", revision, works=9)
        before = rows(tmp_path / "old.db")
    for statements in itertools.count(2, step=3):
        path = tmp_path / f"{statements}.db"
        if not half_made(path, revision, statements):
            break
        next_command(path)
        database = Database(f"sqlite:///{path}")
        assert database.revision() == newest_revision()
        database.close()
        assert missing(before, rows(path)) == 0


def test_a_catalog_that_lost_only_its_number_gets_it_back(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    make(path, "0006", works=9)
    with closing(sqlite3.connect(path)) as catalog, catalog:
        catalog.execute("DROP TABLE alembic_version")
    before = rows(path)
    next_command(path)
    assert missing(before, rows(path)) == 0


def test_tables_of_no_schema_are_left_alone_and_the_copy_is_named(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    make(path, "0005", works=9)
    with closing(sqlite3.connect(path)) as catalog, catalog:
        catalog.execute("DROP TABLE alembic_version")
        catalog.execute("DROP TABLE same_works")
    before = rows(path)
    shutil.copy(path, copy_path(path))
    with pytest.raises(SchemaUnclear, match=r"nothing was changed.*cp '.*before-upgrade'"):
        next_command(path)
    assert rows(path) == before


def test_the_copy_is_the_catalog_of_before_and_may_be_read_by_the_same_people(
    tmp_path: Path,
) -> None:
    path = tmp_path / "catalog.db"
    make(path, "0003", works=9)
    path.chmod(0o640)
    before = rows(path)
    next_command(path)
    assert rows(copy_path(path)) == before
    assert copy_path(path).stat().st_mode & 0o777 == 0o640
    next_command(path)
    assert rows(copy_path(path)) == before


def test_a_migration_that_cannot_be_copied_first_is_not_begun(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    make(path, "0003", works=9)
    copy_path(path).mkdir()
    before = rows(path)
    with pytest.raises(Exception, match="cannot be copied"):
        next_command(path)
    assert rows(path) == before
