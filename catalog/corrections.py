"""What a curator has corrected in the metadata of works, and what the source says instead."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.attribution import Attribution, artist_columns, attribute
from catalog.models import Artwork, Correction
from catalog.record import ArtworkRecord, InvalidRecord
from errors import VasariError

CORRECTABLE = ("title", "artist", "genre", "style", "school", "year")
"""The fields that can be corrected."""

Value = str | int | None


class InvalidCorrection(VasariError, ValueError):
    """A work cannot be corrected like this; the message says why."""

    is_for_visitors = True


def correct(
    session: Session,
    artwork_id: UUID,
    values: Mapping[str, Value],
    *,
    withdrawn: Iterable[str] = (),
) -> None:
    """Correct fields of a work, for good: what the source says of them later is only written down.

    Args:
        values: field -> its right value; ``None`` empties it.
        withdrawn: fields whose correction is taken back, so that the source's value holds again.

    Raises:
        InvalidCorrection: no such work, no such field, or a value that the catalog cannot hold.
    """
    artwork = session.get(Artwork, artwork_id, with_for_update=True)
    if artwork is None:
        raise InvalidCorrection(
            f"no work has the id {artwork_id}; `vasari artworks list` shows the ids"
        )
    known = {item.field: item for item in _of(session, [artwork_id])}
    for name in withdrawn:
        _check_name(name)
        if name not in known:
            raise InvalidCorrection(f"the {name} of this work has not been corrected")
        _set(session, artwork, name, known[name].source_value)
        session.delete(known.pop(name))
    values = _checked(artwork, values)
    for name, value in values.items():
        if name in known:
            known[name].value = value
        else:
            session.add(
                Correction(
                    artwork_id=artwork_id,
                    field=name,
                    value=value,
                    source_value=getattr(artwork, "artist_as_given" if name == "artist" else name),
                )
            )
        _set(session, artwork, name, value)
    session.flush()


def keep_corrections(
    session: Session, records: Sequence[ArtworkRecord]
) -> dict[UUID, dict[str, Any]]:
    """Write down what records say of corrected fields, and return what holds: id -> field -> value.

    Works without corrections are left out.
    """
    said = {record.id: record for record in records}
    kept: dict[UUID, dict[str, Any]] = {}
    for item in _of(session, said):
        item.source_value = getattr(said[item.artwork_id], item.field)
        kept.setdefault(item.artwork_id, {})[item.field] = item.value
    return kept


def source_values(session: Session, artwork_id: UUID) -> dict[str, Value]:
    """Return what the source says of the fields of a work that have been corrected."""
    said = {item.field: item.source_value for item in _of(session, [artwork_id])}
    return {name: said[name] for name in CORRECTABLE if name in said}


def _of(session: Session, ids: Iterable[UUID]) -> Sequence[Correction]:
    return session.scalars(select(Correction).where(Correction.artwork_id.in_(list(ids)))).all()


def _set(session: Session, artwork: Artwork, name: str, value: Value) -> None:
    """Set a field; a name of an artist means the artist who is known by it."""
    if name != "artist":
        setattr(artwork, name, value)
        return
    meant = None if value is None else Attribution(source=artwork.source, spelling=str(value))
    found = attribute(session, [meant] if meant else [])
    for column, held in artist_columns(found, meant).items():
        setattr(artwork, column, held)


def _check_name(name: str) -> None:
    if name not in CORRECTABLE:
        raise InvalidCorrection(f"{name!r} cannot be corrected; what can: {', '.join(CORRECTABLE)}")


def _checked(artwork: Artwork, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return corrected values, held to what is asked of a source's."""
    for name, value in values.items():
        _check_name(name)
        if isinstance(value, int) and name != "year":
            raise InvalidCorrection(f"{name} is a text, and {value} is a number")
    try:
        record = ArtworkRecord(
            source=artwork.source,
            source_id=artwork.source_id,
            file=artwork.file,
            image_location=artwork.image_location,
            **({"title": artwork.title} | dict(values)),  # type: ignore[arg-type]
        )
    except InvalidRecord as error:
        raise InvalidCorrection(str(error)) from error
    return {name: getattr(record, name) for name in values}
