"""``vasari search``: the works most like a picture."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from embedders import Embedder
from search.similar import MOST_HITS, similar
from ui import options
from ui.documents import search_document
from ui.session import (
    Refused,
    console,
    models_for_search,
    open_deployment,
    print_json,
    warn_of_unknown_values,
)
from ui.tables import search_tables


def search_command(
    picture: Annotated[
        str, typer.Argument(help="A picture file, or the id of a work of the collection.")
    ],
    *,
    top: Annotated[
        int, typer.Option(min=1, max=MOST_HITS, help="Works wanted of each model.")
    ] = 10,
    model: options.Models = None,
    artist: options.Artist = None,
    genre: options.Genre = None,
    style: options.Style = None,
    school: options.School = None,
    source: options.Source = None,
    year_from: options.YearFrom = None,
    year_to: options.YearTo = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Scan every work instead of walking the HNSW graph.")
    ] = False,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Find the works most like a picture, under each model, with statistics."""
    with open_deployment(home, as_json=as_json) as deployment:
        wanted = options.filter_of(
            artist=artist,
            genre=genre,
            style=style,
            school=school,
            source=source,
            year_from=year_from,
            year_to=year_to,
        )
        query = _query(picture)
        names = models_for_search(deployment, model)
        embedders: list[Embedder] = []
        if isinstance(query, Path):
            embedders = [deployment.embedder(name) for name in names]
        answer = similar(
            query,
            index=deployment.index,
            database=deployment.database,
            embedders=embedders,
            models=names,
            wanted=wanted,
            top=top,
            exact=exact,
            max_pixels=deployment.settings.max_image_pixels,
        )
        if not any(found.hits for found in answer.models.values()):
            warn_of_unknown_values(deployment, wanted)
        if as_json:
            print_json(search_document(answer))
        else:
            console.print(search_tables(answer))


def _query(picture: str) -> Path | UUID:
    path = Path(picture).expanduser()
    if path.exists():
        return path
    try:
        return UUID(picture)
    except ValueError:
        raise Refused(f"no file {picture!r}, and it is not the id of a work either") from None
