"""What the commands have in common that bring a collection to another place."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from pydantic import SecretStr
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from catalog.database import has_password, with_password
from deployment import Deployment
from maintenance.moving.origin import Collection, Report
from settings import Destination
from ui.output import Refused, messages


def collection_of(deployment: Deployment) -> Collection:
    """Return what of a deployment is moved."""
    return Collection(
        database=deployment.database,
        index=deployment.index,
        store=deployment.image_store,
        originals=deployment.originals,
        home=deployment.settings.home,
    )


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
