"""The question that Vasari is asked most: which works are like this one, under each model?"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from catalog.artworks import ArtworkFacts, by_id
from catalog.database import Database
from catalog.filters import Filter
from embedders import Embedder, ImageInput, decode_image
from search.comparison import Comparison, compare
from search.index import Index, ScoredId, Vector, VectorSpec, mismatch, unknown_vector
from search.statistics import LikenessStatistics, angular_distance, likeness_statistics

RANK_DEPTH = 100
"""How far down another model's ranking a hit is looked for."""

MOST_HITS = 1_000

Stage = Literal["decode", "embed", "index", "catalog"]


class InvalidQuery(ValueError):
    """A question that cannot be asked; the message says what to change."""


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One work found by one model.

    Args:
        rank: from 1, the nearest.
        cosine: of the two embeddings, in [-1, 1].
        angular_distance: ``sqrt(2 (1 - cosine))``, in [0, 2].
        ranks: the work's rank under each of the other models; ``None`` where it is not among
            their first ``RANK_DEPTH``.
    """

    rank: int
    artwork: ArtworkFacts
    cosine: float
    angular_distance: float
    ranks: Mapping[str, int | None]


@dataclass(frozen=True, kw_only=True)
class ModelHits:
    """What one model found, the nearest first."""

    model: str
    hits: tuple[Hit, ...]
    statistics: LikenessStatistics | None


@dataclass(frozen=True, kw_only=True)
class SimilarWorks:
    """The models' answers to one query, side by side.

    Args:
        models: by model, in the order asked for.
        timings_ms: how long each stage took, in milliseconds.
    """

    models: Mapping[str, ModelHits]
    comparison: Comparison
    timings_ms: Mapping[Stage, float]


def similar(
    query: ImageInput | UUID,
    *,
    index: Index,
    database: Database,
    embedders: Sequence[Embedder] = (),
    models: Sequence[str] = (),
    wanted: Filter | None = None,
    top: int = 10,
    exact: bool = False,
    max_pixels: int | None = None,
) -> SimilarWorks:
    """Find the works most like a picture, or like a work of the collection.

    Args:
        query: a picture (path, bytes or Pillow image), or the id of a work of the collection,
            which is then left out of its own answer.
        embedders: what to embed a picture with; not needed for a work of the collection, whose
            embeddings are in the index.
        models: which models to ask; by default those of ``embedders``, or all of the index.
        wanted: only works that pass.
        top: hits wanted of each model, 1 to ``MOST_HITS``.
        exact: scan all works that pass instead of walking the HNSW graph.
        max_pixels: refuse a larger picture.

    Raises:
        InvalidQuery: ``top`` is out of range, or no such work is in the index.
        UnknownVector: the index holds no vectors of a model, or nothing at all.
        FingerprintMismatch: an embedder's weights are not those that the index was made with.
        UnreadableImage: the picture cannot be decoded.
    """
    if not 1 <= top <= MOST_HITS:
        raise InvalidQuery(f"top must be from 1 to {MOST_HITS}, not {top}")
    names = list(models) or [item.name for item in embedders] or sorted(index.specs)
    if not names:
        raise unknown_vector("any", index.specs)
    watch = _Stopwatch()
    if isinstance(query, UUID):
        with watch.stage("index"):
            vectors = _stored_vectors(index, query, names)
        without: tuple[UUID, ...] = (query,)
    else:
        chosen = {item.name: item for item in embedders if item.name in names}
        _check_weights(index, chosen, names)
        vectors = _embed(query, list(chosen.values()), watch, max_pixels)
        without = ()
    with watch.stage("index"):
        found = {
            model: index.nearest(
                model,
                vectors[model],
                wanted=wanted or Filter(),
                # A deeper ranking tells where a hit stands under the other models.
                top=max(top, RANK_DEPTH) if len(names) > 1 else top,
                exact=exact,
                without=without,
            )
            for model in names
        }
    with watch.stage("catalog"), database.transaction() as session:
        ids = {scored.id for ranking in found.values() for scored in ranking[:top]}
        artworks = by_id(session, ids)
    return _answer(found, artworks, top=top, timings=watch.milliseconds)


def _stored_vectors(index: Index, artwork_id: UUID, models: Sequence[str]) -> dict[str, Vector]:
    vectors = {}
    for model in models:
        stored = index.vectors(model, [artwork_id])
        if artwork_id not in stored:
            raise InvalidQuery(f"the index holds no {model} embedding of the work {artwork_id}")
        vectors[model] = stored[artwork_id]
    return vectors


def _check_weights(index: Index, chosen: Mapping[str, Embedder], names: Sequence[str]) -> None:
    for name in names:
        if name not in chosen or name not in index.specs:
            raise unknown_vector(name, index.specs)
        embedder = chosen[name]
        offered = VectorSpec(
            model=name, dimension=embedder.dimension, fingerprint=embedder.fingerprint
        )
        if index.specs[name] != offered:
            raise mismatch(index.specs[name], offered)


def _embed(
    query: ImageInput, embedders: Sequence[Embedder], watch: "_Stopwatch", max_pixels: int | None
) -> dict[str, Vector]:
    with watch.stage("decode"):
        limits = {} if max_pixels is None else {"max_pixels": max_pixels}
        picture = decode_image(query, **limits)
        preparations = {item.preparation for item in embedders}
        prepared = {preparation: preparation.apply(picture) for preparation in preparations}
    with watch.stage("embed"):
        return {
            item.name: item.embed_prepared(prepared[item.preparation][None])[0]
            for item in embedders
        }


def _answer(
    found: Mapping[str, Sequence[ScoredId]],
    artworks: Mapping[UUID, ArtworkFacts],
    *,
    top: int,
    timings: Mapping[Stage, float],
) -> SimilarWorks:
    places = {
        model: {scored.id: place for place, scored in enumerate(ranking, start=1)}
        for model, ranking in found.items()
    }
    answers = {}
    for model, ranking in found.items():
        # A point whose work has just left the catalog is not shown; reconcile finds it.
        shown = [scored for scored in ranking[:top] if scored.id in artworks]
        hits = tuple(
            Hit(
                rank=rank,
                artwork=artworks[scored.id],
                cosine=scored.cosine,
                angular_distance=angular_distance(scored.cosine),
                ranks={other: places[other].get(scored.id) for other in found if other != model},
            )
            for rank, scored in enumerate(shown, start=1)
        )
        answers[model] = ModelHits(
            model=model,
            hits=hits,
            statistics=likeness_statistics([hit.cosine for hit in hits]),
        )
    return SimilarWorks(
        models=answers,
        comparison=compare(
            {model: [hit.artwork.id for hit in answer.hits] for model, answer in answers.items()}
        ),
        timings_ms=timings,
    )


class _Stopwatch:
    """Adds up the time of each stage."""

    def __init__(self) -> None:
        self.milliseconds: dict[Stage, float] = {
            "decode": 0.0,
            "embed": 0.0,
            "index": 0.0,
            "catalog": 0.0,
        }

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.milliseconds[name] += 1_000 * (time.perf_counter() - start)
