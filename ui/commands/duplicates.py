"""``vasari duplicates``: records that are one work, found for a curator to decide about."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from catalog.dismissals import dismiss, dismissals, undismiss
from catalog.same_works import mark_same, unmark_same
from search.duplicates import NEIGHBOURS
from ui import options
from ui.arguments import find_artwork
from ui.documents.curation import duplicates_document
from ui.documents.plain import plain
from ui.output import messages, present, save_text
from ui.progress import counted
from ui.questions import duplicates
from ui.reports.duplicates_report import PIXELS, duplicates_report
from ui.reports.pictures import WorkPictures
from ui.session import open_deployment
from ui.tables.duplicates import dismissals_table, duplicates_tables

app = typer.Typer(
    invoke_without_command=True,
    help="Find records that are one work: the same file, or reproductions of one painting.",
)

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
        with counted(messages, "comparing works") as progress:
            found = duplicates(deployment, neighbours=neighbours, progress=progress)
        if html is not None:
            from ui.reports.page import render

            pictures = WorkPictures(deployment.thumbnail_of, pixels=PIXELS)
            save_text(render(duplicates_report(found, pictures)), html)
        present(duplicates_document(found), duplicates_tables(found), as_json=as_json)


@app.command("mark")
def mark_command(ids: Ids, *, home: options.Home = None, as_json: options.Json = False) -> None:
    """Say that records are one work; a search then shows it once, with its reproductions."""
    said = "{} records are marked as one work."
    _decide(home, ids, mark_same, "marked", said, as_json=as_json)


@app.command("unmark")
def unmark_command(ids: Ids, *, home: options.Home = None, as_json: options.Json = False) -> None:
    """Take records out of the works that they are marked as."""
    said = "{} records are no longer marked."
    _decide(home, ids, unmark_same, "unmarked", said, as_json=as_json)


@app.command("dismiss")
def dismiss_command(ids: Ids, *, home: options.Home = None, as_json: options.Json = False) -> None:
    """Say that records are different works, no two of them the same: they are not reported again.

    `vasari duplicates dismissed` lists what you have dismissed, `undismiss` takes it back, and so
    does marking the records as one work.
    """
    said = "{} pairs of records are not reported as one work any more."
    _decide(home, ids, dismiss, "dismissed", said, as_json=as_json)


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
    said = "{} pairs of records may be reported again."
    _decide(home, ids, undismiss, "undismissed", said, as_json=as_json)


def _decide(
    home: Path | None,
    ids: list[str],
    decision: Callable[[Any, list[UUID]], int | Collection[UUID]],
    key: str,
    said: str,
    *,
    as_json: bool,
) -> None:
    """Keep a curator's decision on records, and print what it changed.

    Args:
        key: of that in the JSON document.
        said: the sentence, with a place for how much that is.
    """
    with open_deployment(home) as deployment:
        known = [find_artwork(deployment, item).id for item in ids]
        with deployment.database.transaction() as session:
            changed = decision(session, known)
    count = changed if isinstance(changed, int) else len(changed)
    present({key: plain(changed)}, said.format(count), as_json=as_json)
