"""Artists as persons: whose name each spelling is, and what a curator makes of them.

Filters, facets, evaluations and the index speak of an artist by the preferred name; each work keeps
the spelling of its source beside it. A spelling that is new joins the artist whose name it is but
for accents, case and punctuation; anything less sure is left to a curator.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from rapidfuzz import process
from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from catalog.filters import Filter
from catalog.models import Artist, ArtistAuthority, ArtistName, Artwork
from catalog.names import name_key
from catalog.record import LONGEST_LABEL
from errors import VasariError

_WORKS = func.count(Artwork.id).label("works")


class UnknownArtist(VasariError, LookupError):
    """No artist has this id or name; the message names similar ones."""

    is_for_visitors = True


class InvalidArtistChange(VasariError, ValueError):
    """Artists cannot be changed like this; the message says why."""

    is_for_visitors = True


@dataclass(frozen=True, kw_only=True)
class ArtistFacts:
    """What the catalog knows of one artist.

    Args:
        name: the preferred name.
        born, died: years.
        works: how many are in the catalog.
        names: all spellings, the preferred name among them.
    """

    id: UUID
    name: str
    born: int | None
    died: int | None
    works: int
    names: tuple[str, ...]


def list_artists(session: Session, ids: Iterable[UUID] | None = None) -> tuple[ArtistFacts, ...]:
    """Return artists, all or those with some ids, the one with the most works first."""
    chosen = None if ids is None else list(ids)
    spellings = select(ArtistName.artist_id, ArtistName.name).order_by(ArtistName.name)
    artists = select(Artist.id, Artist.name, Artist.born, Artist.died, _WORKS)
    if chosen is not None:
        spellings = spellings.where(ArtistName.artist_id.in_(chosen))
        artists = artists.where(Artist.id.in_(chosen))
    names: dict[UUID, list[str]] = {}
    for artist_id, name in session.execute(spellings):
        names.setdefault(artist_id, []).append(name)
    rows = session.execute(
        artists.outerjoin(Artwork, Artwork.artist_id == Artist.id)
        .group_by(Artist.id, Artist.name, Artist.born, Artist.died)
        .order_by(_WORKS.desc(), Artist.name)
    )
    return tuple(ArtistFacts(**row._mapping, names=tuple(names.get(row.id, ()))) for row in rows)


def find_artist(session: Session, text: str) -> UUID:
    """Return the artist with this id or name, spelled in any of the ways that are known.

    Raises:
        UnknownArtist: there is none, or several.
    """
    try:
        wanted = UUID(text)
    except ValueError:
        found = _by_name(session, [text]).get(text)
        if found is not None:
            return found
    else:
        if session.get(Artist, wanted) is not None:
            return wanted
    names = list(session.scalars(select(ArtistName.name)))
    near = [name for name, _, _ in process.extract(text, names, limit=3, score_cutoff=60)]
    hint = ", ".join(f"“{name}”" for name in near)
    raise UnknownArtist(
        f"no artist is known as “{text}”. "
        + (f"Did you mean {hint}? " if near else "")
        + "`vasari artists list` names them all"
    )


def with_preferred_names(session: Session, wanted: Filter) -> Filter:
    """Return a filter that speaks of artists by their preferred names.

    Names that nobody is known by are left as they are.
    """
    named = [*wanted.artist, *wanted.not_artist]
    if not named:
        return wanted
    found = _by_name(session, named)
    rows = session.execute(select(Artist.id, Artist.name).where(Artist.id.in_(found.values())))
    preferred = dict(rows.tuples().all())

    def spoken(names: Sequence[str]) -> tuple[str, ...]:
        chosen = (preferred[found[name]] if name in found else name for name in names)
        return tuple(dict.fromkeys(chosen))

    return replace(wanted, artist=spoken(wanted.artist), not_artist=spoken(wanted.not_artist))


def merge(session: Session, into: UUID, others: Iterable[UUID]) -> None:
    """Make several artists one, with all their names; the works' payloads are outdated after it.

    Raises:
        UnknownArtist: one of them is not there.
        InvalidArtistChange: there is nobody to merge.
    """
    merged = set(others) - {into}
    if not merged:
        raise InvalidArtistChange("an artist is merged with others: name at least one more")
    kept = _get(session, into)
    for artist_id in sorted(merged):
        other = _get(session, artist_id)
        kept.born = other.born if kept.born is None else kept.born
        kept.died = other.died if kept.died is None else kept.died
    for table in (ArtistName, ArtistAuthority):
        session.execute(update(table).where(table.artist_id.in_(merged)).values(artist_id=into))
    _give_works(session, kept, Artwork.artist_id.in_(merged))
    # The rows themselves go last: the works referred to them.
    session.flush()
    session.execute(delete(Artist).where(Artist.id.in_(merged)))


def rename(session: Session, artist_id: UUID, name: str) -> None:
    """Give an artist another preferred name; the works' payloads are outdated after it.

    Raises:
        UnknownArtist: there is no such artist.
        InvalidArtistChange: it is another artist's name, or none at all.
    """
    artist = _get(session, artist_id)
    if not name or len(name) > LONGEST_LABEL:
        raise InvalidArtistChange(f"a name has 1 to {LONGEST_LABEL} characters")
    owner = session.get(ArtistName, name)
    if owner is not None and owner.artist_id != artist_id:
        raise InvalidArtistChange(
            f"“{name}” is a name of another artist: `vasari artists merge` makes them one"
        )
    if owner is None:
        session.add(ArtistName(name=name, key=name_key(name), artist_id=artist_id, by_curator=True))
    artist.name = name
    _give_works(session, artist, Artwork.artist_id == artist_id)
    session.flush()


def split(session: Session, name: str) -> UUID:
    """Make the bearer of one spelling an artist of their own, and return who that is.

    Works that are spelled so go along, and those that a source will spell so.

    Raises:
        UnknownArtist: nobody is spelled so.
        InvalidArtistChange: it is the artist's preferred name.
    """
    spelling = session.get(ArtistName, name)
    if spelling is None:
        raise UnknownArtist(f"no artist is spelled “{name}”; `vasari artists list` names them all")
    former = _get(session, spelling.artist_id)
    if former.name == name:
        raise InvalidArtistChange(
            f"“{name}” is the artist's preferred name: `vasari artists rename` gives them another"
        )
    artist = Artist(id=uuid4(), name=name)
    session.add(artist)
    session.flush()
    spelling.artist_id, spelling.by_curator = artist.id, True
    _give_works(session, artist, Artwork.artist_id == former.id, Artwork.artist_as_given == name)
    session.flush()
    return artist.id


def _get(session: Session, artist_id: UUID) -> Artist:
    artist = session.get(Artist, artist_id, with_for_update=True)
    if artist is None:
        raise UnknownArtist(f"no artist has the id {artist_id}; `vasari artists list` shows them")
    return artist


def _give_works(session: Session, artist: Artist, *which: ColumnElement[bool]) -> None:
    values = {"artist_id": artist.id, "artist": artist.name, "payload_outdated": True}
    session.execute(update(Artwork).where(*which).values(**values))


def _by_name(session: Session, names: Sequence[str]) -> dict[str, UUID]:
    """Return whose names these are, spelled so or nearly so; what is nobody's is left out."""
    rows = session.execute(
        select(ArtistName.name, ArtistName.artist_id).where(ArtistName.name.in_(names))
    )
    found = dict(rows.tuples().all())
    keys = {name: name_key(name) for name in names if name not in found}
    bearers: dict[str, set[UUID]] = {}
    for key, artist_id in session.execute(
        select(ArtistName.key, ArtistName.artist_id).where(
            ArtistName.key.in_([key for key in keys.values() if key])
        )
    ):
        bearers.setdefault(key, set()).add(artist_id)
    for name, key in keys.items():
        if len(bearers.get(key, ())) == 1:
            found[name] = next(iter(bearers[key]))
    return found
