"""``vasari duplicates``: records that are one work, found for a curator to decide about."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
from rich.progress import Progress

from catalog.dismissals import dismiss, dismissals, undismiss
from catalog.same_works import mark_same, unmark_same
from deployment import Deployment
from search.duplicates import NEIGHBOURS, Duplicates, find_duplicates
from ui import options
from ui.arguments import find_artwork
from ui.documents.duplicates import duplicates_document
from ui.documents.plain import plain
from ui.output import messages, present, save_text
from ui.reports.duplicates_page import duplicates_page
from ui.session import open_deployment
from ui.tables.duplicates import dismissals_table, duplicates_tables

app = typer.Typer(
    invoke_without_command=True,
    help="Find records that are one work: the same file, or reproductions of one painting.",
)

Decided = TypeVar("Decided")
Ids = Annotated[list[str], typer.Argument(help="The ids of works.", metavar="ID...")]


@app.callback()
def duplicates_command(
    context: typer.Context,
    *,
    html: Annotated[
        Path | None,
        typer.Option(help="Save a page with the pictures to this file.", dir_okay=False),
    ] = None,
    neighbours: Annotated[
        int, typer.Option(min=1, max=100, help="Works looked at around each, under each model.")
    ] = NEIGHBOURS,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Find records that are one work: the same file, or reproductions of one painting.

    Nothing is changed or deleted. `vasari duplicates mark` says that records are one work, which a
    search then shows once; `vasari duplicates dismiss` that they are not, and they are not reported
    again.
    """
    if context.invoked_subcommand is not None:
        return
    with open_deployment(home) as deployment:
        found = _find(deployment, neighbours)
        if html is not None:
            save_text(duplicates_page(found, deployment.thumbnail_of), html)
        present(duplicates_document(found), duplicates_tables(found), as_json=as_json)


@app.command("mark")
def mark_command(ids: Ids, *, home: options.Home = None, as_json: options.Json = False) -> None:
    """Say that records are one work; a search then shows it once, with its reproductions."""
    marked = _decide(home, ids, mark_same)
    present(
        {"marked": [str(item) for item in marked]},
        f"{len(marked)} records are marked as one work.",
        as_json=as_json,
    )


@app.command("unmark")
def unmark_command(ids: Ids, *, home: options.Home = None, as_json: options.Json = False) -> None:
    """Take records out of the works that they are marked as."""
    taken = _decide(home, ids, unmark_same)
    present(
        {"unmarked": [str(item) for item in taken]},
        f"{len(taken)} records are no longer marked.",
        as_json=as_json,
    )


@app.command("dismiss")
def dismiss_command(ids: Ids, *, home: options.Home = None, as_json: options.Json = False) -> None:
    """Say that records are different works, no two of them the same: they are not reported again.

    `vasari duplicates dismissed` lists what you have dismissed, `undismiss` takes it back, and so
    does marking the records as one work.
    """
    pairs = _decide(home, ids, dismiss)
    present(
        {"dismissed": pairs},
        f"{pairs} pairs of records are not reported as one work any more.",
        as_json=as_json,
    )


@app.command("dismissed")
def dismissed_command(*, home: options.Home = None, as_json: options.Json = False) -> None:
    """List the pairs of records that were dismissed as different works, the latest first."""
    with open_deployment(home) as deployment:
        with deployment.database.transaction() as session:
            dismissed = dismissals(session)
        document = {"dismissed": plain(dismissed)}
        present(document, dismissals_table(dismissed), as_json=as_json)


@app.command("undismiss")
def undismiss_command(
    ids: Ids, *, home: options.Home = None, as_json: options.Json = False
) -> None:
    """Take back what was dismissed: of one record all, of several what is among them."""
    pairs = _decide(home, ids, undismiss)
    present(
        {"undismissed": pairs},
        f"{pairs} pairs of records may be reported again.",
        as_json=as_json,
    )


def _find(deployment: Deployment, neighbours: int) -> Duplicates:
    with Progress(console=messages, transient=True) as bar:
        task = bar.add_task("comparing works", total=None)
        return find_duplicates(
            index=deployment.index,
            database=deployment.database,
            keypoints=deployment.keypoint_store,
            picture_of=deployment.thumbnail_of,
            neighbours=neighbours,
            threads=deployment.settings.decode_threads,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _decide(
    home: Path | None, ids: list[str], decision: Callable[[Any, list[UUID]], Decided]
) -> Decided:
    """Keep a curator's decision on records."""
    with open_deployment(home) as deployment:
        known = [find_artwork(deployment, item).id for item in ids]
        with deployment.database.transaction() as session:
            return decision(session, known)
