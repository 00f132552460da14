"""The question that Vasari is asked most: which works are like this one, under each model?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from uuid import UUID

from catalog.artists import with_preferred_names
from catalog.artworks import ArtworkFacts, by_id
from catalog.backgrounds import load_backgrounds
from catalog.database import Database
from catalog.filters import Filter
from catalog.same_works import has_same_works, reproductions
from embedders import DEFAULT_LIMITS, Embedder, ImageInput, ImageLimits
from search.auto import AUTO, Choice, choose
from search.background import of_the_same_weights
from search.comparison import Comparison, compare
from search.fusion import FUSION, shares_of
from search.index.contract import Index, Vector, embedding_models, searchable_models, unknown_vector
from search.pictures import PictureOf
from search.query import Example, InvalidQuery, Query, query_vectors
from search.rankings import Rankings
from search.reproductions import Reproductions
from search.similarity import Similarity, measure_similarity
from search.statistics import SimilarityStatistics, angular_distance, similarity_statistics
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
        z: standard deviations above the mean of those pairs. Of a fused hit its score, which is
            also in standard deviations: see ``search.fusion``.
        ranks: the work's rank under each of the other models; ``None`` where it is not among
            their first ``RANK_DEPTH``.
        reproductions: other records of this work, as a curator has marked them: it is shown once,
            by the record that is nearest.
    """

    rank: int
    artwork: ArtworkFacts
    cosine: float | None
    angular_distance: float | None
    percentile: float | None
    z: float | None
    ranks: Mapping[str, int | None]
    reproductions: tuple[ArtworkFacts, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ModelHits:
    """What one model found, the nearest first."""

    model: str
    hits: tuple[Hit, ...]
    statistics: SimilarityStatistics | None


@dataclass(frozen=True, kw_only=True)
class SimilarWorks:
    """The models' answers to one query, side by side.

    Args:
        models: by model, in the order asked for.
        timings_ms: how long each stage took, in milliseconds.
        choice: what was chosen and why, where ``auto`` was asked for.
    """

    models: Mapping[str, ModelHits]
    comparison: Comparison
    timings_ms: Mapping[Stage, float]
    choice: Choice | None = None


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


NO_CUT_OFF = CutOff()


@dataclass(frozen=True, kw_only=True)
class HitSelection:
    """Which works become hits.

    Args:
        offset: works to pass over first, so that an answer can be paged through.
        diverse: prefer works that are unlike those shown before them; not for fusion.
        cut_off: leave out what is further than this.
        among: the only works to look at, if not all.
    """

    offset: int = 0
    diverse: bool = False
    cut_off: CutOff = NO_CUT_OFF
    among: Sequence[UUID] | None = field(default=None, repr=False)


NEAREST = HitSelection()
"""The nearest works, however far they are."""


def similar(
    query: Query | ImageInput | UUID,
    *,
    index: Index,
    database: Database,
    embedders: Sequence[Embedder] = (),
    models: Sequence[str] = (),
    wanted: Filter | None = None,
    top: int = 10,
    selection: HitSelection = NEAREST,
    exact: bool = False,
    weights: Mapping[str, float] | None = None,
    picture_of: PictureOf | None = None,
    limits: ImageLimits = DEFAULT_LIMITS,
) -> SimilarWorks:
    """Find the works most like what a query describes.

    Args:
        query: a Query, or just a picture (path, bytes or Pillow image) or the id of a work of the
            collection. Works that are examples are left out of the answer, in all reproductions.
        embedders: what to embed pictures and texts with; not needed for works of the collection,
            whose embeddings are in the index.
        models: which models to ask; by default those of ``embedders``, or all of the index.
            ``fusion`` among them asks for one ranking of the others together, or of all models
            where fewer than two others are named. ``auto`` leaves the choice to
            ``search.auto.choose``.
        wanted: only works that pass. Artists may be named in any of the ways that are known.
        top: hits wanted of each model, 1 to ``MOST_HITS``.
        exact: scan all works that pass instead of walking the HNSW graph.
        weights: model -> how much it counts in the fused ranking, in shares of 1; models that are
            not named have equal parts of what is left.
        picture_of: gives the pictures of works; needed where a part of one is an example.
        limits: refuse a larger picture.

    Raises:
        InvalidQuery: ``top`` or the offset is out of range, no such work is in the index, a fused
            ranking is to be diverse, or the weights cannot be.
        UnknownVector: the index holds no vectors of a model, or nothing at all.
        FingerprintMismatch: an embedder's weights are not those that the index was made with.
        UnreadableImage: the picture cannot be decoded.
    """
    asked = query if isinstance(query, Query) else Query((Example(query),))
    plan = _plan(models, embedders, index, weights or {})
    _check(top, selection, fused=bool(plan.shares))
    watch = Stopwatch()
    vectors = query_vectors(
        asked,
        plan.asked,
        index=index,
        database=database,
        embedders={item.name: item for item in embedders},
        watch=watch,
        picture_of=picture_of,
        limits=limits,
    )
    end = selection.offset + top
    ranked = _rank(
        index,
        database,
        vectors,
        wanted=wanted or Filter(),
        examples=asked.works,
        selection=selection,
        end=end,
        exact=exact,
        watch=watch,
    )
    return _answer(index, database, plan, ranked, selection, end=end, watch=watch)


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """Which models are asked, and what is made of their answers.

    Args:
        names: what is shown, in this order: models and ``fusion``.
        asked: the models whose vectors are needed.
        shares: of the models in the fused ranking; empty where there is none.
        choice: what ``auto`` chose.
    """

    names: Sequence[str]
    asked: Sequence[str]
    shares: Mapping[str, float]
    choice: Choice | None


def _plan(
    models: Sequence[str],
    embedders: Sequence[Embedder],
    index: Index,
    weights: Mapping[str, float],
) -> _Plan:
    given = [item.name for item in embedders]
    embeddings = embedding_models(index.specs)
    usual = [name for name in given if name in embeddings] or given or embeddings
    if not usual:
        raise unknown_vector("any", index.specs)
    named = list(models) or given or usual
    choice = None
    if AUTO in named:
        choice = choose(usual, given or searchable_models(index.specs))
    names = list(dict.fromkeys(choice.model if choice and name == AUTO else name for name in named))
    models_alone = [name for name in names if name != FUSION]
    shares: Mapping[str, float] = {}
    if FUSION in names and choice:
        shares = shares_of(list(choice.shares), weights or choice.shares)
    elif FUSION in names:
        shares = shares_of(models_alone if len(models_alone) > 1 else usual, weights)
    elif weights:
        raise InvalidQuery("weights count in a fused ranking only: ask for `fusion`")
    asked = list(dict.fromkeys([*models_alone, *shares]))
    return _Plan(names=names, asked=asked, shares=shares, choice=choice)


def _check(top: int, selection: HitSelection, *, fused: bool) -> None:
    if not 1 <= top <= MOST_HITS:
        raise InvalidQuery(f"top must be from 1 to {MOST_HITS}, not {top}")
    if not 0 <= selection.offset <= MOST_HITS:
        raise InvalidQuery(f"offset must be from 0 to {MOST_HITS}, not {selection.offset}")
    if fused and selection.diverse:
        raise InvalidQuery("a fused ranking cannot be made diverse: ask for a model by name")


@dataclass(frozen=True, kw_only=True)
class _Ranked:
    """What the index answered, and which of it is of one work."""

    rankings: Rankings
    orders: Mapping[str, Sequence[UUID]]
    same: Reproductions


def _rank(
    index: Index,
    database: Database,
    vectors: Mapping[str, Vector],
    *,
    wanted: Filter,
    examples: Sequence[UUID],
    selection: HitSelection,
    end: int,
    exact: bool,
    watch: Stopwatch,
) -> _Ranked:
    """Rank deep enough that ``end`` works are left when each is counted once."""
    # A deeper ranking tells where a hit stands under the other models, and has more to choose from.
    depth = max(end, RANK_DEPTH) if len(vectors) > 1 or selection.diverse else end
    with watch.stage("catalog"), database.reading() as session:
        wanted = with_preferred_names(session, wanted)
        marked = has_same_works(session)
        also_examples = reproductions(session, examples) if marked else {}
    examples = [*examples, *chain.from_iterable(also_examples.values())]
    while True:
        with watch.stage("index"):
            rankings = Rankings(
                index,
                vectors,
                wanted=wanted,
                examples=examples,
                depth=depth,
                exact=exact,
                among=selection.among,
            )
        orders = {model: rankings.nearest_first(model) for model in vectors}
        same = Reproductions()
        if marked:
            found = list({*chain.from_iterable(orders.values())})
            with watch.stage("catalog"), database.reading() as session:
                same = Reproductions(reproductions(session, found))
        lacking = [end - len(same.once(order)) for order in orders.values() if len(order) == depth]
        if max(lacking, default=0) <= 0:
            return _Ranked(rankings=rankings, orders=orders, same=same)
        # Reproductions took the places of other works: look as much deeper, and a little more.
        depth += 2 * max(lacking)


def _answer(
    index: Index,
    database: Database,
    plan: _Plan,
    ranked: _Ranked,
    selection: HitSelection,
    *,
    end: int,
    watch: Stopwatch,
) -> SimilarWorks:
    """Return the selected hits of all rankings with their numbers, and compare the rankings."""
    rankings, orders, same = ranked.rankings, ranked.orders, ranked.same
    with watch.stage("index"):
        fused = rankings.fused(plan.shares) if plan.shares else {}
        pages = {FUSION: same.once(list(fused))[selection.offset : end]}
        for model, order in orders.items():
            repeated = len(order) - len(same.once(order))
            ordered = rankings.diverse(model, end + repeated) if selection.diverse else order
            pages[model] = same.once(ordered)[selection.offset : end]
        cosines = rankings.cosines({item for page in pages.values() for item in page})
    shown = {item for name in plan.names for item in pages[name]}
    with watch.stage("catalog"), database.reading() as session:
        backgrounds = of_the_same_weights(load_backgrounds(session), index)
        artworks = by_id(session, shown | set(same.among(shown)))
    similarities = measure_similarity(cosines, backgrounds, shown, fused)
    ranks = {model: same.ranks(order) for model, order in orders.items()}
    answers = {
        name: _present(
            name,
            pages[name],
            first_rank=selection.offset + 1,
            artworks=artworks,
            similarities=similarities[name],
            ranks=ranks,
            same=same,
            cut_off=selection.cut_off,
        )
        for name in plan.names
    }
    compared = {
        name: [hit.artwork.id for hit in answers[name].hits] if name in answers else pages[name]
        for name in plan.asked
    }
    return SimilarWorks(
        models=answers,
        comparison=compare(compared, cosines),
        timings_ms=watch.milliseconds,
        choice=plan.choice,
    )


def _present(
    name: str,
    page: Sequence[UUID],
    *,
    first_rank: int,
    artworks: Mapping[UUID, ArtworkFacts],
    similarities: Mapping[UUID, Similarity],
    ranks: Mapping[str, Mapping[UUID, int]],
    same: Reproductions,
    cut_off: CutOff,
) -> ModelHits:
    """Return one model's page of hits with their numbers, without those that are too far."""
    hits = []
    for rank, item in enumerate(page, start=first_rank):
        # A point whose work has just left the catalog is not shown; reconcile finds it.
        if item not in artworks:
            continue
        similarity = similarities[item]
        cosine = similarity.cosine
        hit = Hit(
            rank=rank,
            artwork=artworks[item],
            cosine=cosine,
            angular_distance=None if cosine is None else angular_distance(cosine),
            percentile=similarity.percentile,
            z=similarity.z,
            ranks={model: found.get(item) for model, found in ranks.items() if model != name},
            reproductions=tuple(
                artworks[other] for other in same.others.get(item, ()) if other in artworks
            ),
        )
        if cut_off.passes(hit):
            hits.append(hit)
    cosines = [hit.cosine for hit in hits if hit.cosine is not None]
    return ModelHits(model=name, hits=tuple(hits), statistics=similarity_statistics(cosines))
