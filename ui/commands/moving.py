"""``vasari promote``, ``export`` and ``import``: a whole collection to another place."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from deployment import Deployment
from maintenance.moving.export import export
from maintenance.moving.fill import fill
from maintenance.moving.importing import import_folder
from maintenance.moving.origin import Contents
from maintenance.moving.parquet_folder import ParquetFolder
from ui import options
from ui.moving import (
    ToAlias,
    collection_of,
    database_url,
    location_of,
    moved_to,
    moving_shown,
    to_database_option,
    to_qdrant_option,
)
from ui.output import Refused, console, print_json
from ui.session import destination_for, open_deployment

Folder = Annotated[Path, typer.Argument(help="A folder.", metavar="FOLDER")]


def promote_command(
    *,
    to_qdrant: Annotated[str | None, to_qdrant_option("VASARI_TO_QDRANT_URL")] = None,
    to_database: Annotated[str | None, to_database_option("VASARI_TO_DATABASE_URL")] = None,
    ask_password: Annotated[
        bool, typer.Option("--ask-password", help="Ask for the password of the database.")
    ] = False,
    to_alias: ToAlias = None,
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
        settings = moved_to(
            now,
            qdrant_url=to_qdrant,
            database=database_url(to_database, to, ask_password=ask_password),
            alias=to_alias,
            home=to_home,
        )
        with Deployment(settings) as target, moving_shown() as report:
            moved = fill(
                collection_of(target),
                collection_of(deployment),
                with_files=settings.home != now.home,
                report=report,
            )
            where = location_of(target)
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
