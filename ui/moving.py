"""What the commands have in common that bring a collection to another place."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from catalog.database import has_password, with_password
from deployment import Deployment
from maintenance.moving.fill import index_location
from maintenance.moving.origin import Collection, Report
from settings import Destination, Settings
from ui.output import Refused, messages
from ui.session import destination_for

ToAlias = Annotated[
    str | None,
    typer.Option(help="Name of the collection on the server.", show_default="VASARI_QDRANT_ALIAS"),
]


def to_qdrant_option(default: str) -> Any:
    """Return the option that names the Qdrant server that is moved to.

    Args:
        default: what counts without it, in words.
    """
    return typer.Option(
        help="A Qdrant server, such as http://host:6333; its key is read from "
        "VASARI_TO_QDRANT_API_KEY.",
        show_default=default,
    )


def to_database_option(default: str) -> Any:
    """Return the option that names the database that is moved to, as ``to_qdrant_option``."""
    return typer.Option(
        help="An empty Postgres database, postgresql://user@host/name; its password is read "
        "from VASARI_TO_DATABASE_PASSWORD.",
        show_default=default,
    )


def moved_to(
    now: Settings,
    *,
    qdrant_url: str | None,
    database: SecretStr | None,
    alias: str | None,
    home: Path | None = None,
) -> Settings:
    """Return settings with other engines, validated as if they came from the environment.

    Args:
        qdrant_url, database, alias, home: what is other; ``None`` where it stays.
    """
    key = destination_for(now).qdrant_api_key or now.qdrant_api_key
    named: dict[str, Any] = {"qdrant_alias": alias, "home": home}
    if qdrant_url is not None:
        named |= {"qdrant_url": qdrant_url, "qdrant_api_key": key}
    other = {name: value for name, value in named.items() if value is not None}
    if database is not None:
        other |= {"database_url": database, "database_password": None}
    return Settings.model_validate(now.model_dump() | other)


def collection_of(deployment: Deployment) -> Collection:
    """Return what of a deployment is moved."""
    return Collection(
        database=deployment.database,
        index=deployment.index,
        store=deployment.image_store,
        originals=deployment.originals,
        models=deployment.shared_models,
        home=deployment.settings.home,
    )


def location_of(deployment: Deployment) -> dict[str, str]:
    """Return where a collection is now, without passwords."""
    where = index_location(collection_of(deployment))
    return {"qdrant": where, "database": deployment.database.name}


def database_url(given: str | None, to: Destination, *, ask_password: bool = False) -> SecretStr:
    """Return the address of the database that is moved to, with its password.

    Args:
        given: on the command line.
        to: what the settings say.

    Raises:
        Refused: neither says where to.
    """
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


@contextmanager
def moving_shown() -> Iterator[Report]:
    """Show on stderr what is being moved, a bar for each kind of thing."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=messages) as progress:
        bars: dict[str, TaskID] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in bars:
                bars[what] = progress.add_task(what, total=total or None)
            progress.update(bars[what], completed=done)

        yield report
