"""How near the works are that a search finds, beside unrelated works: an evaluation without labels.

It says nothing of whether the works found are the right ones; only labels can. It says how far
a model's first works stand out from the rest of the collection, work by work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from catalog.artworks import ArtworkFacts
from catalog.backgrounds import Background
from catalog.database import Database
from catalog.filters import Filter
from evaluation.bootstrap import Floats, Interval, mean_intervals
from evaluation.copies import SameWorks, copy_groups
from evaluation.labels import UNLABELLED
from evaluation.query_values import QueryValues
from evaluation.ranking import RelevanceJudgments, Rows, blocks, first_places, ranking_keys
from evaluation.stored import EVERYTHING, NothingToEvaluate, StoredWorks, read_stored
from search.background import current_backgrounds, percentiles, z_scores
from search.index.contract import Index, searchable_models
from search.statistics import SimilarityStatistics, similarity_statistics

DEPTH = 10
SAMPLE = 1_000
BINS = 60
EXAMPLES = 6


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """How cosines are distributed.

    Args:
        edges: of the bins, one more than bins.
        hits, background: share of the cosines in each bin, of works found and of unrelated works.
    """

    edges: tuple[float, ...]
    hits: tuple[float, ...]
    background: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class ModelDistances:
    """How near the first works are under one model.

    Args:
        hits: of all first works of all queries together: mean, standard deviation and ends.
        cosine, angular_distance: means over the queries of their first works' means.
        percentile: likewise, the share of pairs of the collection that are less alike, in percent.
        z: likewise, standard deviations above the mean of those pairs.
        by_rank: mean angular distance at each rank, the first first.
        nearest, most_isolated: works whose first works are the nearest, and the farthest.
        background: of the collection.
    """

    hits: SimilarityStatistics
    cosine: Interval
    angular_distance: Interval
    percentile: Interval
    z: Interval
    by_rank: tuple[float, ...]
    histogram: Histogram
    nearest: tuple[ArtworkFacts, ...] = field(repr=False)
    most_isolated: tuple[ArtworkFacts, ...] = field(repr=False)
    background: Background = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class DistanceQuality:
    """What an evaluation found.

    Args:
        k: how many works of each ranking were looked at.
        queries: works that asked.
        works: among how many.
        seed: of the choice of works and of the bootstrap.
        asked: mean cosine, angular distance, percentile and z of every query.
    """

    k: int
    queries: int
    works: int
    seed: int
    models: Mapping[str, ModelDistances]
    asked: QueryValues = field(repr=False, compare=False)


def evaluate_distances(
    index: Index,
    database: Database,
    *,
    models: Sequence[str] = (),
    wanted: Filter = EVERYTHING,
    same: SameWorks | None = None,
    k: int = DEPTH,
    sample: int = SAMPLE,
    seed: int = 0,
) -> DistanceQuality:
    """Measure the first k works of exact rankings, for random works.

    The query and its copies are not ranked.

    Args:
        models: vectors of the index; by default all that can be searched.
        wanted: conditions that works have to meet, those that ask as well as those that answer.
            The background is that of the whole collection all the same.
        sample: works to ask; all of them where there are fewer.
        seed: of the choice of works and of the bootstrap.

    Raises:
        NothingToEvaluate: no work has another that is no copy of it, or no background has been
            measured.
        UnknownVector: the index holds no vectors of a model.
    """
    names = list(dict.fromkeys(models)) or searchable_models(index.specs)
    stored = read_stored(index, database, names, wanted=wanted)
    backgrounds = current_backgrounds(database, index)
    missing = [model for model in names if model not in backgrounds]
    if missing:
        raise NothingToEvaluate(
            f"the background of {', '.join(missing)} has not been measured: the next ingest does"
        )
    copies = copy_groups(stored.works, same)
    if len(set(copies.tolist())) < 2:
        raise NothingToEvaluate("one work alone has nothing to be near to")
    work_count = len(stored.works)
    rows = np.sort(np.random.default_rng(seed).permutation(work_count)[:sample])
    truth = RelevanceJudgments(classes=np.full(work_count, UNLABELLED), copies=copies)
    values: dict[tuple[str, str], Floats] = {}
    found = {}
    for model in names:
        cosines = _first_cosines(stored, model, rows, truth, k)
        measured = _measures(cosines, backgrounds[model])
        values |= {(model, name): column for name, column in measured.items()}
        found[model] = _distances(
            cosines,
            measured,
            backgrounds[model],
            [stored.works[row] for row in rows],
            seed=seed,
        )
    return DistanceQuality(
        k=k,
        queries=len(rows),
        works=work_count,
        seed=seed,
        models=found,
        asked=QueryValues(
            queries=[str(stored.works[row].id) for row in rows],
            truths=[""] * len(rows),
            values=values,
        ),
    )


def _first_cosines(
    stored: StoredWorks, model: str, queries: Rows, truth: RelevanceJudgments, k: int
) -> Floats:
    """Return each query's k greatest cosines, falling, float64 (queries, k); NaN for none."""
    vectors = stored.vectors[model]
    parts = []
    for rows in blocks(queries, len(vectors)):
        cosines = vectors[rows] @ vectors.T
        first, there = first_places(ranking_keys(cosines, truth.candidates(rows)), k)
        shown = np.take_along_axis(cosines, first, axis=1).astype(np.float64)
        parts.append(np.where(there, np.clip(shown, -1, 1), np.nan))
    return np.concatenate(parts)


def _measures(cosines: Floats, background: Background) -> dict[str, Floats]:
    """Return each query's means over its first works."""
    flat = cosines.ravel().tolist()
    return {
        "cosine": np.nanmean(cosines, axis=1),
        "angular_distance": np.nanmean(_angular(cosines), axis=1),
        "percentile": np.nanmean(np.reshape(percentiles(background, flat), cosines.shape), axis=1),
        "z": np.nanmean(np.reshape(z_scores(background, flat), cosines.shape), axis=1),
    }


def _angular(cosines: Floats) -> Floats:
    # As search.statistics.angular_distance, of many at once.
    distances: Floats = np.sqrt(np.maximum(0.0, 2.0 * (1.0 - cosines)))
    return distances


def _distances(
    cosines: Floats,
    measured: Mapping[str, Floats],
    background: Background,
    works: Sequence[ArtworkFacts],
    *,
    seed: int,
) -> ModelDistances:
    hits = cosines[~np.isnan(cosines)]
    statistics = similarity_statistics(hits.tolist())
    if statistics is None:
        raise NothingToEvaluate("no work has another to be near to")
    intervals = mean_intervals(np.stack(list(measured.values()), axis=1), seed=seed)
    order = np.argsort(measured["angular_distance"], kind="stable")
    filled = ~np.isnan(cosines).all(axis=0)
    return ModelDistances(
        hits=statistics,
        **dict(zip(measured, intervals, strict=True)),
        by_rank=tuple(np.nanmean(_angular(cosines[:, filled]), axis=0).tolist()),
        histogram=_histogram(hits, background),
        nearest=tuple(works[place] for place in order[:EXAMPLES]),
        most_isolated=tuple(works[place] for place in order[::-1][:EXAMPLES]),
        background=background,
    )


def _histogram(hits: Floats, background: Background) -> Histogram:
    probabilities, values = np.array(background.quantiles).T
    # A little wider, so that cosines shared by several pairs at an end are wholly within.
    ends = min(values[0], hits.min()) - 1e-9, max(values[-1], hits.max()) + 1e-9
    edges = np.linspace(*ends, BINS + 1)
    below = np.interp(edges, values, probabilities, left=0.0, right=1.0)
    counted, _ = np.histogram(hits, edges)
    return Histogram(
        edges=tuple(edges.tolist()),
        hits=tuple((counted / len(hits)).tolist()),
        background=tuple(np.diff(below).tolist()),
    )
