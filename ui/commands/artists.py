"""``vasari artists``: who the works are by, under whatever names."""

from typing import Annotated

import typer

from catalog.artist_suggestions import LEAST_CONFIDENCE, suggest_merges
from catalog.artists import ArtistFacts, find_artist, list_artists
from catalog.names import name_key
from deployment import Deployment
from ingest.readers.text import clean
from maintenance.artists import apply_suggestions, merge_artists, rename_artist, split_artist
from ui import options
from ui.documents.curation import suggestion_document
from ui.documents.plain import plain
from ui.output import Refused, console, present, print_json
from ui.session import open_deployment
from ui.tables.artists import artists_table, suggestions_tables

app = typer.Typer(
    no_args_is_help=True, help="List artists, and make one person of several spellings."
)

Name = Annotated[str, typer.Argument(help="An artist's id, or any name of theirs.")]
Names = Annotated[list[str], typer.Argument(help="Ids or names of artists.", metavar="ARTIST...")]


@app.command("list")
def list_command(
    *,
    search: Annotated[
        str | None, typer.Option(help="Only artists with this text in one of their names.")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, help="Show at most this many artists.", show_default="30, or all with --json"
        ),
    ] = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """List artists with their works, dates and spellings; the one with the most works first."""
    with open_deployment(home) as deployment:
        with deployment.database.transaction() as session:
            found = list_artists(session)
        if search is not None:
            wanted = name_key(search)
            found = tuple(
                artist for artist in found if any(wanted in name_key(name) for name in artist.names)
            )
        shown = list(found[: limit if limit is not None or as_json else 30])
        document = {"total": len(found), "artists": plain(shown)}
        present(document, artists_table(shown, total=len(found)), as_json=as_json)


@app.command("merge")
def merge_command(
    into: Name, others: Names, *, home: options.Home = None, as_json: options.Json = False
) -> None:
    """Make OTHERS and INTO one artist, who keeps the name of INTO; searches follow at once.

    All spellings are kept, works show the one of their source, and no ingest undoes it.
    """
    with open_deployment(home) as deployment:
        with deployment.database.transaction() as session:
            kept = find_artist(session, into)
            merged = [find_artist(session, other) for other in others]
        artist = merge_artists(deployment.database, deployment.index, kept, merged)
        _present(artist, as_json=as_json)


@app.command("rename")
def rename_command(
    artist: Name,
    name: Annotated[str, typer.Argument(help="The preferred name.")],
    *,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Give an artist another preferred name; the former one still finds them."""
    with open_deployment(home) as deployment:
        with deployment.database.transaction() as session:
            found = find_artist(session, artist)
        facts = rename_artist(deployment.database, deployment.index, found, clean(name) or "")
        _present(facts, as_json=as_json)


@app.command("split")
def split_command(
    name: Annotated[str, typer.Argument(help="One spelling, exactly.")],
    *,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Make the bearer of one spelling an artist of their own: what undoes a wrong merge."""
    with open_deployment(home) as deployment:
        facts = split_artist(deployment.database, deployment.index, name)
        _present(facts, as_json=as_json)


@app.command("suggest")
def suggest_command(
    *,
    least: Annotated[
        float, typer.Option(min=0, max=1, help="Nothing that is less sure than this.")
    ] = LEAST_CONFIDENCE,
    apply: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Merge those that are at least this sure, such as 0.95."),
    ] = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Suggest which artists are one person, with the evidence and how sure it is.

    The evidence is their names, across scripts too, the years of their lives, and works whose
    records are marked as one (`vasari duplicates mark`). Nothing is merged without --apply.
    """
    with open_deployment(home) as deployment:
        applied = 0 if apply is None else _apply(deployment, apply)
        with deployment.database.transaction() as session:
            left = suggest_merges(session, least=least)
        if as_json:
            suggestions = [suggestion_document(item) for item in left]
            print_json({"applied": applied, "suggestions": suggestions})
            return
        if apply is not None:
            console.print(f"{applied} artists were merged into others.")
        console.print(suggestions_tables(left))


def _present(artist: ArtistFacts, *, as_json: bool) -> None:
    present(plain(artist), artists_table([artist], total=1), as_json=as_json)


def _apply(deployment: Deployment, least: float) -> int:
    """Merge what is sure enough, and return how many artists went up in others."""
    if least < LEAST_CONFIDENCE:
        raise Refused(f"--apply must be at least {LEAST_CONFIDENCE}: less sure is not to be merged")
    with deployment.database.transaction() as session:
        sure = suggest_merges(session, least=least)
    apply_suggestions(deployment.database, deployment.index, sure)
    return sum(len(item.others) for item in sure)
