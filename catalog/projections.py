"""What the catalog keeps of each derived model: the projection fitted on this collection."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import models


@dataclass(frozen=True, kw_only=True, eq=False)
class StoredProjection:
    """A projection from one vector of a work to another.

    Args:
        model: the derived model.
        fingerprint: of the feature that it was fitted on.
        version: another one whenever it is fitted anew.
        works: how many works it was fitted on.
        collection: how many works the collection had then.
        mean: float32 [d].
        matrix: float32 [d, k].
    """

    model: str
    fingerprint: str
    version: UUID
    works: int
    collection: int
    mean: NDArray[np.float32]
    matrix: NDArray[np.float32]


def load_projection(session: Session, model: str) -> StoredProjection | None:
    """Return a derived model's projection; ``None`` if none has been fitted."""
    row = session.get(models.Projection, model)
    if row is None:
        return None
    mean = np.frombuffer(row.mean, np.float32)
    return StoredProjection(
        model=row.model,
        fingerprint=row.fingerprint,
        version=row.version,
        works=row.works,
        collection=row.collection,
        mean=mean,
        matrix=np.frombuffer(row.matrix, np.float32).reshape(len(mean), -1),
    )


def projection_version(session: Session, model: str) -> UUID | None:
    """Return which version of a derived model's projection is kept, without reading it."""
    return session.scalar(select(models.Projection.version).where(models.Projection.model == model))


def save_projection(
    session: Session,
    *,
    model: str,
    fingerprint: str,
    works: int,
    collection: int,
    mean: NDArray[np.float32],
    matrix: NDArray[np.float32],
) -> None:
    """Keep a projection in place of the model's former one, under a new version."""
    session.merge(
        models.Projection(
            model=model,
            fingerprint=fingerprint,
            version=uuid4(),
            works=works,
            collection=collection,
            mean=np.asarray(mean, np.float32).tobytes(),
            matrix=np.asarray(matrix, np.float32).tobytes(),
        )
    )
