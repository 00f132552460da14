"""The schema: the same on Postgres and SQLite, refused when newer, named or migrated when older."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select, text

from catalog.database import Database
from catalog.errors import CatalogUnreachable, SchemaOutdated, SchemaTooNew, SchemaUnclear
from catalog.models import Artwork, Base, Source
from catalog.plain_text import UnfitValue
from catalog.revisions import migrate, newest_revision


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = (
        f"sqlite:///{tmp_path / 'catalog.db'}"
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_url")
    )
    opened = Database(url)
    yield opened
    opened.close()


def _set_revision(database: Database, revision: str) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})


def test_the_migrations_lead_to_the_models(database: Database) -> None:
    database.upgrade()
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_an_empty_database_is_filled_in_whoever_looks_after_it(database: Database) -> None:
    database.ensure_schema(migrate=False)
    assert database.revision() == newest_revision()
    database.ensure_schema(migrate=False)


def test_a_newer_schema_is_refused_and_left_as_it_is(database: Database) -> None:
    database.upgrade()
    _set_revision(database, "9999")
    with pytest.raises(SchemaTooNew, match=r"9999.*newer version"):
        database.ensure_schema(migrate=True)
    with pytest.raises(SchemaTooNew, match=r"9999.*newer version"):
        database.upgrade()
    assert database.revision() == "9999"


def test_an_older_schema_is_named_with_the_command_or_migrated(database: Database) -> None:
    with database.engine.begin() as connection:
        migrate(connection, "0001")
    with pytest.raises(SchemaOutdated, match=r"0001.*vasari db upgrade"):
        database.ensure_schema(migrate=False)
    assert database.revision() == "0001"
    database.ensure_schema(migrate=True)
    assert database.revision() == newest_revision() != "0001"


def test_tables_without_a_revision_are_left_alone(database: Database) -> None:
    Base.metadata.create_all(database.engine)
    with database.engine.begin() as connection:
        connection.execute(text("INSERT INTO sources VALUES ('old', 'folder', '2026-01-01')"))
        connection.execute(text("DROP TABLE same_works"))
    with pytest.raises(SchemaUnclear, match="nothing was changed"):
        database.ensure_schema(migrate=True)


def test_no_server_is_said_in_one_line_without_the_password() -> None:
    database = Database("postgresql://curator:secret@127.0.0.1:1/vasari")
    with pytest.raises(CatalogUnreachable, match="no database answers") as raised:
        database.ensure_schema(migrate=False)
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_bytes_that_are_no_text_are_refused_in_one_sentence(database: Database) -> None:
    database.upgrade()
    # As Python hands over an argument that is not UTF-8.
    wanted = select(Artwork.id).where(Artwork.artist == "\udcff")
    with (
        pytest.raises(UnfitValue, match="cannot store a value"),
        database.transaction() as session,
    ):
        session.scalars(wanted).all()


def test_a_snapshot_sees_nothing_of_what_is_written_meanwhile(database: Database) -> None:
    database.upgrade()

    def write(name: str) -> None:
        with database.transaction() as session:
            session.add(Source(name=name, reader="folder"))

    write("before")
    with database.snapshot() as session:
        assert session.scalars(select(Source.name)).all() == ["before"]
        write("meanwhile")
        assert session.scalars(select(Source.name)).all() == ["before"]
    with database.snapshot() as session:
        assert set(session.scalars(select(Source.name))) == {"before", "meanwhile"}
