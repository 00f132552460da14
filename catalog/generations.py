"""What the catalog must know when the index is given another generation."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from catalog.batching import batched
from catalog.models import Artwork, Background, EmbeddingTask, Model, Projection, TaskState

PAGE = 500
UNCLAIMED: dict[str, None] = {"claimed_by": None, "lease_expires_at": None}


def embedded(artwork_id: UUID, model: str, fingerprint: str, sha256: str | None) -> dict[str, Any]:
    """Return the columns of a task that is done."""
    return {
        "artwork_id": artwork_id,
        "model": model,
        "state": TaskState.DONE,
        "last_error": None,
        "image_sha256": sha256,
        "fingerprint": fingerprint,
        **UNCLAIMED,
    }


def changed_since(session: Session, moment: datetime) -> set[UUID]:
    """Return the works of which anything changed after a moment."""
    return set(session.scalars(select(Artwork.id).where(Artwork.updated_at >= moment)))


def mark_reembedded(
    session: Session,
    model: str,
    fingerprint: str,
    *,
    works: Sequence[UUID],
    failed: Mapping[UUID, str],
) -> None:
    """Write down that these works are embedded by certain weights, and that others failed."""
    for page in batched(works, PAGE):
        _set_embedded(session, model, fingerprint, page)
    for artwork_id, reason in failed.items():
        session.merge(
            EmbeddingTask(
                artwork_id=artwork_id,
                model=model,
                state=TaskState.FAILED,
                last_error=reason,
                fingerprint=None,
                image_sha256=None,
                **UNCLAIMED,
            )
        )


def mark_rolled_back(
    session: Session,
    held: Collection[UUID],
    fingerprints: Mapping[str, str],
    *,
    since: datetime,
) -> tuple[int, set[UUID]]:
    """Write down that the index holds again what it held before.

    Args:
        held: the works that it holds.
        fingerprints: of the weights that its vectors were made by, by name.
        since: what was added or changed after this is to be embedded again.

    Returns:
        How many works that is, and what the index holds and the catalog no longer knows.
    """
    known = set(session.scalars(select(Artwork.id)))
    behind = changed_since(session, since) | (known - set(held))
    settled = sorted(known - behind)
    models = session.scalars(select(EmbeddingTask.model).distinct()).all()
    for model in models:
        if model not in fingerprints:
            continue
        session.execute(
            update(Model).where(Model.name == model).values(fingerprint=fingerprints[model])
        )
        for page in batched(settled, PAGE):
            session.execute(
                update(EmbeddingTask)
                .where(
                    EmbeddingTask.model == model,
                    EmbeddingTask.state == TaskState.DONE,
                    EmbeddingTask.artwork_id.in_(page),
                )
                .values(fingerprint=fingerprints[model])
            )
    for page in batched(sorted(behind), PAGE):
        session.execute(
            update(EmbeddingTask)
            .where(EmbeddingTask.artwork_id.in_(page), EmbeddingTask.state == TaskState.DONE)
            .values(state=TaskState.PENDING, image_sha256=None, fingerprint=None)
        )
        session.execute(update(Artwork).where(Artwork.id.in_(page)).values(payload_outdated=True))
    return len(behind), set(held) - known


def forget_models(session: Session, names: Collection[str]) -> None:
    """Delete all that is known of models whose vectors are gone from the index."""
    for table, column in (
        (EmbeddingTask, EmbeddingTask.model),
        (Projection, Projection.model),
        (Background, Background.model),
        (Model, Model.name),
    ):
        session.execute(delete(table).where(column.in_(names)))


def _set_embedded(session: Session, model: str, fingerprint: str, works: Sequence[UUID]) -> None:
    images = session.execute(select(Artwork.id, Artwork.image_sha256).where(Artwork.id.in_(works)))
    of_model = EmbeddingTask.model == model
    there = set(
        session.scalars(
            select(EmbeddingTask.artwork_id).where(of_model, EmbeddingTask.artwork_id.in_(works))
        )
    )
    rows = [embedded(item, model, fingerprint, sha256) for item, sha256 in images.tuples()]
    if known := [row for row in rows if row["artwork_id"] in there]:
        session.execute(update(EmbeddingTask), known)
    if fresh := [row for row in rows if row["artwork_id"] not in there]:
        session.execute(insert(EmbeddingTask), fresh)
