"""What a curator makes of artists: the catalog and the index learn it together."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy.orm import Session

from catalog.artist_suggestions import MergeSuggestion
from catalog.artists import ArtistFacts, list_artists, merge, rename, split
from catalog.artworks import take_outdated_payloads
from catalog.database import Database
from search.index.contract import Index

WORKS_AT_ONCE = 500


def merge_artists(
    database: Database, index: Index, into: UUID, others: Iterable[UUID]
) -> ArtistFacts:
    """Make several artists one; see ``catalog.artists.merge``."""
    with _told(database, index) as session:
        merge(session, into, others)
        return list_artists(session, [into])[0]


def rename_artist(database: Database, index: Index, artist: UUID, name: str) -> ArtistFacts:
    """Give an artist another preferred name; see ``catalog.artists.rename``."""
    with _told(database, index) as session:
        rename(session, artist, name)
        return list_artists(session, [artist])[0]


def split_artist(database: Database, index: Index, name: str) -> ArtistFacts:
    """Make the bearer of one spelling an artist of their own; see ``catalog.artists.split``."""
    with _told(database, index) as session:
        return list_artists(session, [split(session, name)])[0]


def apply_suggestions(
    database: Database, index: Index, suggestions: Sequence[MergeSuggestion]
) -> None:
    """Make the artists of each suggestion one, all suggestions or none."""
    with _told(database, index) as session:
        for item in suggestions:
            merge(session, item.into.id, [other.id for other in item.others])


@contextmanager
def _told(database: Database, index: Index) -> Iterator[Session]:
    """Tell the index what the block changes of artists; where it cannot be told, nothing is."""
    with database.transaction() as session:
        yield session
        while index.specs and (outdated := take_outdated_payloads(session, WORKS_AT_ONCE)):
            index.set_payload({artwork.id: artwork.payload() for artwork in outdated})
            session.flush()
