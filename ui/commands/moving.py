"""``vasari promote``, ``export`` and ``import``: a whole collection to another place."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from catalog.database import has_password, with_password
from deployment import Deployment
from embedders import ModelRegistry, UnknownModel, model_status
from ingest.web_address import without_credentials
from maintenance.moving.export import export
from maintenance.moving.fill import fill
from maintenance.moving.origin import Collection, Contents, MoveRefused, Report
from maintenance.moving.parquet_folder import ParquetFolder
from maintenance.moving.verification import check_contents
from settings import Destination, Settings
from ui import options
from ui.output import Refused, console, messages, print_json
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
        database_url = _database_url(to_database, to, ask_password=ask_password)
        # Validated again, as an address of a database from the environment would be.
        settings = Settings.model_validate(
            now.model_dump()
            | {
                "home": to_home or now.home,
                "qdrant_url": to_qdrant,
                "qdrant_api_key": to.qdrant_api_key or now.qdrant_api_key,
                "qdrant_alias": to_alias or now.qdrant_alias,
                "database_url": database_url,
                "database_password": None,
            }
        )
        with Deployment(settings) as target, _shown() as report:
            moved = fill(
                _collection(target),
                _collection(deployment),
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
        with _shown() as report:
            moved = export(_collection(deployment), folder.absolute(), report)
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
        with _shown() as report:
            exported.check_files(report)
            # The folder's own models are the collection's only once they have arrived.
            registry = ModelRegistry(model.description for model in exported.own_models())
            weights_dir = deployment.settings.weights_dir
            exported.check_models(lambda model: _fingerprint(registry, model, weights_dir))
            check_contents(exported, report)
            moved = fill(_collection(deployment), exported, report=report)
        _present(moved, "imported", {"folder": str(folder)}, as_json=as_json)


def _database_url(given: str | None, to: Destination, *, ask_password: bool) -> SecretStr:
    """Return the address of the database that is moved to, with its password."""
    if given is not None and has_password(given):
        messages.print(
            "The password in --to-database can be read in the list of processes: "
            "VASARI_TO_DATABASE_PASSWORD keeps it out of there.",
            style="yellow",
            highlight=False,
        )
    url = given or (to.database_url.get_secret_value() if to.database_url else None)
    if url is None:
        raise Refused("where to? Give --to-database URL, or set VASARI_TO_DATABASE_URL")
    password = to.database_password.get_secret_value() if to.database_password else None
    if ask_password:
        password = typer.prompt("Password of the database", hide_input=True, err=True)
    return SecretStr(url if password is None else with_password(url, password))


def _collection(deployment: Deployment) -> Collection:
    return Collection(
        database=deployment.database,
        index=deployment.index,
        store=deployment.image_store,
        originals=deployment.originals,
        home=deployment.settings.home,
    )


def _fingerprint(registry: ModelRegistry, model: str, weights_dir: Path) -> str | None:
    try:
        return model_status(registry.describe(model), weights_dir).fingerprint
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
        f"{moved.thumbnails} thumbnails, {moved.files} files of own models and evaluations.",
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
