"""Whose work a record is: from the names and authorities of sources to artists of the catalog."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.locks import AdvisoryLock, lock_for_transaction
from catalog.models import Artist, ArtistAuthority, ArtistName
from catalog.name_matching import lives_contradict
from catalog.names import name_key, parse_name
from catalog.record import Maker


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """An artist as a record of a work names them.

    Args:
        spelling: the name as the source, or a curator, spells it.
        maker: who that is, where the source has an authority of artists.
    """

    source: str
    spelling: str
    maker: Maker | None = None


@dataclass(frozen=True)
class Attributed:
    """The artist that a work is by."""

    id: UUID
    name: str


def attribute(
    session: Session, attributions: Sequence[Attribution]
) -> dict[Attribution, Attributed]:
    """Return who each attribution means; whoever is not known yet becomes an artist.

    A spelling that a curator has spoken on means whom the curator said; then the source's own
    authority counts, then the spelling, as it is and at last without accents, case and punctuation.
    Two persons of one source's authority are never taken for one.
    """
    wanted = list(dict.fromkeys(attributions))
    known = _Known(session, wanted)
    found = {item: known.find(item) for item in wanted}
    if None in found.values():
        # Other processes may be making the same artists.
        lock_for_transaction(session, AdvisoryLock.ARTISTS)
        known = _Known(session, wanted)
        found = {item: known.find(item) or known.add(item) for item in wanted}
        session.flush()
    return {
        item: Attributed(artist.id, artist.name)
        for item, artist in found.items()
        if artist is not None
    }


def artist_columns(
    found: Mapping[Attribution, Attributed], attribution: Attribution | None
) -> dict[str, str | UUID | None]:
    """Return the columns of a work that say who it is by; ``None`` for nobody known."""
    if attribution is None:
        return {"artist": None, "artist_id": None, "artist_as_given": None}
    artist = found[attribution]
    return {"artist": artist.name, "artist_id": artist.id, "artist_as_given": attribution.spelling}


class _Known:
    """What the catalog knows of the artists that some attributions may mean."""

    def __init__(self, session: Session, wanted: Sequence[Attribution]) -> None:
        self._session = session
        keys = {name_key(item.spelling) for item in wanted}
        names = session.scalars(
            select(ArtistName).where(
                ArtistName.name.in_([item.spelling for item in wanted])
                | ArtistName.key.in_([key for key in keys if key])
            )
        ).all()
        numbered = [(item.source, item.maker.source_id) for item in wanted if item.maker]
        authorities = session.scalars(
            select(ArtistAuthority).where(
                ArtistAuthority.source.in_({source for source, _ in numbered}),
                ArtistAuthority.source_id.in_({source_id for _, source_id in numbered}),
            )
        ).all()
        ids = {item.artist_id for item in names} | {item.artist_id for item in authorities}
        self._artists: dict[UUID, Artist] = {
            item.id: item for item in session.scalars(select(Artist).where(Artist.id.in_(ids)))
        }
        self._names = {item.name: item for item in names}
        self._authorities = {(item.source, item.source_id): item.artist_id for item in authorities}
        self._numbered_by: dict[UUID, set[str]] = {}
        for item in session.scalars(
            select(ArtistAuthority).where(ArtistAuthority.artist_id.in_(ids))
        ):
            self._numbered_by.setdefault(item.artist_id, set()).add(item.source)

    def find(self, item: Attribution) -> Artist | None:
        """Return the artist that is known to be meant, if any."""
        name = self._names.get(item.spelling)
        if name is not None and (name.by_curator or item.maker is None):
            return self._artists[name.artist_id]
        if item.maker is None:
            return None
        artist_id = self._authorities.get((item.source, item.maker.source_id))
        return None if artist_id is None else self._artists[artist_id]

    def add(self, item: Attribution) -> Artist:
        """Add to what is known whom an attribution means, an artist that is there or a new one."""
        artist = self._namesake(item)
        if artist is None:
            parsed = parse_name(item.spelling)
            artist = Artist(
                id=uuid4(), name=self._free_name(item), born=parsed.born, died=parsed.died
            )
            self._session.add(artist)
            self._session.flush()
            self._artists[artist.id] = artist
            if artist.name not in self._names:
                self._add_name(artist.name, artist)
        if item.spelling not in self._names:
            self._add_name(item.spelling, artist)
        if item.maker is not None:
            artist.born = item.maker.born if item.maker.born is not None else artist.born
            artist.died = item.maker.died if item.maker.died is not None else artist.died
            self._session.add(
                ArtistAuthority(
                    source=item.source, source_id=item.maker.source_id, artist_id=artist.id
                )
            )
            self._authorities[item.source, item.maker.source_id] = artist.id
            self._numbered_by.setdefault(artist.id, set()).add(item.source)
        return artist

    def _namesake(self, item: Attribution) -> Artist | None:
        """Return the artist of this name, if there is one who can be meant."""
        exact = self._names.get(item.spelling)
        key = name_key(item.spelling)
        alike = {name.artist_id for name in self._names.values() if key and name.key == key}
        ids = {exact.artist_id} if exact is not None else alike
        if len(ids) != 1:
            return None
        artist = self._artists[next(iter(ids))]
        if item.maker is None:
            return artist
        other_person = item.source in self._numbered_by.get(artist.id, ())
        lives = (artist.born, artist.died), (item.maker.born, item.maker.died)
        return None if other_person or lives_contradict(*lives) else artist

    def _free_name(self, item: Attribution) -> str:
        """Return the spelling, or where another artist has that name, what sets this one apart."""
        if item.spelling not in self._names or item.maker is None:
            return item.spelling
        born, died = item.maker.born, item.maker.died
        apart = f"{born or '?'}–{died or '?'}" if born or died else item.maker.source_id
        name = f"{item.spelling} ({apart})"
        taken = self._session.get(ArtistName, name) is not None
        return f"{item.spelling} ({item.source} {item.maker.source_id})" if taken else name

    def _add_name(self, name: str, artist: Artist) -> None:
        spelling = ArtistName(name=name, key=name_key(name), artist_id=artist.id, by_curator=False)
        self._session.add(spelling)
        self._names[name] = spelling
