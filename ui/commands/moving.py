"""``vasari promote``, ``export`` and ``import``: a whole collection to another place."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from deployment import Deployment
from ingest.web_address import without_credentials
from maintenance.moving.export import export
from maintenance.moving.fill import fill
from maintenance.moving.importing import import_folder
from maintenance.moving.origin import Contents
from maintenance.moving.parquet_folder import ParquetFolder
from settings import Settings
from ui import options
from ui.moving import collection_of, database_url, moving_shown
from ui.output import Refused, console, print_json
from ui.session import destination_for, open_deployment

Folder = Annotated[Path, typer.Argument(help="A folder.", metavar="FOLDER")]


def promote_command(
    *,
    to_qdrant: Annotated[
        str | None,
        typer.Option(
            help="The Qdrant server, such as http://host:6333; its key is read from "
            "VASARI_TO_QDRANT_API_KEY.",
            show_default="VASARI_TO_QDRANT_URL",
        ),
    ] = None,
    to_database: Annotated[
        str | None,
        typer.Option(
            help="An empty Postgres database, postgresql://user@host/name; its password is read "
            "from VASARI_TO_DATABASE_PASSWORD.",
            show_default="VASARI_TO_DATABASE_URL",
        ),
    ] = None,
    ask_password: Annotated[
        bool, typer.Option("--ask-password", help="Ask for the password of the database.")
    ] = False,
    to_alias: Annotated[
        str | None,
        typer.Option(
            help="Name of the collection on the server.", show_default="VASARI_QDRANT_ALIAS"
        ),
    ] = None,
    to_home: Annotated[
        Path | None,
        typer.Option(
            help="Copy thumbnails, own models and evaluations to this home, where it is another.",
            show_default=False,
        ),
    ] = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Move a collection to servers without embedding anything again.

    The same searches are made before and after, and their answers compared, before anything is
    said to be done. The original stays as it is. Killed in between, the same command begins again.

    A password in an option can be read in the machine's list of processes: leave it to the
    environment (VASARI_TO_DATABASE_URL may hold the whole address with it), or to --ask-password.
    """
    with open_deployment(home) as deployment:
        now = deployment.settings
        to = destination_for(now)
        to_qdrant = to_qdrant or to.qdrant_url
        if to_qdrant is None:
            raise Refused("where to? Give --to-qdrant URL, or set VASARI_TO_QDRANT_URL")
        # Validated again, as an address of a database from the environment would be.
        settings = Settings.model_validate(
            now.model_dump()
            | {
                "home": to_home or now.home,
                "qdrant_url": to_qdrant,
                "qdrant_api_key": to.qdrant_api_key or now.qdrant_api_key,
                "qdrant_alias": to_alias or now.qdrant_alias,
                "database_url": database_url(to_database, to, ask_password=ask_password),
                "database_password": None,
            }
        )
        with Deployment(settings) as target, moving_shown() as report:
            moved = fill(
                collection_of(target),
                collection_of(deployment),
                with_files=settings.home != now.home,
                report=report,
            )
            where = {
                "qdrant": without_credentials(to_qdrant),
                "database": target.database.name,
            }
        _present(moved, "promoted", where, as_json=as_json)
        if not as_json:
            console.print(
                "Set VASARI_QDRANT_URL and VASARI_DATABASE_URL to use it"
                + (f", VASARI_QDRANT_ALIAS={to_alias}" if to_alias else "")
                + f", with VASARI_HOME={settings.home}.",
            )


def export_command(
    folder: Folder, *, home: options.Home = None, as_json: options.Json = False
) -> None:
    """Write the whole collection to a folder of Parquet files, which pandas reads as well."""
    with open_deployment(home) as deployment:
        with moving_shown() as report:
            moved = export(collection_of(deployment), folder.absolute(), report)
        _present(moved, "exported", {"folder": str(folder)}, as_json=as_json)


def import_command(
    folder: Folder, *, home: options.Home = None, as_json: options.Json = False
) -> None:
    """Fill an empty collection from a folder that `vasari export` wrote.

    Its files, the fingerprints of its models, its counts and all that it holds are checked before
    anything is written, and the searches made before the export answered again, before anything is
    said to be done.
    """
    with open_deployment(home, create=True) as deployment:
        exported = ParquetFolder(folder)
        with moving_shown() as report:
            exported.check_files(report)
            moved = import_folder(
                collection_of(deployment),
                exported,
                weights_dir=deployment.settings.weights_dir,
                report=report,
            )
        _present(moved, "imported", {"folder": str(folder)}, as_json=as_json)


def _present(moved: Contents, done: str, where: dict[str, str], *, as_json: bool) -> None:
    document: dict[str, Any] = {"done": done, **where, **asdict(moved)}
    if as_json:
        print_json(document)
        return
    console.print(
        f"{moved.rows.get('artworks', 0)} works {done} and verified: {moved.points} points with "
        f"{len(moved.vectors)} vectors, {sum(moved.rows.values())} rows of the catalog, "
        f"{moved.thumbnails} thumbnails, {moved.files} files of own models and evaluations.",
        highlight=False,
    )
