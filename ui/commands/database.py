"""``vasari db``: the catalog's schema."""

import typer

from catalog.revisions import newest_revision
from ui import options
from ui.output import present
from ui.session import open_deployment

app = typer.Typer(no_args_is_help=True, help="Look after the catalog's database.")


@app.command("upgrade")
def upgrade_command(*, home: options.Home = None, as_json: options.Json = False) -> None:
    """Migrate the catalog to the schema of this version."""
    with open_deployment(home, create=True) as deployment:
        before = deployment.bare_database.revision()
        deployment.bare_database.upgrade()
        after = newest_revision()
        said = (
            f"The catalog is at schema {after} already."
            if before == after
            else f"The catalog went from schema {before or 'none'} to {after}."
        )
        present({"from": before, "to": after}, said, as_json=as_json)
