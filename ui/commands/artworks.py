"""``vasari artworks``: what the catalog knows."""

from typing import Annotated

import typer
from rich.console import Group

from catalog.artworks import facets, list_artworks
from catalog.corrections import source_values
from catalog.filters import Filter
from catalog.listing import Order
from catalog.models import ImageState
from catalog.same_works import reproductions_of
from ui import options
from ui.arguments import find_artwork
from ui.documents.collection import artwork_details, facets_document, listing_document
from ui.documents.plain import plain
from ui.output import present
from ui.session import open_deployment, warn_of_unknown_values
from ui.tables.collection import artworks_table, facets_tables, facts_table, reproductions_table

app = typer.Typer(no_args_is_help=True, help="List and show the works of the collection.")


@app.command("list")
@options.takes_filter
def list_command(
    *,
    wanted: Filter,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, help="Show at most this many works.", show_default="20, or all with --json"
        ),
    ] = None,
    offset: Annotated[int, typer.Option(min=0, help="Skip this many works first.")] = 0,
    text: Annotated[
        str, typer.Option(help="Words in title or artist, whatever their accents and case.")
    ] = "",
    sort: Annotated[Order, typer.Option(help="What the works are sorted by.")] = "artist",
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """List works, those that pass the filter or all."""
    with open_deployment(home) as deployment:
        shown = limit if limit is not None or as_json else 20
        with deployment.database.transaction() as session:
            page = list_artworks(session, wanted, limit=shown, offset=offset, text=text, order=sort)
        if page.total == 0:
            warn_of_unknown_values(deployment, wanted)
        present(listing_document(page), artworks_table(page), as_json=as_json)


@app.command("facets")
@options.takes_filter
def facets_command(
    *,
    wanted: Filter,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Show at most this many values of each field.",
            show_default="10, or all with --json",
        ),
    ] = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Count the searchable works of each artist, genre, style, school and source.

    Under a filter a field is counted as if its own condition were not there, so that the counts say
    what choosing another value instead, or as well, would bring.
    """
    with open_deployment(home) as deployment:
        with deployment.database.transaction() as session:
            counted = facets(session, wanted)
            total = list_artworks(session, wanted, limit=0, state=ImageState.READY).total
        if total == 0:
            warn_of_unknown_values(deployment, wanted)
        shown = limit if limit is not None or as_json else 10
        present(
            facets_document(counted, total=total, limit=shown),
            facets_tables(counted, total=total, limit=shown),
            as_json=as_json,
        )


@app.command("show")
def show_command(
    artwork: Annotated[str, typer.Argument(help="The id of a work.")],
    *,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Show all that is known of one work."""
    with open_deployment(home) as deployment:
        facts = find_artwork(deployment, artwork)
        with deployment.database.transaction() as session:
            details = artwork_details(facts, source_says=source_values(session, facts.id))
            others = reproductions_of(session, facts.id)
        tables = [facts_table(details), *([reproductions_table(others)] if others else [])]
        document = details | {"reproductions": plain(others)}
        present(document, Group(*tables), as_json=as_json)
