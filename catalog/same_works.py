"""Records of one work: what a curator has said, so that a search shows the work once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from catalog.artworks import ArtworkFacts, by_id
from catalog.models import Artwork, DifferentWorks, SameWork
from errors import VasariError


class InvalidMark(VasariError, ValueError):
    """These records cannot be marked as one work; the message says why."""

    is_for_visitors = True


def mark_same(session: Session, ids: Iterable[UUID]) -> tuple[UUID, ...]:
    """Mark records as reproductions of one work, together with what each is marked with already.

    Returns:
        All records of that work now, in the order of their ids.

    Raises:
        InvalidMark: fewer than two records, or one that the catalog does not have.
    """
    named = set(ids)
    if len(named) < 2:
        raise InvalidMark("one work needs at least two records to be marked as the same")
    known = set(session.scalars(select(Artwork.id).where(Artwork.id.in_(named))))
    if missing := sorted(named - known):
        raise InvalidMark(f"no work has the id {missing[0]}; `vasari artworks list` shows the ids")
    former = set(
        session.scalars(
            select(SameWork.work_id).where(SameWork.artwork_id.in_(named)).with_for_update()
        )
    )
    members = named | set(
        session.scalars(select(SameWork.artwork_id).where(SameWork.work_id.in_(former)))
    )
    work_id = min(former, default=uuid4())
    for artwork_id in sorted(members):
        session.merge(SameWork(artwork_id=artwork_id, work_id=work_id))
    # Whoever says that they are one work says no longer that they are not.
    session.execute(
        delete(DifferentWorks).where(
            DifferentWorks.first_id.in_(members), DifferentWorks.second_id.in_(members)
        )
    )
    session.flush()
    return tuple(sorted(members))


def unmark_same(session: Session, ids: Iterable[UUID]) -> tuple[UUID, ...]:
    """Take records out of the works that they are marked as; a record left alone is out as well.

    Returns:
        The records that are no longer marked, in the order of their ids.
    """
    named = set(ids)
    rows = session.execute(
        select(SameWork.artwork_id, SameWork.work_id).where(SameWork.artwork_id.in_(named))
    ).all()
    taken = {artwork_id for artwork_id, _ in rows}
    for _, left in _members(session, {work_id for _, work_id in rows}).items():
        remaining = set(left) - taken
        if len(remaining) == 1:
            taken |= remaining
    session.execute(delete(SameWork).where(SameWork.artwork_id.in_(taken)))
    return tuple(sorted(taken))


def same_works(session: Session) -> tuple[tuple[UUID, ...], ...]:
    """Return the records of every work that has several, each in the order of their ids."""
    works = _members(session).values()
    return tuple(tuple(records) for records in works if len(records) > 1)


def has_same_works(session: Session) -> bool:
    """Tell whether any records are marked as one work."""
    return session.scalar(select(SameWork.artwork_id).limit(1)) is not None


def same_bytes(session: Session) -> tuple[tuple[UUID, ...], ...]:
    """Return the records whose image files are equal byte for byte, of each such image."""
    several = (
        select(Artwork.image_sha256)
        .where(Artwork.image_sha256.is_not(None))
        .group_by(Artwork.image_sha256)
        .having(func.count() > 1)
    )
    equal: dict[str | None, list[UUID]] = defaultdict(list)
    for sha256, artwork_id in session.execute(
        select(Artwork.image_sha256, Artwork.id)
        .where(Artwork.image_sha256.in_(several))
        .order_by(Artwork.image_sha256, Artwork.id)
    ):
        equal[sha256].append(artwork_id)
    return tuple(tuple(records) for records in equal.values())


def reproductions(session: Session, ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """Return the other records of the same work, of those of the records that have any."""
    rows = session.execute(
        select(SameWork.artwork_id, SameWork.work_id).where(SameWork.artwork_id.in_(ids))
    ).all()
    if not rows:
        return {}
    members = _members(session, {work_id for _, work_id in rows})
    others = {
        artwork_id: tuple(item for item in members[work_id] if item != artwork_id)
        for artwork_id, work_id in rows
    }
    return {artwork_id: items for artwork_id, items in others.items() if items}


def reproductions_of(session: Session, artwork_id: UUID) -> tuple[ArtworkFacts, ...]:
    """Return the other records of a work, as a curator has marked them."""
    ids = reproductions(session, [artwork_id]).get(artwork_id, ())
    found = by_id(session, ids)
    return tuple(found[item] for item in ids)


def _members(session: Session, work_ids: set[UUID] | None = None) -> dict[UUID, list[UUID]]:
    """Return the records of some works, or of all, in the order of their ids."""
    marks = select(SameWork.work_id, SameWork.artwork_id)
    if work_ids is not None:
        marks = marks.where(SameWork.work_id.in_(work_ids))
    members: dict[UUID, list[UUID]] = defaultdict(list)
    for work_id, artwork_id in session.execute(
        marks.order_by(SameWork.work_id, SameWork.artwork_id)
    ):
        members[work_id].append(artwork_id)
    return members
