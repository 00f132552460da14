"""Works that a curator has deleted, remembered so that the next ingest does not bring them back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from catalog.artworks import ArtworkFacts, facts_of
from catalog.models import Artwork, DeletedArtwork
from catalog.record import ArtworkRecord
from catalog.same_works import unmark_same


@dataclass(frozen=True, kw_only=True)
class Deletion:
    """A work that was deleted, and when."""

    id: UUID
    source: str
    source_id: str
    title: str
    deleted_at: datetime


_DELETION = select(*(getattr(DeletedArtwork, name) for name in Deletion.__dataclass_fields__))


def delete_artwork(session: Session, artwork_id: UUID) -> ArtworkFacts | None:
    """Delete a work with its tasks, failures, corrections and marks, and remember that.

    Returns:
        What was known of it; ``None`` where no work has this id.
    """
    artwork = session.get(Artwork, artwork_id)
    if artwork is None:
        return None
    facts = facts_of(artwork)
    session.merge(
        DeletedArtwork(
            id=artwork_id, source=artwork.source, source_id=artwork.source_id, title=artwork.title
        )
    )
    unmark_same(session, [artwork_id])
    session.expunge(artwork)
    session.execute(delete(Artwork).where(Artwork.id == artwork_id))
    return facts


def restore(session: Session, ids: Sequence[UUID]) -> tuple[Deletion, ...]:
    """Forget that works were deleted, so that the next ingest takes them in again."""
    rows = session.execute(_DELETION.where(DeletedArtwork.id.in_(ids))).all()
    session.execute(delete(DeletedArtwork).where(DeletedArtwork.id.in_(ids)))
    return tuple(Deletion(**row._mapping) for row in rows)


def deletions(session: Session) -> tuple[Deletion, ...]:
    """Return all works that were deleted, the latest first."""
    rows = session.execute(_DELETION.order_by(DeletedArtwork.deleted_at.desc(), DeletedArtwork.id))
    return tuple(Deletion(**row._mapping) for row in rows)


def deleted_among(session: Session, ids: Sequence[UUID]) -> set[UUID]:
    """Return those ids that works had which were deleted."""
    return set(session.scalars(select(DeletedArtwork.id).where(DeletedArtwork.id.in_(ids))))


def without_deleted(session: Session, records: Sequence[ArtworkRecord]) -> list[ArtworkRecord]:
    """Return the records of works that have not been deleted."""
    deleted = deleted_among(session, [record.id for record in records])
    return [record for record in records if record.id not in deleted]


def is_image_of_any(session: Session, sha256: str) -> bool:
    """Tell whether any work has this image."""
    count = select(func.count()).select_from(Artwork).where(Artwork.image_sha256 == sha256)
    return bool(session.scalar(count))
