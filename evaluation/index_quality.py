"""What the index finds of what a scan of every work finds, and how long both take, for a report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from catalog.artists import with_preferred_names
from catalog.database import Database
from catalog.filters import Filter
from evaluation.bootstrap import Floats, Interval, mean_intervals
from evaluation.index_recall import DEPTH, Recall, Trial, ask_index, summarise
from evaluation.query_values import QueryValues
from evaluation.stored import EVERYTHING, NothingToEvaluate
from search.index.contract import Index, searchable_models, unknown_vector

QUERIES = 200
SHARES = tuple(range(1, 100))


@dataclass(frozen=True, kw_only=True)
class KindQuality:
    """How one model's index answered one kind of question.

    Args:
        recall: mean over the queries of the share of the exact first works that HNSW found too;
            ``None`` where nothing passed any filter.
        all: recall over all questions together, and the times.
        ms, exact_ms: percentiles 1 to 99 of the times of HNSW and of exact searches.
    """

    recall: Interval | None
    all: Recall
    ms: tuple[float, ...]
    exact_ms: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class IndexQuality:
    """What an evaluation of the index found.

    Args:
        works: in the index.
        in_graph: model -> share of its vectors that the HNSW graph holds; those outside it are
            always searched exactly.
        models: model -> kind of question -> quality.
        asked: recall and times of every query.
    """

    engine: str
    works: int
    k: int
    seed: int
    in_graph: Mapping[str, float]
    models: Mapping[str, Mapping[str, KindQuality]]
    asked: QueryValues = field(repr=False, compare=False)


def evaluate_index(
    index: Index,
    database: Database,
    *,
    models: Sequence[str] = (),
    wanted: Filter = EVERYTHING,
    queries: int = QUERIES,
    k: int = DEPTH,
    seed: int = 7,
) -> IndexQuality:
    """Ask the index about random works, by HNSW and exactly, without filters and with them.

    Args:
        models: vectors of the index; by default all that can be searched.
        wanted: a filter to ask with, besides none and random ones.
        queries: works to ask about, for each model and kind of question.
        k: works wanted of each answer.
        seed: of the choice of works and filters, and of the bootstrap.

    Raises:
        UnknownVector: the index holds no vectors of a model, or none at all.
        NothingToEvaluate: it holds no works.
    """
    names = list(dict.fromkeys(models)) or searchable_models(index.specs)
    for model in names or ["any"]:
        if model not in index.specs:
            raise unknown_vector(model, index.specs)
    with database.transaction() as session:
        wanted = with_preferred_names(session, wanted)
    found = ask_index(index, database, models=names, wanted=wanted, queries=queries, k=k, seed=seed)
    status = index.status()
    if not status.points:
        raise NothingToEvaluate("the index is empty: run an ingest first")
    return IndexQuality(
        engine=status.engine,
        works=status.points,
        k=k,
        seed=seed,
        in_graph={
            model: held.indexed / max(1, held.points)
            for model, held in status.vectors.items()
            if model in names
        },
        models={
            model: {kind: _quality(trials, seed) for kind, trials in kinds.items()}
            for model, kinds in found.items()
        },
        asked=_values(found, k),
    )


def _quality(trials: Sequence[Trial], seed: int) -> KindQuality:
    recalls = _recalls(trials)
    known = recalls[~np.isnan(recalls)]
    return KindQuality(
        recall=mean_intervals(known[:, None], seed=seed)[0] if len(known) else None,
        all=summarise(trials),
        ms=_percentiles([trial.ms for trial in trials]),
        exact_ms=_percentiles([trial.exact_ms for trial in trials]),
    )


def _recalls(trials: Sequence[Trial]) -> Floats:
    return np.array([t.right / t.wanted if t.wanted else np.nan for t in trials], dtype=np.float64)


def _percentiles(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(np.percentile(values, SHARES).tolist()) if values else ()


def _values(found: Mapping[str, Mapping[str, Sequence[Trial]]], k: int) -> QueryValues:
    """Return what was measured of each work asked about; a method is a model and a kind."""
    works = list(
        dict.fromkeys(
            t.work for kinds in found.values() for trials in kinds.values() for t in trials
        )
    )
    places = {work: place for place, work in enumerate(works)}
    values: dict[tuple[str, str], Floats] = {}
    for model, kinds in found.items():
        for kind, trials in kinds.items():
            rows = [places[trial.work] for trial in trials]
            for name, measured in (
                (f"recall_at_{k}", _recalls(trials)),
                ("ms", np.array([trial.ms for trial in trials])),
                ("exact_ms", np.array([trial.exact_ms for trial in trials])),
            ):
                column = np.full(len(works), np.nan)
                column[rows] = measured
                values[f"{model}, {kind}", name] = column
    return QueryValues(
        queries=[str(work) for work in works], truths=[""] * len(works), values=values
    )
