"""Options that several commands share, spelled and explained once."""

from pathlib import Path
from typing import Annotated

import typer

from catalog.filters import Filter
from ingest.readers.text import clean

Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        help="Folder of the embedded collection (or VASARI_HOME; default ~/.vasari).",
        file_okay=False,
        show_default=False,
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else there.")
]
Models = Annotated[
    list[str] | None,
    typer.Option("--model", "-m", help="A model; repeat for several.", show_default=False),
]
Artist = Annotated[
    list[str] | None,
    typer.Option("--artist", help="Only this artist; repeat for any of several."),
]
Genre = Annotated[list[str] | None, typer.Option("--genre", help="Only this genre.")]
Style = Annotated[list[str] | None, typer.Option("--style", help="Only this style.")]
School = Annotated[list[str] | None, typer.Option("--school", help="Only this school.")]
Source = Annotated[list[str] | None, typer.Option("--source", help="Only this source.")]
YearFrom = Annotated[int | None, typer.Option("--year-from", help="First year wanted.")]
YearTo = Annotated[int | None, typer.Option("--year-to", help="Last year wanted.")]


def filter_of(
    *,
    artist: list[str] | None,
    genre: list[str] | None,
    style: list[str] | None,
    school: list[str] | None,
    source: list[str] | None,
    year_from: int | None,
    year_to: int | None,
) -> Filter:
    """Return the filter that the options describe, its values spelled as the catalog spells them.

    Raises:
        InvalidFilter: the years are the wrong way round.
    """
    return Filter(
        artist=_values(artist),
        genre=_values(genre),
        style=_values(style),
        school=_values(school),
        source=_values(source),
        year_from=year_from,
        year_to=year_to,
    )


def _values(given: list[str] | None) -> tuple[str, ...]:
    return tuple(value for item in given or () if (value := clean(item)) is not None)
