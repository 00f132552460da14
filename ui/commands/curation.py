"""``vasari artworks edit``, ``delete``, ``deleted`` and ``restore``: a curator's own word."""

from typing import Annotated

import typer
from rich.table import Table

from catalog.corrections import CORRECTABLE, Value, source_values
from catalog.deletions import deleted_among, deletions, restore
from ingest.readers.text import clean
from maintenance.curation import delete, edit
from ui import options
from ui.arguments import find_artwork, work_id
from ui.documents.collection import artwork_details
from ui.output import Refused, console, present
from ui.session import open_deployment
from ui.tables.collection import facts_table

Work = Annotated[str, typer.Argument(help="The id of a work.", metavar="ID")]
Works = Annotated[list[str], typer.Argument(help="The ids of works.", metavar="ID...")]


def edit_command(
    work: Work,
    *,
    title: Annotated[str | None, typer.Option(help="The right title.")] = None,
    artist: Annotated[str | None, typer.Option(help="The right artist.")] = None,
    genre: Annotated[str | None, typer.Option(help="The right genre.")] = None,
    style: Annotated[str | None, typer.Option(help="The right style.")] = None,
    school: Annotated[str | None, typer.Option(help="The right school.")] = None,
    year: Annotated[int | None, typer.Option(help="The right year.")] = None,
    clear: Annotated[
        list[str] | None,
        typer.Option(help="A field that is to be empty; repeat for several.", metavar="FIELD"),
    ] = None,
    undo: Annotated[
        list[str] | None,
        typer.Option(
            help="A field that is to follow the source again; repeat for several.", metavar="FIELD"
        ),
    ] = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Correct what is known of a work: searches follow at once, and no ingest undoes it.

    What the source says is kept and shown beside.
    """
    with open_deployment(home, writes=True) as deployment:
        given = {
            "title": title,
            "artist": artist,
            "genre": genre,
            "style": style,
            "school": school,
            "year": year,
        }
        values = _corrections(given, clear or [])
        if not values and not undo:
            raise Refused("nothing to correct: say what is right, such as `--title '…'`")
        facts = edit(
            deployment.database,
            deployment.index,
            find_artwork(deployment, work).id,
            values,
            withdrawn=undo or (),
        )
        with deployment.database.transaction() as session:
            details = artwork_details(facts, source_says=source_values(session, facts.id))
        present(details, facts_table(details), as_json=as_json)


def delete_command(
    works: Works,
    *,
    yes: options.Yes = False,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Delete works from the catalog, the index and the thumbnails; their images stay.

    A later ingest does not bring them back, unless `vasari artworks restore` allows it. Killed in
    between, the same command goes on: works that were deleted already count as done.
    """
    with open_deployment(home, writes=True) as deployment:
        ids = list(dict.fromkeys(map(work_id, works)))
        with deployment.database.transaction() as session:
            gone = deleted_among(session, ids)
        found = [find_artwork(deployment, str(work)) for work in ids if work not in gone]
        already = [str(work) for work in ids if work in gone]
        if found and not yes and not as_json:
            for facts in found:
                console.print(f"{facts.title} · {facts.artist or 'unknown artist'}")
            typer.confirm("Delete?", abort=True)
        for facts in found:
            delete(deployment.database, deployment.index, deployment.image_store, facts.id)
        present(
            {"deleted": [str(facts.id) for facts in found], "already_deleted": already},
            f"{len(found)} deleted"
            + (f", {len(already)} had been deleted already" if already else "")
            + ". `vasari artworks restore` lets the next ingest take them "
            "in again.",
            as_json=as_json,
        )


def deleted_command(*, home: options.Home = None, as_json: options.Json = False) -> None:
    """List the works that were deleted, which no ingest takes in."""
    with open_deployment(home) as deployment:
        with deployment.database.transaction() as session:
            gone = deletions(session)
        fields = ("id", "source", "source_id", "title", "deleted_at")
        table = Table("id", "title", "source", "deleted")
        for item in gone:
            table.add_row(str(item.id), item.title, item.source, f"{item.deleted_at:%Y-%m-%d}")
        document = [{name: str(getattr(item, name)) for name in fields} for item in gone]
        present({"deleted": document}, table, as_json=as_json)


def restore_command(
    works: Works, *, home: options.Home = None, as_json: options.Json = False
) -> None:
    """Let the next ingest take in works again that were deleted."""
    with open_deployment(home, writes=True) as deployment:
        with deployment.database.transaction() as session:
            restored = restore(session, list(map(work_id, works)))
        if len(restored) < len(set(works)):
            known = {str(item.id) for item in restored}
            missing = next(work for work in works if str(work_id(work)) not in known)
            raise Refused(
                f"no deleted work has the id {missing}; `vasari artworks deleted` shows them"
                + (f" ({len(restored)} others were restored)" if restored else "")
            )
        present(
            {"restored": [str(item.id) for item in restored]},
            f"{len(restored)} restored: the next ingest of their source brings them.",
            as_json=as_json,
        )


def _corrections(given: dict[str, Value], cleared: list[str]) -> dict[str, Value]:
    values: dict[str, Value] = dict.fromkeys(cleared)
    for name in CORRECTABLE:
        value = given[name]
        if value is None:
            continue
        if name in values:
            raise Refused(f"--{name} and --clear {name} contradict one another")
        cleaned = clean(value) if isinstance(value, str) else value
        if cleaned is None:
            raise Refused(f"--{name} is empty: `--clear {name}` empties a field")
        values[name] = cleaned
    return values
