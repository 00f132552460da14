"""What a curator makes of artists: the catalog and the index learn it together."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from catalog.artist_suggestions import MergeSuggestion
from catalog.artists import ArtistFacts, list_artists, merge, rename, split
from catalog.artworks import take_outdated_payloads
from catalog.database import Database
from search.index.contract import Index

WORKS_AT_ONCE = 500

Result = TypeVar("Result")


def merge_artists(
    database: Database, index: Index, into: UUID, others: Iterable[UUID]
) -> ArtistFacts:
    """Make several artists one; see ``catalog.artists.merge``."""

    def change(session: Session) -> UUID:
        merge(session, into, others)
        return into

    return _changed(database, index, change)


def rename_artist(database: Database, index: Index, artist: UUID, name: str) -> ArtistFacts:
    """Give an artist another preferred name; see ``catalog.artists.rename``."""

    def change(session: Session) -> UUID:
        rename(session, artist, name)
        return artist

    return _changed(database, index, change)


def split_artist(database: Database, index: Index, name: str) -> ArtistFacts:
    """Make the bearer of one spelling an artist of their own; see ``catalog.artists.split``."""
    return _changed(database, index, lambda session: split(session, name))


def apply_suggestions(
    database: Database, index: Index, suggestions: Sequence[MergeSuggestion]
) -> None:
    """Make the artists of each suggestion one, all suggestions or none."""
    with database.transaction() as session:
        for item in suggestions:
            merge(session, item.into.id, [other.id for other in item.others])
        _tell(session, index)


def _changed(database: Database, index: Index, change: Callable[[Session], UUID]) -> ArtistFacts:
    """Change an artist, and tell the index; where it cannot be told, nothing is changed."""
    with database.transaction() as session:
        artist = change(session)
        _tell(session, index)
        return list_artists(session, [artist])[0]


def _tell(session: Session, index: Index) -> None:
    if not index.specs:
        return
    while outdated := take_outdated_payloads(session, WORKS_AT_ONCE):
        index.set_payload({artwork.id: artwork.payload() for artwork in outdated})
        session.flush()
