"""``vasari promote``, ``export`` and ``import``: a whole collection to another place."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from deployment import Deployment
from embedders import UnknownModel, model_status
from ingest.moving.export import export
from ingest.moving.fill import fill
from ingest.moving.origin import Collection, Contents, MoveRefused, Report
from ingest.moving.parquet_folder import ParquetFolder
from settings import Settings
from ui import options
from ui.session import console, messages, open_deployment, print_json

Folder = Annotated[Path, typer.Argument(help="A folder.", metavar="FOLDER")]


def promote_command(
    *,
    to_qdrant: Annotated[str, typer.Option(help="The Qdrant server, such as http://host:6333.")],
    to_database: Annotated[
        str, typer.Option(help="An empty Postgres database, postgresql://user:password@host/name.")
    ],
    to_alias: Annotated[
        str | None,
        typer.Option(
            help="Name of the collection on the server.", show_default="VASARI_QDRANT_ALIAS"
        ),
    ] = None,
    to_home: Annotated[
        Path | None,
        typer.Option(
            help="Copy the thumbnails to this home, where it is not the same.", show_default=False
        ),
    ] = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Move a collection to servers without embedding anything again.

    The same searches are made before and after, and their answers compared, before anything is
    said to be done. The original stays as it is. Killed in between, the same command begins again.
    """
    with open_deployment(home, as_json=as_json) as deployment:
        now = deployment.settings
        # Validated anew, as an address of a database from the environment would be.
        settings = Settings.model_validate(
            now.model_dump()
            | {
                "home": to_home or now.home,
                "qdrant_url": to_qdrant,
                "qdrant_alias": to_alias or now.qdrant_alias,
                "database_url": SecretStr(to_database),
            }
        )
        with Deployment(settings) as target, _shown() as report:
            moved = fill(
                _collection(target),
                _collection(deployment),
                with_thumbnails=settings.home != now.home,
                report=report,
            )
            where = {"qdrant": to_qdrant, "database": target.database.name}
        _present(moved, "promoted", where, as_json=as_json)
        if not as_json:
            console.print(
                "Set VASARI_QDRANT_URL and VASARI_DATABASE_URL to use it"
                + (f", VASARI_QDRANT_ALIAS={to_alias}" if to_alias else "")
                + f", with VASARI_HOME={settings.home}.",
                markup=False,
            )


def export_command(
    folder: Folder, *, home: options.Home = None, as_json: options.Json = False
) -> None:
    """Write the whole collection to a folder of Parquet files, which pandas reads as well."""
    with open_deployment(home, as_json=as_json) as deployment:
        with _shown() as report:
            moved = export(_collection(deployment), folder.absolute(), report)
        _present(moved, "exported", {"folder": str(folder)}, as_json=as_json)


def import_command(
    folder: Folder, *, home: options.Home = None, as_json: options.Json = False
) -> None:
    """Fill an empty collection from a folder that `vasari export` wrote.

    Its files, the fingerprints of its models and its counts are checked, and the searches made
    before the export answered again, before anything is said to be done.
    """
    with open_deployment(home, as_json=as_json) as deployment:
        exported = ParquetFolder(folder)
        with _shown() as report:
            exported.check(lambda model: _fingerprint(deployment, model), report)
            moved = fill(_collection(deployment), exported, report=report)
        _present(moved, "imported", {"folder": str(folder)}, as_json=as_json)


def _collection(deployment: Deployment) -> Collection:
    return Collection(
        database=deployment.database, index=deployment.index, store=deployment.image_store
    )


def _fingerprint(deployment: Deployment, model: str) -> str | None:
    try:
        return model_status(model, deployment.settings.weights_dir).fingerprint
    except UnknownModel as error:
        raise MoveRefused(f"the folder holds {model} vectors: {error}") from error


def _present(moved: Contents, done: str, where: dict[str, str], *, as_json: bool) -> None:
    document: dict[str, Any] = {"done": done, **where, **asdict(moved)}
    if as_json:
        print_json(document)
        return
    console.print(
        f"{moved.rows.get('artworks', 0)} works {done} and verified: {moved.points} points with "
        f"{len(moved.vectors)} vectors, {sum(moved.rows.values())} rows of the catalog, "
        f"{moved.thumbnails} thumbnails.",
        highlight=False,
    )


@contextmanager
def _shown() -> Iterator[Report]:
    """Show on stderr what is being moved, a bar for each kind of thing."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=messages) as progress:
        bars: dict[str, TaskID] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in bars:
                bars[what] = progress.add_task(what, total=total or None)
            progress.update(bars[what], completed=done)

        yield report
