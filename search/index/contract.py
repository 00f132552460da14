"""The contract of the index: what ingest and queries may ask of any engine behind it.

One point is one artwork; one named vector is one model. Both engines (``edge`` in the process,
``server`` over the network) search by filtered HNSW over int8 codes and rescore with the float32
originals, so that the cosines they return are exact.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from catalog.filters import Filter
from embedders.precision import precision_of, weights_of
from errors import VasariError
from search.index.status import IndexStatus, Storage

Vector = NDArray[np.float32]


class IndexFault(VasariError):
    """The index cannot do what was asked; the message says what to do."""


class IndexUnreachable(IndexFault):
    """No engine answers."""


class IndexInUse(IndexFault):
    """Another process holds the embedded index."""


class FingerprintMismatch(IndexFault):
    """The stored vectors were made by other weights than those in use, or in another precision."""


class UnknownVector(IndexFault):
    """The index holds no vectors of this model."""


Role = Literal["model", "feature", "derived"]
"""What a named vector is for: a model's embedding, a feature that others are projected from (kept
on disk and never searched), or what was projected."""


@dataclass(frozen=True, kw_only=True)
class VectorSpec:
    """One named vector: the model, its dimension, the fingerprint of its weights, its role."""

    model: str
    dimension: int
    fingerprint: str
    role: Role = "model"

    def takes(self, offered: "VectorSpec") -> bool:
        """Tell whether vectors offered under this name may be put beside those stored."""
        return (self.dimension, self.fingerprint) == (offered.dimension, offered.fingerprint)

    def holds(self, asked: "VectorSpec") -> bool:
        """Tell whether those stored may be asked with such a vector, in whatever precision."""
        stored, own = weights_of(self.fingerprint), weights_of(asked.fingerprint)
        return (self.dimension, stored) == (asked.dimension, own)


@dataclass(frozen=True, kw_only=True)
class IndexPoint:
    """One artwork as the index holds it.

    Args:
        vectors: model -> L2-normalised float32 vector of the model's dimension.
        payload: the filter fields of the artwork, without the empty ones.
    """

    id: UUID
    vectors: Mapping[str, Vector]
    payload: Mapping[str, str | int]


@dataclass(frozen=True)
class Search:
    """What an engine is asked under one model: as ``Index.nearest``."""

    query: Vector
    top: int
    wanted: Filter
    exact: bool
    without: Sequence[UUID] = ()
    among: Sequence[UUID] | None = None


@dataclass(frozen=True, kw_only=True)
class ScoredId:
    """One answer of the index: an artwork and its cosine with the query, in [-1, 1]."""

    id: UUID
    cosine: float


class Index(Protocol):
    """The embeddings of a collection in one generation, stored and searched by an engine."""

    engine: Literal["edge", "server"]

    @property
    def specs(self) -> Mapping[str, VectorSpec]:
        """The named vectors that the generation holds, by model; empty before any."""

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        """Write points. A point that is there keeps the vectors that are not given anew."""

    def set_vectors(self, model: str, vectors: Mapping[UUID, Vector]) -> None:
        """Write one model's vectors of points that are there; other ids are ignored."""

    def set_payload(self, payloads: Mapping[UUID, Mapping[str, str | int]]) -> None:
        """Replace the payload of points; ids that the index does not hold are ignored."""

    def delete(self, ids: Sequence[UUID]) -> None:
        """Remove points; ids that the index does not hold are ignored."""

    def nearest(
        self,
        model: str,
        query: Vector,
        *,
        wanted: Filter,
        top: int,
        exact: bool = False,
        without: Sequence[UUID] = (),
        among: Sequence[UUID] | None = None,
    ) -> list[ScoredId]:
        """Return the points nearest to a query, the nearest first.

        Args:
            query: float32 of the model's dimension, L2-normalised.
            wanted: conditions on the payload.
            exact: scan every point that passes instead of walking the graph.
            without: points to leave out.
            among: the only points to look at, if not all.

        Raises:
            UnknownVector: the index holds no vectors of this model.
        """
        asked = self.nearest_under_each(
            {model: query}, wanted=wanted, top=top, exact=exact, without=without, among=among
        )
        return asked[model]

    def nearest_under_each(
        self,
        queries: Mapping[str, Vector],
        *,
        wanted: Filter,
        top: int,
        exact: bool = False,
        without: Sequence[UUID] = (),
        among: Sequence[UUID] | None = None,
    ) -> dict[str, list[ScoredId]]:
        """Return the points nearest to one query under several models, asked for at once.

        Args:
            queries: model -> the query's vector; otherwise as ``nearest``.

        Raises:
            UnknownVector: the index holds no vectors of one of the models.
        """
        return self.search(
            {
                model: Search(query, top, wanted, exact, without, among)
                for model, query in queries.items()
            }
        )

    def search(self, searches: Mapping[str, Search]) -> dict[str, list[ScoredId]]:
        """Put one search a model to the engine, all at once.

        Raises:
            UnknownVector: the index holds no vectors of one of the models.
        """

    def cosines(self, model: str, query: Vector, ids: Sequence[UUID]) -> dict[UUID, float]:
        """Return the cosine of certain points with a query; those without a vector are left out.

        Raises:
            UnknownVector: the index holds no vectors of this model.
        """
        return self.cosines_under_each({model: query}, {model: ids})[model]

    def cosines_under_each(
        self, queries: Mapping[str, Vector], ids: Mapping[str, Sequence[UUID]]
    ) -> dict[str, dict[UUID, float]]:
        """Return the cosines of certain points with one query under several models.

        Args:
            queries: model -> the query's vector.
            ids: model -> the points, for each of the models.

        Raises:
            UnknownVector: the index holds no vectors of one of the models.
        """
        found = self.search(
            {
                model: Search(
                    query=query, top=len(ids[model]), wanted=Filter(), exact=True, among=ids[model]
                )
                for model, query in queries.items()
                if ids[model]
            }
        )
        return {model: {hit.id: hit.cosine for hit in found.get(model, ())} for model in queries}

    def vectors(self, model: str, ids: Sequence[UUID]) -> dict[UUID, Vector]:
        """Return the stored vectors of one model; points without one are left out."""

    def ids(self) -> Iterator[UUID]:
        """Go through the ids of all points."""

    def held(self, ids: Sequence[UUID], *, model: str | None = None) -> set[UUID]:
        """Return which of these points the index holds; with a model, which have its vector."""

    def points(self, *, with_vectors: bool) -> Iterator[IndexPoint]:
        """Go through all points, with their payload, and with all their vectors if asked for."""

    def optimize(self) -> None:
        """Build what is missing of the HNSW graphs, and wait until it is there."""

    def damaged_files(self) -> list[str]:
        """Return the files at rest that are not as they were written; a server minds its own."""

    def status(self) -> IndexStatus:
        """Return what the index holds now."""

    def storage(self) -> Storage:
        """Return what the index takes of memory and disk, and how it lies on a cluster."""

    def close(self) -> None:
        """Write everything out and let go of the engine."""


class GenerationalIndex(Index, Protocol):
    """The generation in use, and the means to begin another and put it in its place."""

    def refresh(self) -> None:
        """Look again at which generation is in use: another process may have put one there."""

    def ensure(self, specs: Sequence[VectorSpec]) -> None:
        """Make room for these vectors, in the current generation or in a new one that replaces it.

        Raises:
            FingerprintMismatch: a vector is there already, made by other weights.
        """

    def next_generation(self, specs: Sequence[VectorSpec]) -> Index:
        """Begin an empty generation of these vectors beside the one in use, which is not touched.

        Returns an index of it alone, to be closed. One that was begun for the same vectors and
        not finished is continued; one that was begun for others is thrown away.
        """

    def switch(self) -> None:
        """Put the generation that was begun, and closed, in the place of the one in use, at once.

        What was in use is kept as the former generation, in the place of an older one.

        Raises:
            IndexFault: none was begun.
        """

    def former_generation(self) -> Index | None:
        """Return an index of the former generation alone, to be closed; ``None`` without one."""

    def roll_back(self) -> None:
        """Put the former generation in use again, at once; what was in use is the former then.

        Raises:
            IndexFault: none is kept.
        """

    def discard_former(self) -> None:
        """Delete the former generation.

        Raises:
            IndexFault: none is kept.
        """

    def mend(self) -> None:
        """Leave out what lies in damaged files, so that it is missed and can be made again."""


def check_specs(
    have: Mapping[str, VectorSpec], wanted: Sequence[VectorSpec], *, to_ask: bool = False
) -> list[VectorSpec]:
    """Return the wanted vectors that are not there yet.

    Args:
        to_ask: what is wanted asks those that are there, and is not put beside them.

    Raises:
        FingerprintMismatch: one is there with another fingerprint.
    """
    missing = []
    for spec in wanted:
        stored = have.get(spec.model)
        if stored is None:
            missing.append(spec)
        elif not (stored.holds(spec) if to_ask else stored.takes(spec)):
            raise mismatch(stored, spec)
    return missing


def embedding_models(specs: Mapping[str, VectorSpec]) -> list[str]:
    """Return the models whose embeddings are held, without what is derived from them."""
    return sorted(name for name, spec in specs.items() if spec.role == "model")


def searchable_models(specs: Mapping[str, VectorSpec]) -> list[str]:
    """Return the models that can be asked: all vectors but the features."""
    return sorted(name for name, spec in specs.items() if spec.role != "feature")


def mismatch(stored: VectorSpec, offered: VectorSpec) -> FingerprintMismatch:
    """Return the error for weights, or a precision, that do not fit the stored vectors."""
    if stored.holds(offered):
        made_in = precision_of(stored.fingerprint)
        return FingerprintMismatch(
            f"the index holds {stored.model} vectors made in {made_in}, and these are made in "
            f"{precision_of(offered.fingerprint)}: they are not mixed. Set VASARI_PRECISION to "
            f"auto or {made_in}, or make all anew with `vasari reembed --model {stored.model}`"
        )
    return FingerprintMismatch(
        f"the index holds {stored.model} vectors made by the weights {stored.fingerprint}, "
        f"but the weights in use are {offered.fingerprint}; their cosines cannot be mixed. "
        f"Put the former weights back (`vasari models` says where they are looked for), "
        f"or ingest into a new home"
    )


def no_former() -> IndexFault:
    """Return the error where no former generation is kept."""
    return IndexFault(
        "no former generation is kept: there is one between a `vasari reembed` and the next, or "
        "`vasari reembed --discard-former`"
    )


def unknown_vector(model: str, have: Mapping[str, VectorSpec]) -> UnknownVector:
    """Return the error for a model that the index does not hold."""
    if not have:
        return UnknownVector("the index is empty: run an ingest first")
    return UnknownVector(
        f"the index holds no {model} vectors; it holds {', '.join(searchable_models(have))}. "
        f"Ingest again with `--model {model}` to add them"
    )


def clip_cosine(score: float) -> float:
    """Return a cosine within [-1, 1]: rounding may carry an engine's score just past it."""
    return max(-1.0, min(1.0, float(score)))
