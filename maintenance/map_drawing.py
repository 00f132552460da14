"""Drawing the map of a collection under a model, and placing new works on it.

A map that is there stays as it is: visitors find works where they were. Works that came after it
are placed among those that they are most like, and works that have gone are taken off.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from catalog.batching import batched
from catalog.filters import Filter
from catalog.models import now
from errors import VasariError
from maintenance.umap_layout import laid_out
from search.index.contract import Index, Vector, VectorSpec, searchable_models, unknown_vector
from search.index.sampling import READ_AT_ONCE, sample_vectors, stored_vectors
from search.maps.stored import (
    SIDE,
    MapStore,
    Positions,
    StoredMap,
    id_bytes,
    places_among,
)

COMPONENTS = 50
"""Of the vectors: what is left out of them says little about neighbours, and takes long."""

FIT_WORKS = 20_000
"""Works that the components are fitted on at most, drawn at random."""

NEAREST = 10
"""Mapped works among which a new one is placed."""

SHARPNESS = 20.0
"""A neighbour whose cosine is 0.1 higher counts e² times as much."""

JITTER = SIDE / 1_000
"""Standard deviation of the distance of a new work from where it belongs, so that two copies of one
picture do not hide each other."""

MARGIN = 0.02
"""Share of a side that is left free all around."""

LEAST_WORKS = 3

Progress = Callable[[str, int | None, int | None], None]
"""Called with what is being done, how much of it is done, and of how much."""


class TooFewWorks(VasariError):
    """There is nothing to draw a map of."""


@dataclass(frozen=True, kw_only=True)
class DrawnMap:
    """What came of drawing one map.

    Args:
        works: on the map.
        fitted: works that it was computed from, some of which may have gone.
        placed: works that were placed beside the others now.
        removed: works that were taken off now.
        anew: whether the whole map was computed.
    """

    model: str
    works: int
    fitted: int
    placed: int
    removed: int
    anew: bool
    seconds: float


def draw_maps(
    index: Index,
    store: MapStore,
    models: Sequence[str] = (),
    *,
    anew: bool = False,
    seed: int = 0,
    progress: Progress = lambda _what, _done, _total: None,
) -> list[DrawnMap]:
    """Bring the maps of some models up to date, or compute them.

    Memory holds 50 numbers a work, and the vectors of ``FIT_WORKS`` works.

    Args:
        models: by default all that can be searched and that enough works have a vector of.
        anew: compute maps that are there once more: then every work may move.
        seed: of what is drawn at random: the same vectors and seed give the same map.

    Raises:
        UnknownVector: the index holds no vectors of a model, or nothing at all.
        TooFewWorks: fewer than ``LEAST_WORKS`` have a vector of a model.
        MapUnreadable: a map that is to be brought up to date is damaged.
    """
    held = searchable_models(index.specs)
    for model in models:
        if model not in held:
            raise unknown_vector(model, index.specs)
    if not held:
        raise unknown_vector("any", index.specs)
    points = {model: vectors.points for model, vectors in index.status().vectors.items()}
    filled = [model for model in held if points[model] >= LEAST_WORKS]
    works = sorted(index.ids())
    drawn = []
    for model in models or filled or held[:1]:
        spec = index.specs[model]
        former = None if anew else store.load(spec)
        drawing = _Drawing(index, spec, works, seed, progress)
        drawn.append(drawing.anew(store) if former is None else drawing.extended(store, former))
    return drawn


@dataclass(frozen=True, kw_only=True)
class _Placed:
    """Works and their places on a map."""

    works: list[UUID]
    positions: Positions


class _Drawing:
    def __init__(
        self, index: Index, spec: VectorSpec, works: Sequence[UUID], seed: int, progress: Progress
    ) -> None:
        self._index = index
        self._spec = spec
        self._works = works
        self._seed = seed
        self._progress = progress
        self._began = perf_counter()

    def anew(self, store: MapStore) -> DrawnMap:
        """Compute the map of all works."""
        works, components = self._components()
        self._progress(f"{self._spec.model}: laying {len(works):,} works out", None, None)
        positions = _fitted_in(laid_out(components, seed=self._seed))
        store.save(
            StoredMap(
                model=self._spec.model,
                fingerprint=self._spec.fingerprint,
                ids=id_bytes(works),
                positions=positions,
                fitted=len(works),
                drawn_at=now(),
                seed=self._seed,
            )
        )
        return self._told(len(works), fitted=len(works), placed=0, removed=0, anew=True)

    def extended(self, store: MapStore, former: StoredMap) -> DrawnMap:
        """Place the works that came after a map, and take off those that have gone."""
        present = id_bytes(list(self._works))
        staying = places_among(present, former.ids) >= 0
        coming = places_among(former.ids, present) < 0
        kept_ids, kept = former.ids[staying], former.positions[staying]
        placed = self._place(
            [work for work, is_new in zip(self._works, coming, strict=True) if is_new],
            dict(zip((UUID(bytes=row.tobytes()) for row in kept_ids), kept, strict=True)),
        )
        removed = int(len(staying) - staying.sum())
        if placed.works or removed:
            ids = np.concatenate([kept_ids, id_bytes(placed.works)])
            order = np.argsort(np.ascontiguousarray(ids).view("V16").ravel())
            store.save(
                StoredMap(
                    model=former.model,
                    fingerprint=former.fingerprint,
                    ids=ids[order],
                    positions=np.concatenate([kept, placed.positions])[order],
                    fitted=former.fitted,
                    drawn_at=former.drawn_at,
                    seed=former.seed,
                )
            )
        count = len(kept) + len(placed.works)
        return self._told(
            count, fitted=former.fitted, placed=len(placed.works), removed=removed, anew=False
        )

    def _told(self, works: int, *, fitted: int, placed: int, removed: int, anew: bool) -> DrawnMap:
        return DrawnMap(
            model=self._spec.model,
            works=works,
            fitted=fitted,
            placed=placed,
            removed=removed,
            anew=anew,
            seconds=round(perf_counter() - self._began, 3),
        )

    def _components(self) -> tuple[list[UUID], NDArray[np.float32]]:
        """Return the works that have a vector, and its first components: float32 [n, 50 or less].

        Only these are held of all works; the vectors themselves go by.
        """
        # Imported here: it takes a second.
        from sklearn.decomposition import PCA

        reading = f"{self._spec.model}: reading vectors"
        self._progress(reading, None, None)
        sample = sample_vectors(self._index, self._spec.model, FIT_WORKS)
        if len(sample) < LEAST_WORKS:
            raise TooFewWorks(
                f"{len(sample)} works have a vector of {self._spec.model}, and a map needs "
                f"{LEAST_WORKS}: run an ingest first"
            )
        components = PCA(
            n_components=min(COMPONENTS, *sample.shape),
            svd_solver="randomized",
            random_state=self._seed,
        ).fit(sample)
        del sample
        works: list[UUID] = []
        parts = []
        for page in batched(self._works, READ_AT_ONCE):
            for some, vectors in stored_vectors(self._index, self._spec.model, page):
                works += some
                parts.append(components.transform(vectors).astype(np.float32))
            self._progress(reading, len(works), len(self._works))
        return works, np.concatenate(parts)

    def _place(self, new: Sequence[UUID], mapped: dict[UUID, NDArray[np.uint16]]) -> _Placed:
        """Place works among the mapped ones that they are most like."""
        works: list[UUID] = []
        places: list[NDArray[np.uint16]] = []
        for page in batched(new, READ_AT_ONCE):
            self._progress(f"{self._spec.model}: placing new works", len(places), len(new))
            vectors = self._index.vectors(self._spec.model, page)
            for work in (item for item in page if item in vectors):
                cosines, around = self._neighbours(vectors[work], mapped)
                works.append(work)
                places.append(_among(cosines, around, jitter_seed=[self._seed, work.int]))
        return _Placed(works=works, positions=np.array(places, np.uint16).reshape(-1, 2))

    def _neighbours(
        self, vector: Vector, mapped: dict[UUID, NDArray[np.uint16]]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return cosines and places of the nearest mapped works; of none, where none is left."""
        top = 2 * NEAREST
        while True:
            found = self._index.nearest(self._spec.model, vector, wanted=Filter(), top=top)
            near = [hit for hit in found if hit.id in mapped][:NEAREST]
            # Many new works may be like each other, and stand before those that are mapped.
            if len(near) == NEAREST or len(found) < top:
                break
            top *= 4
        cosines = np.array([hit.cosine for hit in near])
        return cosines, np.array([mapped[hit.id] for hit in near], np.float64).reshape(-1, 2)


def _among(
    cosines: NDArray[np.float64], around: NDArray[np.float64], *, jitter_seed: list[int]
) -> NDArray[np.uint16]:
    """Return a place between others, the nearer to each the higher its cosine."""
    if len(around):
        weights = np.exp(SHARPNESS * (cosines - cosines.max()))
        middle = weights @ around / weights.sum()
    else:
        middle = np.full(2, SIDE / 2)
    moved: NDArray[np.float64] = middle + np.random.default_rng(jitter_seed).normal(
        scale=JITTER, size=2
    )
    return np.asarray(np.clip(np.rint(moved), 0, SIDE - 1), np.uint16)


def _fitted_in(places: NDArray[np.float32]) -> Positions:
    """Return places scaled to fill the square of a map, in the middle, in their own proportions."""
    least, most = places.min(axis=0), places.max(axis=0)
    room = (1 - 2 * MARGIN) * (SIDE - 1)
    scale = room / max(float((most - least).max()), 1e-9)
    middle = (least + most) / 2
    return np.asarray(np.rint((places - middle) * scale + (SIDE - 1) / 2), np.uint16)
