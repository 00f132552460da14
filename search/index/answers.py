"""What an engine's client gives, as the contract has it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import numpy as np

from search.index.contract import IndexPoint, VectorSpec
from search.index.status import VectorStatus


def vector_statuses(
    specs: Mapping[str, VectorSpec], points: Mapping[str, int], *, indexed: int
) -> dict[str, VectorStatus]:
    """Return the status of each vector.

    An engine counts the entries of all vectors together, features too. They are shared out in
    proportion to the points, which is exact where all points have all vectors: a point enters the
    graphs of all its vectors at once.

    Args:
        points: model -> points that have its vector.
        indexed: entries of all vectors that the engine counts as indexed.
    """
    share = indexed / max(1, sum(points.values()))
    return {
        model: VectorStatus(
            points=points[model],
            indexed=(
                0 if spec.role == "feature" else min(points[model], round(points[model] * share))
            ),
            fingerprint=spec.fingerprint,
        )
        for model, spec in sorted(specs.items())
    }


def uuid_of(point_id: object) -> UUID:
    """Return a point's id, which an engine gives in either of two forms."""
    return point_id if isinstance(point_id, UUID) else UUID(str(point_id))


def index_point(record: Any) -> IndexPoint:
    """Return a point as the contract has it from one as either engine's client gives it."""
    stored = record.vector if isinstance(record.vector, dict) else {}
    return IndexPoint(
        id=uuid_of(record.id),
        vectors={model: np.asarray(vector, dtype=np.float32) for model, vector in stored.items()},
        payload=record.payload or {},
    )
