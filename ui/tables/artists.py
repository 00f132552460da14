"""Artists and what may be made of them, as tables for a terminal."""

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from catalog.artist_suggestions import MergeSuggestion
from catalog.artists import ArtistFacts
from ui.tables.collection import empty_table, one_line, right


def artists_table(artists: list[ArtistFacts], *, total: int) -> Table:
    """Return a listing of artists with their other names."""
    table = empty_table(
        Column("artist", overflow="fold"),
        Column("years", no_wrap=True),
        right("works", no_wrap=True),
        Column("also", overflow="fold"),
        caption=f"{len(artists)} of {total} artists",
    )
    for artist in artists:
        others = [name for name in artist.names if name != artist.name]
        table.add_row(
            one_line(artist.name), years(artist), str(artist.works), one_line("; ".join(others))
        )
    return table


def suggestions_tables(suggestions: tuple[MergeSuggestion, ...]) -> RenderableType:
    """Return which artists may be one, with the evidence and the command that makes them one."""
    parts: list[RenderableType] = []
    for item in suggestions:
        everyone = {artist.id: artist for artist in (item.into, *item.others)}
        names = " + ".join(f"“{one_line(artist.name)}”" for artist in item.others)
        heading = Text(f"{item.confidence:.0%}  “{one_line(item.into.name)}” + {names}")
        parts.append(heading)
        for link in item.links:
            first, second = (
                one_line(everyone[artist].name) for artist in (link.first, link.second)
            )
            reasons = "; ".join(link.reasons)
            line = f"     {first} and {second}: {reasons} ({link.confidence:.0%})"
            parts.append(Text(line, style="dim"))
    merges = sum(len(item.others) for item in suggestions)
    parts.append(Text(f"{merges} merges suggested. Nothing was changed."))
    return Group(*parts)


def years(artist: ArtistFacts) -> str:
    """Return an artist's life, as far as it is known."""
    if artist.born is None and artist.died is None:
        return ""
    return f"{artist.born or '?'}–{artist.died or '?'}"
