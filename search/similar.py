"""The question that Vasari is asked most: which works are like this one, under each model?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from catalog.artworks import ArtworkFacts, by_id
from catalog.backgrounds import Background
from catalog.database import Database
from catalog.filters import Filter
from embedders import Embedder, ImageInput
from search.background import current_backgrounds
from search.comparison import Comparison, compare
from search.diversity import diversify
from search.fusion import FUSION, fuse
from search.index import Index, ScoredId, Vector, unknown_vector
from search.likeness import Likeness, measure_likeness
from search.query import Example, InvalidQuery, Query, query_vectors
from search.statistics import LikenessStatistics, angular_distance, likeness_statistics
from search.stopwatch import Stage, Stopwatch

RANK_DEPTH = 100
"""How far down another model's ranking a hit is looked for, and how deep fusion looks."""

MOST_HITS = 1_000


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One work found by one model, or by several fused.

    Args:
        rank: from 1, the nearest.
        cosine: of the two embeddings, in [-1, 1]; ``None`` for a fused hit, since cosines of
            different models cannot be averaged.
        angular_distance: ``sqrt(2 (1 - cosine))``, in [0, 2]; ``None`` likewise.
        percentile: share of pairs of works of this collection that are less alike, in percent;
            ``None`` where no background has been measured. Of a fused hit the mean.
        z: standard deviations above the mean of those pairs. Of a fused hit the mean.
        ranks: the work's rank under each of the other models; ``None`` where it is not among
            their first ``RANK_DEPTH``.
    """

    rank: int
    artwork: ArtworkFacts
    cosine: float | None
    angular_distance: float | None
    percentile: float | None
    z: float | None
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


@dataclass(frozen=True, kw_only=True)
class CutOff:
    """What is too far to be shown.

    Args:
        max_distance: the greatest angular distance; fused hits have none and are not held to it.
        min_percentile: the least percentile.
    """

    max_distance: float | None = None
    min_percentile: float | None = None

    def passes(self, hit: Hit) -> bool:
        """Tell whether a hit is near enough."""
        distance, percentile = hit.angular_distance, hit.percentile
        near = self.max_distance is None or distance is None or distance <= self.max_distance
        rare = self.min_percentile is None or (
            percentile is not None and percentile >= self.min_percentile
        )
        return near and rare


def similar(
    query: Query | ImageInput | UUID,
    *,
    index: Index,
    database: Database,
    embedders: Sequence[Embedder] = (),
    models: Sequence[str] = (),
    wanted: Filter | None = None,
    top: int = 10,
    offset: int = 0,
    exact: bool = False,
    cut_off: CutOff | None = None,
    diverse: bool = False,
    max_pixels: int | None = None,
) -> SimilarWorks:
    """Find the works most like what a query describes.

    Args:
        query: a Query, or just a picture (path, bytes or Pillow image) or the id of a work of the
            collection. Works that are examples are left out of the answer.
        embedders: what to embed pictures and texts with; not needed for works of the collection,
            whose embeddings are in the index.
        models: which models to ask; by default those of ``embedders``, or all of the index.
            ``fusion`` among them asks for one ranking of the others together, or of all models
            where fewer than two others are named.
        wanted: only works that pass.
        top: hits wanted of each model, 1 to ``MOST_HITS``.
        offset: hits to pass over first, so that an answer can be paged through.
        exact: scan all works that pass instead of walking the HNSW graph.
        cut_off: leave out what is further than this.
        diverse: prefer works that are unlike those shown before them; not for fusion.
        max_pixels: refuse a larger picture.

    Raises:
        InvalidQuery: ``top`` or ``offset`` is out of range, no such work is in the index, or fusion
            is asked for where no background has been measured, or with ``diverse``.
        UnknownVector: the index holds no vectors of a model, or nothing at all.
        FingerprintMismatch: an embedder's weights are not those that the index was made with.
        UnreadableImage: the picture cannot be decoded.
    """
    if not 1 <= top <= MOST_HITS:
        raise InvalidQuery(f"top must be from 1 to {MOST_HITS}, not {top}")
    if not 0 <= offset <= MOST_HITS:
        raise InvalidQuery(f"offset must be from 0 to {MOST_HITS}, not {offset}")
    if diverse and FUSION in models:
        raise InvalidQuery("a fused ranking cannot be made diverse: ask for a model by name")
    asked = query if isinstance(query, Query) else Query((Example(query),))
    names = list(models) or [item.name for item in embedders] or sorted(index.specs)
    asked_models = models_to_ask(names, embedders, index)
    watch = Stopwatch()
    vectors = query_vectors(
        asked,
        asked_models,
        index=index,
        database=database,
        embedders={item.name: item for item in embedders},
        watch=watch,
        max_pixels=max_pixels,
    )
    several = len(asked_models) > 1
    page = slice(offset, offset + top)
    # A deeper ranking tells where a hit stands under the other models, and has more to choose from.
    depth = max(page.stop, RANK_DEPTH) if several or diverse else page.stop
    with watch.stage("index"):
        rankings = {
            model: index.nearest(
                model,
                vectors[model],
                wanted=wanted or Filter(),
                top=depth,
                exact=exact,
                without=asked.works,
            )
            for model in asked_models
        }
        pages = {
            model: _order(index, model, ranking, page.stop, diverse=diverse)[page]
            for model, ranking in rankings.items()
        }
        considered = {item for chosen in pages.values() for item in chosen}
        if FUSION in names:
            considered |= {scored.id for ranking in rankings.values() for scored in ranking}
        cosines = {
            model: _cosines(index, model, vectors[model], ranking, considered)
            for model, ranking in rankings.items()
        }
    with watch.stage("catalog"):
        backgrounds = current_backgrounds(database, index)
        if FUSION in names:
            pages[FUSION] = _fused(cosines, backgrounds)[page]
        shown_works = {item for chosen in pages.values() for item in chosen}
        with database.transaction() as session:
            artworks = by_id(session, shown_works)
    ranks = {
        model: {scored.id: rank for rank, scored in enumerate(ranking, start=1)}
        for model, ranking in rankings.items()
    }
    likenesses = measure_likeness(cosines, backgrounds, shown_works)
    answers = {}
    for name in names:
        hits = _hits(pages[name], artworks, likenesses[name], first_rank=offset + 1)
        ranked = [replace(hit, ranks=_ranks_elsewhere(hit, name, ranks)) for hit in hits]
        shown = tuple(hit for hit in ranked if cut_off is None or cut_off.passes(hit))
        found = [hit.cosine for hit in shown if hit.cosine is not None]
        answers[name] = ModelHits(model=name, hits=shown, statistics=likeness_statistics(found))
    return SimilarWorks(
        models=answers,
        comparison=compare({model: pages[model] for model in asked_models}, cosines),
        timings_ms=watch.milliseconds,
    )


def models_to_ask(names: Sequence[str], embedders: Sequence[Embedder], index: Index) -> list[str]:
    """Return the models whose vectors are needed for an answer under these names.

    Raises:
        UnknownVector: there are none.
    """
    real = [name for name in names if name != FUSION]
    if FUSION in names and len(real) < 2:
        everything = [item.name for item in embedders] or sorted(index.specs)
        real += [name for name in everything if name not in real]
    if not real:
        raise unknown_vector("any", index.specs)
    return real


def _order(
    index: Index, model: str, ranking: Sequence[ScoredId], count: int, *, diverse: bool
) -> list[UUID]:
    if not diverse:
        return [scored.id for scored in ranking]
    vectors = index.vectors(model, [scored.id for scored in ranking])
    return diversify([(hit.id, hit.cosine) for hit in ranking], vectors, count=count)


def _cosines(
    index: Index,
    model: str,
    vector: Vector,
    ranking: Sequence[ScoredId],
    considered: set[UUID],
) -> dict[UUID, float]:
    """Return the cosines of a ranking, and of what only other models found."""
    known = {scored.id: scored.cosine for scored in ranking}
    return known | index.cosines(model, vector, [item for item in considered if item not in known])


def _fused(
    cosines: Mapping[str, Mapping[UUID, float]], backgrounds: Mapping[str, Background]
) -> list[UUID]:
    missing = [model for model in cosines if model not in backgrounds]
    if missing:
        raise InvalidQuery(
            f"fusion needs the background of {', '.join(missing)}, which has not been measured: "
            "the next ingest measures it, once there are two works"
        )
    return list(fuse(cosines, backgrounds))


def _hits(
    page: Sequence[UUID],
    artworks: Mapping[UUID, ArtworkFacts],
    likenesses: Mapping[UUID, Likeness],
    *,
    first_rank: int,
) -> Iterator[Hit]:
    for rank, item in enumerate(page, start=first_rank):
        # A point whose work has just left the catalog is not shown; reconcile finds it.
        if item not in artworks:
            continue
        likeness = likenesses[item]
        cosine = likeness.cosine
        yield Hit(
            rank=rank,
            artwork=artworks[item],
            cosine=cosine,
            angular_distance=None if cosine is None else angular_distance(cosine),
            percentile=likeness.percentile,
            z=likeness.z,
            ranks={},
        )


def _ranks_elsewhere(
    hit: Hit, name: str, ranks: Mapping[str, Mapping[UUID, int]]
) -> dict[str, int | None]:
    return {model: found.get(hit.artwork.id) for model, found in ranks.items() if model != name}
