"""What has happened to the record of one work."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.corrections import Value
from catalog.models import Artwork, Correction, EmbeddingTask, TaskState


@dataclass(frozen=True, kw_only=True)
class CorrectedField:
    """A field that holds what a curator says.

    Args:
        source_value: what the source said of it last.
    """

    field: str
    value: Value
    source_value: Value
    corrected_at: datetime


@dataclass(frozen=True, kw_only=True)
class WorkHistory:
    """What the catalog knows of a record's past.

    Args:
        models: that have embedded its image.
        corrections: the latest first.
    """

    added_at: datetime
    changed_at: datetime
    models: tuple[str, ...]
    corrections: tuple[CorrectedField, ...]


def work_history(session: Session, artwork: UUID) -> WorkHistory | None:
    """Return what has happened to a work; ``None`` for one that is not in the catalog."""
    found = session.get(Artwork, artwork)
    if found is None:
        return None
    embedded = select(EmbeddingTask.model).where(
        EmbeddingTask.artwork_id == artwork, EmbeddingTask.state == TaskState.DONE
    )
    corrected = (
        select(Correction)
        .where(Correction.artwork_id == artwork)
        .order_by(Correction.corrected_at.desc(), Correction.field)
    )
    return WorkHistory(
        added_at=found.created_at,
        changed_at=found.updated_at,
        models=tuple(session.scalars(embedded.order_by(EmbeddingTask.model))),
        corrections=tuple(
            CorrectedField(
                field=item.field,
                value=item.value,
                source_value=item.source_value,
                corrected_at=item.corrected_at,
            )
            for item in session.scalars(corrected)
        ),
    )
