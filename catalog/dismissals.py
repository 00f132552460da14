"""Records that look alike and are not one work: what a curator has said, so that it is asked once.

A dismissal is of two records. One of a group is of each two of its records.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from uuid import UUID

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from catalog.artworks import ArtworkFacts, by_id
from catalog.models import Artwork, DifferentWorks, SameWork
from catalog.same_works import InvalidMark

MOST_AT_ONCE = 100
"""Records of one dismissal, which is written down for each two of them."""


@dataclass(frozen=True, kw_only=True)
class Dismissal:
    """Two records that are not one work, by their titles."""

    works: tuple[ArtworkFacts, ArtworkFacts]
    dismissed_at: datetime


def dismiss(session: Session, ids: Iterable[UUID]) -> int:
    """Say of records that no two of them are one work.

    Returns:
        How many pairs are dismissed that were not before.

    Raises:
        InvalidMark: fewer than two records or too many, one that the catalog does not have, or two
            that are marked as one work.
    """
    named = sorted(set(ids))
    if not 2 <= len(named) <= MOST_AT_ONCE:
        raise InvalidMark(f"name from 2 to {MOST_AT_ONCE} records that are not one work")
    known = set(session.scalars(select(Artwork.id).where(Artwork.id.in_(named))))
    if missing := sorted(set(named) - known):
        raise InvalidMark(f"no work has the id {missing[0]}; `vasari artworks list` shows the ids")
    works = list(session.scalars(select(SameWork.work_id).where(SameWork.artwork_id.in_(named))))
    if len(works) != len(set(works)):
        raise InvalidMark(
            "two of these records are marked as one work: take one of them out first, with "
            "`vasari duplicates unmark`"
        )
    pairs = list(combinations(named, 2))
    before = _count(session)
    for first, second in pairs:
        session.merge(DifferentWorks(first_id=first, second_id=second))
    session.flush()
    return _count(session) - before


def undismiss(session: Session, ids: Iterable[UUID]) -> int:
    """Take back what was said of records: of one, all; of several, of each two of them.

    Returns:
        How many pairs are dismissed no longer.
    """
    named = set(ids)
    first, second = DifferentWorks.first_id, DifferentWorks.second_id
    within = (first.in_(named), second.in_(named))
    before = _count(session)
    session.execute(
        delete(DifferentWorks).where(or_(*within) if len(named) == 1 else (within[0] & within[1]))
    )
    return before - _count(session)


def dismissals(session: Session) -> tuple[Dismissal, ...]:
    """Return all that was dismissed, the latest first."""
    rows = session.execute(
        select(
            DifferentWorks.first_id, DifferentWorks.second_id, DifferentWorks.dismissed_at
        ).order_by(
            DifferentWorks.dismissed_at.desc(), DifferentWorks.first_id, DifferentWorks.second_id
        )
    ).all()
    works = by_id(session, {item for first, second, _ in rows for item in (first, second)})
    return tuple(
        Dismissal(works=(works[first], works[second]), dismissed_at=moment)
        for first, second, moment in rows
    )


def dismissed_pairs(session: Session) -> set[tuple[UUID, UUID]]:
    """Return the pairs that were dismissed, the lesser id first."""
    rows = session.execute(select(DifferentWorks.first_id, DifferentWorks.second_id))
    return set(rows.tuples())


def _count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(DifferentWorks)) or 0
