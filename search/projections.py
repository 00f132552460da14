"""Derived vectors: what the same forward pass knows besides its embedding, fitted on a collection.

A derived model's vectors are a projection of a stored feature. The projection is fitted on the
collection by the job that fills it, fitted anew when the collection has grown by much, and kept in
the catalog; its vectors lie in the index under the derived model's name and are searched like any
other's.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from catalog.database import Database
from catalog.projections import (
    StoredProjection,
    load_projection,
    projection_version,
    save_projection,
)
from embedders import DerivedDescription, Embedder, ModelRegistry
from embedders.fingerprint import derived_fingerprint, feature_fingerprint, joint_fingerprint
from embedders.precision import weights_of
from embedders.projection import Projection, fit, turned_towards
from search.index.contract import Index, IndexFault, Vector, VectorSpec
from search.index.sampling import sample_vectors, stored_vectors

LEAST_WORKS = 20
"""Fewer say too little about what works of a collection have in common."""

GROWTH = 0.25
"""A collection that has grown or shrunk by more than this share is fitted anew."""

FIT_WORKS = 20_000
"""Works that a projection is fitted on at most, drawn at random."""


class NotFitted(IndexFault):
    """A derived model has no projection yet."""


def vector_specs(embedder: Embedder, registry: ModelRegistry) -> list[VectorSpec]:
    """Return all vectors that a model brings to the index: its own, its features, its derived."""
    return [
        *_given_specs(embedder),
        *(
            VectorSpec(
                model=derived.name,
                dimension=derived.dimension,
                fingerprint=derived_fingerprint(derived, embedder.fingerprint),
                role="derived",
            )
            for derived in registry.derived_models(embedder.name)
        ),
    ]


def _given_specs(embedder: Embedder) -> list[VectorSpec]:
    """Return the vectors that a model's forward pass gives: its own, and its features."""
    return [
        VectorSpec(
            model=embedder.name, dimension=embedder.dimension, fingerprint=embedder.fingerprint
        ),
        *(
            VectorSpec(
                model=feature.name,
                dimension=feature.dimension,
                fingerprint=feature_fingerprint(feature, embedder.fingerprint),
                role="feature",
            )
            for feature in embedder.description.features
        ),
    ]


def projected_fingerprint(derived: DerivedDescription, base: Embedder) -> str:
    """Return the fingerprint of what a derived model is projected from."""
    return source_fingerprint({spec.model: spec for spec in _given_specs(base)}, derived)


def source_fingerprint(specs: Mapping[str, VectorSpec], derived: DerivedDescription) -> str:
    """Return the fingerprint of what a derived model is projected from, as an index holds it."""
    return joint_fingerprint([specs[name].fingerprint for name in derived.derivation.features])


class CurrentProjection:
    """A derived model's projection, read again whenever it has been fitted anew.

    Args:
        fingerprint: of the feature that is projected. A projection fitted on that of other weights
            is passed over: whoever began with the former ones stays with theirs.
    """

    def __init__(self, database: Database, model: str, *, fingerprint: str) -> None:
        self._database = database
        self._model = model
        self._weights = weights_of(fingerprint)
        self._seen: UUID | None = None
        self._stored: StoredProjection | None = None

    def __call__(self) -> Projection:
        """Return the projection.

        Raises:
            NotFitted: there is none yet.
        """
        with self._database.transaction() as session:
            version = projection_version(session, self._model)
            if version != self._seen:
                latest = load_projection(session, self._model)
                if latest is not None and weights_of(latest.fingerprint) == self._weights:
                    self._stored = latest
                self._seen = version
        if version is None or self._stored is None:
            raise NotFitted(
                f"{self._model} has not been fitted on this collection: the next ingest does it, "
                f"once there are {LEAST_WORKS} works; one that is fitted to labels, "
                "`vasari fit-projection` does"
            )
        return _projection(self._stored)


class Projector:
    """Projects what a job embeds with the projections that have been fitted already."""

    def __init__(self, database: Database, index: Index, registry: ModelRegistry) -> None:
        self._projections = [
            (
                derived,
                CurrentProjection(
                    database,
                    derived.name,
                    fingerprint=source_fingerprint(index.specs, derived),
                ),
            )
            for derived in _held(index, registry)
        ]

    def add_derived(self, vectors: Mapping[UUID, dict[str, Vector]]) -> None:
        """Add to the vectors of each work, by model, those of the derived models."""
        for derived, current in self._projections:
            names = derived.derivation.features
            works = [work for work, held in vectors.items() if all(name in held for name in names)]
            try:
                projection = current()
            except NotFitted:
                continue
            features = [np.concatenate([vectors[work][name] for name in names]) for work in works]
            if features:
                projected = projection.apply(np.array(features, np.float32))
                for work, vector in _unit_vectors(works, projected):
                    vectors[work][derived.name] = vector


@dataclass(frozen=True, kw_only=True)
class FittedProjection:
    """A projection that was fitted on an index, and with which all of it was projected.

    Args:
        feature: what it projects, as in ``Derivation``.
        fingerprint: of that.
        collection: how many works the index held.
    """

    model: str
    feature: str
    fingerprint: str
    collection: int
    projection: Projection


def refresh_projections(database: Database, index: Index, registry: ModelRegistry) -> list[str]:
    """Fit anew the projections that no longer fit the collection, and project all works again.

    One that was fitted to labels stays as it is; works without its vector are projected.

    Returns the derived models whose vectors were written. Killed in between, the next call does
    it again: a projection is kept when all its vectors are written.
    """
    written = []
    for derived, count, lacking in _fillable(index, registry):
        stored = _current(database, index, derived)
        supervised = derived.derivation.label is not None
        if supervised and stored is None:
            continue
        if stored is not None and (
            supervised or abs(count - stored.collection) <= GROWTH * stored.collection
        ):
            if not lacking:
                continue
            projection = _projection(stored)
        else:
            projection = _fitted(index, derived)
            if stored is not None:
                projection = turned_towards(projection, _projection(stored))
        keep(database, [_projected(index, derived, projection, count)])
        written.append(derived.name)
    return written


def project_anew(
    index: Index, models: Collection[str], registry: ModelRegistry
) -> list[FittedProjection]:
    """Fit what is derived of certain models on an index, and project all its works.

    What was fitted to labels is passed over: it was so to the features of the former weights.
    Nothing is written to the catalog: ``keep`` does that, once the index is in use.
    """
    return [
        _projected(index, derived, _fitted(index, derived), count)
        for derived, count, _ in _fillable(index, registry)
        if derived.derivation.model in models and derived.derivation.label is None
    ]


def project(index: Index, fitted: Sequence[FittedProjection], works: Sequence[UUID]) -> None:
    """Write the derived vectors of works whose features the index holds."""
    for one in fitted:
        for some, features in stored_vectors(index, one.feature, works):
            projected = one.projection.apply(features)
            index.set_vectors(one.model, dict(_unit_vectors(some, projected)))


def keep(database: Database, fitted: Sequence[FittedProjection]) -> None:
    """Write projections to the catalog, for all that is projected from now on."""
    with database.transaction() as session:
        for one in fitted:
            save_projection(
                session,
                model=one.model,
                fingerprint=one.fingerprint,
                works=one.projection.works,
                collection=one.collection,
                mean=one.projection.mean,
                matrix=one.projection.matrix,
            )


def _fillable(
    index: Index, registry: ModelRegistry
) -> Iterator[tuple[DerivedDescription, int, bool]]:
    """Go through the derived models with enough works, and whether any lacks its vector."""
    points = {model: held.points for model, held in index.status().vectors.items()}
    for derived in _held(index, registry):
        count = min(points[name] for name in derived.derivation.features)
        if count >= LEAST_WORKS:
            yield derived, count, points[derived.name] < count


def _fitted(index: Index, derived: DerivedDescription) -> Projection:
    sample = sample_vectors(index, derived.derivation.feature, FIT_WORKS)
    return fit(derived.derivation.recipe, sample, derived.dimension)


def _projected(
    index: Index, derived: DerivedDescription, projection: Projection, count: int
) -> FittedProjection:
    """Project all works of an index."""
    fitted = FittedProjection(
        model=derived.name,
        feature=derived.derivation.feature,
        fingerprint=source_fingerprint(index.specs, derived),
        collection=count,
        projection=projection,
    )
    project(index, [fitted], list(index.ids()))
    return fitted


def _held(index: Index, registry: ModelRegistry) -> list[DerivedDescription]:
    return [derived for derived in registry.derived_models() if derived.name in index.specs]


def _current(
    database: Database, index: Index, derived: DerivedDescription
) -> StoredProjection | None:
    with database.transaction() as session:
        stored = load_projection(session, derived.name)
    if stored is None or stored.fingerprint != source_fingerprint(index.specs, derived):
        return None
    return stored


def _projection(stored: StoredProjection) -> Projection:
    return Projection(stored.mean, stored.matrix, stored.works)


def _unit_vectors(
    works: Sequence[UUID], projected: NDArray[np.float32]
) -> Iterator[tuple[UUID, Vector]]:
    """Bring projected vectors to length one; a work in the very middle has no direction."""
    lengths = np.linalg.norm(projected, axis=1)
    for work, vector, length in zip(works, projected, lengths, strict=True):
        if length > 0:
            yield work, vector / length
