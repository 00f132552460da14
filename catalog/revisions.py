"""The revisions of the schema, as Alembic finds them in ``migrations/``."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from catalog.errors import CatalogError

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def alembic_config() -> Config:
    """Return how Alembic finds the migrations; it runs them on ``attributes["connection"]``."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def known_revisions() -> list[str]:
    """Return all schema revisions that this code knows, the oldest first."""
    scripts = ScriptDirectory.from_config(alembic_config())
    return [script.revision for script in scripts.walk_revisions()][::-1]


def newest_revision() -> str:
    """Return the schema revision that this code needs."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if head is None:
        raise CatalogError(f"no migrations in {MIGRATIONS}")
    return head


def migrate(connection: Connection, revision: str = "head") -> None:
    """Migrate up to a revision, in the transaction that the connection is in."""
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
