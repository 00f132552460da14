"""Reading and writing the artworks of the catalog."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from catalog.artists import with_preferred_names
from catalog.attribution import Attribution, artist_columns, attribute
from catalog.corrections import keep_corrections
from catalog.filters import KEYWORD_FIELDS, PAYLOAD_FIELDS, Filter
from catalog.listing import ORDERS, Order, has_words
from catalog.models import Artwork, ImageState, Source
from catalog.record import ArtworkRecord

METADATA_FIELDS = ("title", "artist", "genre", "style", "school", "year", "file")


@dataclass(frozen=True, kw_only=True)
class ArtworkFacts:
    """What the catalog knows of one artwork, detached from the database."""

    id: UUID
    title: str
    artist: str | None
    genre: str | None
    style: str | None
    school: str | None
    year: int | None
    source: str
    file: str
    image_location: str
    image_sha256: str | None
    image_state: ImageState
    image_width: int | None
    image_height: int | None
    image_signature: str | None = None
    artist_as_given: str | None = None
    artist_id: UUID | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def catalogued_as(self) -> str | None:
        """The artist as the source spells them, where that is not the artist's preferred name."""
        return self.artist_as_given if self.artist_as_given != self.artist else None

    def payload(self) -> dict[str, str | int]:
        """Return the fields that the index keeps beside the vectors, without the empty ones."""
        return {
            name: value for name in PAYLOAD_FIELDS if (value := getattr(self, name)) is not None
        }


FACT_COLUMNS = [getattr(Artwork, name) for name in ArtworkFacts.__dataclass_fields__]


@dataclass(frozen=True, kw_only=True)
class Upserted:
    """What a batch of records did to the catalog, by artwork id."""

    updated: frozenset[UUID]
    """Works that were known, with other metadata."""
    image_to_check: frozenset[UUID]
    """Works that are new, or whose image may have changed since it was last read."""
    image_changed: frozenset[UUID]
    """Those that were known, and of which the source now says that the image is another."""


@dataclass(frozen=True, kw_only=True)
class ArtworkPage:
    """One page of a listing, and how many works it is a page of."""

    total: int
    artworks: tuple[ArtworkFacts, ...]


def upsert(session: Session, records: Sequence[ArtworkRecord], *, reader: str) -> Upserted:
    """Bring the catalog up to what the records say, in the session's transaction.

    What a curator has corrected stays as it is.

    Args:
        records: at most a few hundred, with distinct ids.
        reader: name of the reader that they came through.
    """
    corrected = keep_corrections(session, records)
    # First of all that is written: it waits for others that add artists, who may wait for the rest.
    artists = _artists(session, records, corrected)
    _ensure_sources(session, {record.source for record in records}, reader=reader)
    known = {
        artwork.id: artwork
        for artwork in session.scalars(
            select(Artwork).where(Artwork.id.in_([record.id for record in records]))
        )
    }
    updated, to_check, changed = set(), set(), set()
    for record in records:
        values = {name: getattr(record, name) for name in METADATA_FIELDS}
        values |= {"extra": dict(record.extra)}
        values |= corrected.get(record.id, {}) | artists[record.id]
        artwork = known.get(record.id)
        if artwork is None:
            artwork = Artwork(id=record.id, source=record.source, source_id=record.source_id)
            artwork.image_state = ImageState.PENDING
            session.add(artwork)
        elif any(value != getattr(artwork, name) for name, value in values.items()):
            updated.add(record.id)
            artwork.payload_outdated = True
        for name, value in values.items():
            setattr(artwork, name, value)
        image = (record.image_location, record.image_signature)
        if image != (artwork.image_location, artwork.image_signature):
            artwork.image_location, artwork.image_signature = image
            changed.add(record.id)
        if record.id in changed or record.image_signature is None:
            to_check.add(record.id)
    session.flush()
    return Upserted(
        updated=frozenset(updated),
        image_to_check=frozenset(to_check),
        image_changed=frozenset(changed & known.keys()),
    )


def list_artworks(
    session: Session,
    wanted: Filter,
    *,
    limit: int | None = None,
    offset: int = 0,
    state: ImageState | None = None,
    text: str = "",
    order: Order = "artist",
    among: Sequence[UUID] | None = None,
) -> ArtworkPage:
    """Return the works that pass a filter, in an order.

    Artists may be named in any of the ways that are known.

    Args:
        state: keep only works whose image is in this state.
        text: words that are in the title or the artist, whatever their accents and case.
        order: of the works; by artist, also by year and title.
        among: keep only these works.
    """
    conditions = _conditions(with_preferred_names(session, wanted))
    if text.strip():
        conditions.append(has_words(text))
    if among is not None:
        # Written into the statement: a database takes so many parameters only.
        ids: BindParameter[Any] = bindparam(
            "among", list(among), expanding=True, literal_execute=True
        )
        conditions.append(Artwork.id.in_(ids))
    if state is not None:
        conditions.append(Artwork.image_state == state)
    total = session.scalar(select(func.count()).select_from(Artwork).where(*conditions)) or 0
    page = (
        select(Artwork)
        .where(*conditions)
        .order_by(*ORDERS[order], Artwork.id)
        .limit(limit)
        .offset(offset)
    )
    return ArtworkPage(total=total, artworks=_facts(session, page))


def by_id(session: Session, ids: Iterable[UUID]) -> dict[UUID, ArtworkFacts]:
    """Return the works with these ids, in one query; unknown ids are left out."""
    found = _facts(session, select(Artwork).where(Artwork.id.in_(list(ids))))
    return {artwork.id: artwork for artwork in found}


def facets(session: Session, wanted: Filter) -> dict[str, dict[str, int]]:
    """Return how many ready works each value of each field would leave.

    A field's own condition is left out of its counts, so that a second value can be added to it.

    Returns:
        field name -> value -> number of works, the most frequent value first.
    """
    counted: dict[str, dict[str, int]] = {}
    wanted = with_preferred_names(session, wanted)
    for name in KEYWORD_FIELDS:
        column = getattr(Artwork, name)
        rows = session.execute(
            select(column, func.count().label("works"))
            .where(
                column.is_not(None),
                Artwork.image_state == ImageState.READY,
                *_conditions(wanted.without(name)),
            )
            .group_by(column)
            .order_by(func.count().desc(), column)
        )
        counted[name] = {str(value): int(works) for value, works in rows}
    return counted


def year_counts(session: Session, wanted: Filter) -> dict[int, int]:
    """Return how many ready works of each year pass a filter whose own years are left out."""
    conditions = _conditions(
        replace(with_preferred_names(session, wanted), year_from=None, year_to=None)
    )
    rows = session.execute(
        select(Artwork.year, func.count())
        .where(Artwork.year.is_not(None), Artwork.image_state == ImageState.READY, *conditions)
        .group_by(Artwork.year)
        .order_by(Artwork.year)
    )
    return {int(year): int(works) for year, works in rows}


def year_span(session: Session) -> tuple[int, int] | None:
    """Return the first and the last year in the catalog; ``None`` where no work has one."""
    first, last = session.execute(select(func.min(Artwork.year), func.max(Artwork.year))).one()
    return None if first is None else (first, last)


def known_values(session: Session, name: str) -> list[str]:
    """Return every value that a keyword field has in the catalog."""
    column = getattr(Artwork, name)
    return list(session.scalars(select(column).where(column.is_not(None)).distinct()))


def take_outdated_payloads(session: Session, limit: int) -> tuple[ArtworkFacts, ...]:
    """Return works whose metadata the index has yet to learn, and mark them as learned.

    The mark holds once the session's transaction commits: tell the index before that.
    """
    outdated = session.scalars(
        select(Artwork)
        .where(Artwork.payload_outdated)
        .order_by(Artwork.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for artwork in outdated:
        artwork.payload_outdated = False
    return tuple(facts_of(artwork) for artwork in outdated)


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        getattr(Artwork, name).in_(values) for name, values in wanted.keywords().items()
    ]
    for name, values in wanted.exclusions().items():
        column = getattr(Artwork, name)
        conditions.append(or_(column.is_(None), column.not_in(values)))
    if wanted.year_from is not None:
        conditions.append(Artwork.year >= wanted.year_from)
    if wanted.year_to is not None:
        conditions.append(Artwork.year <= wanted.year_to)
    return conditions


def _facts(session: Session, query: Select[tuple[Artwork]]) -> tuple[ArtworkFacts, ...]:
    # Plain columns take half the time of whole rows that a session looks after.
    rows = session.execute(query.with_only_columns(*FACT_COLUMNS))
    return tuple(ArtworkFacts(**row._mapping) for row in rows)


def facts_of(artwork: Artwork) -> ArtworkFacts:
    """Return a row's facts, free of its session."""
    names = ArtworkFacts.__dataclass_fields__
    return ArtworkFacts(**{name: getattr(artwork, name) for name in names})


def _artists(
    session: Session,
    records: Sequence[ArtworkRecord],
    corrected: Mapping[UUID, Mapping[str, Any]],
) -> dict[UUID, dict[str, Any]]:
    """Return the columns that say who each record's work is by."""
    named: dict[UUID, Attribution] = {}
    for record in records:
        by_curator = "artist" in corrected.get(record.id, {})
        spelling = corrected[record.id]["artist"] if by_curator else record.artist
        if spelling is not None:
            maker = None if by_curator else record.maker
            named[record.id] = Attribution(source=record.source, spelling=spelling, maker=maker)
    found = attribute(session, list(named.values()))
    return {record.id: artist_columns(found, named.get(record.id)) for record in records}


def _ensure_sources(session: Session, names: set[str], *, reader: str) -> None:
    known = set(session.scalars(select(Source.name).where(Source.name.in_(names))))
    session.add_all(Source(name=name, reader=reader) for name in sorted(names - known))
    session.flush()
