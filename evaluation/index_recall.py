"""The honesty of the index: what filtered HNSW finds of what a scan of every work finds."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np

from catalog.artworks import ArtworkFacts, by_id
from catalog.database import Database
from catalog.filters import KEYWORD_FIELDS, PAYLOAD_FIELDS, Filter
from evaluation.stored import EVERYTHING
from search.index.contract import Index, Vector, searchable_models

DEPTH = 10
LEAST_RECALL = 0.99


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One question, answered by HNSW and exactly.

    Args:
        work: that was asked about.
        right: how many of the exact first works HNSW found too.
        wanted: how many works the exact answer has: fewer than asked for where fewer pass.
        ms, exact_ms: how long HNSW and the exact search took.
    """

    work: UUID
    right: int
    wanted: int
    ms: float
    exact_ms: float


@dataclass(frozen=True, kw_only=True)
class Recall:
    """How one model's index answered.

    Args:
        queries: how many questions were asked.
        recall: share of the exact first works that HNSW found too, over all questions.
        p50_ms, p95_ms: median and 95th percentile of the time of one HNSW search.
        exact_p50_ms: median time of the exact searches.
    """

    queries: int
    recall: float
    p50_ms: float
    p95_ms: float
    exact_p50_ms: float


@dataclass(frozen=True, kw_only=True)
class IndexCheck:
    """What a check of the index found.

    Args:
        models: model -> ``unfiltered`` and ``filtered`` -> its recall.
        warnings: what should be put right, in plain words; empty if nothing.
        damaged_files: of the index, not as they were written.
    """

    models: dict[str, dict[str, Recall]]
    warnings: tuple[str, ...]
    damaged_files: tuple[str, ...] = ()


def check_index(
    index: Index, database: Database, *, queries: int = 200, seed: int = 7
) -> IndexCheck:
    """Ask the index about random works, by HNSW and exactly, without filters and with them.

    A filter is made of one or two fields of a random work, so that something passes it.

    Args:
        queries: works to ask about, for each model.
    """
    asked = ask_index(index, database, queries=queries, seed=seed)
    found = {
        model: {kind: summarise(trials) for kind, trials in kinds.items()}
        for model, kinds in asked.items()
    }
    damaged = tuple(index.damaged_files())
    warnings = [*_warnings(index, found)]
    if damaged:
        warnings.append(
            f"{len(damaged)} files of the index are not as they were written, such as "
            f"{damaged[0]}: `vasari reconcile --fix` repairs it"
        )
    return IndexCheck(models=found, warnings=tuple(warnings), damaged_files=damaged)


def ask_index(
    index: Index,
    database: Database,
    *,
    models: Sequence[str] = (),
    wanted: Filter = EVERYTHING,
    queries: int,
    k: int = DEPTH,
    seed: int,
) -> dict[str, dict[str, list[Trial]]]:
    """Ask each model about random works: without a filter, and with one that another work passes.

    Args:
        models: vectors of the index; by default all that can be searched.
        wanted: a filter to ask all the works with, besides.
        queries: works to ask about, for each model.
        k: works wanted of each answer.

    Returns:
        model -> ``unfiltered``, ``filtered`` and, with a filter, ``given`` -> trials.

    Raises:
        UnknownVector: the index holds no vectors of a model.
    """
    rng = np.random.default_rng(seed)
    ids = list(index.ids())
    order = rng.permutation(len(ids))[:queries]
    chosen = [ids[place] for place in order]
    with database.transaction() as session:
        works = by_id(session, chosen)
    # Each filter is that of another work than the one asked about.
    filters = [_filter_like(works[item], rng) if item in works else Filter() for item in chosen]
    filters = filters[1:] + filters[:1]
    kinds = {"unfiltered": [EVERYTHING] * len(chosen), "filtered": filters}
    if wanted:
        kinds["given"] = [wanted] * len(chosen)
    found = {}
    for model in models or searchable_models(index.specs):
        vectors = index.vectors(model, chosen)
        found[model] = {
            kind: ask_both_ways(index, model, vectors, conditions, chosen, k=k)
            for kind, conditions in kinds.items()
        }
    return found


def _filter_like(work: ArtworkFacts, rng: np.random.Generator) -> Filter:
    held = [name for name in KEYWORD_FIELDS if getattr(work, name)]
    names = rng.permutation(held)[: rng.integers(1, 3)]
    conditions: dict[str, Any] = {str(name): (getattr(work, str(name)),) for name in names}
    if work.year is not None and rng.random() < 0.5:
        conditions |= {"year_from": work.year - 25, "year_to": work.year + 25}
    return Filter(**conditions)


def ask_both_ways(
    index: Index,
    model: str,
    vectors: Mapping[UUID, Vector],
    filters: Sequence[Filter],
    ids: Sequence[UUID],
    *,
    k: int = DEPTH,
) -> list[Trial]:
    """Ask for the works most like each work, under a filter each, by HNSW and exactly.

    Args:
        vectors: of the works asked about; one without a vector is passed over.
        filters: as many as ``ids``.
    """
    trials = []
    for item, condition in zip(ids, filters, strict=True):
        if item not in vectors:
            continue
        answers: list[set[UUID]] = []
        times: list[float] = []
        for exact in (False, True):
            start = time.perf_counter()
            hits = index.nearest(
                model, vectors[item], wanted=condition, top=k, exact=exact, without=[item]
            )
            times.append(1_000 * (time.perf_counter() - start))
            answers.append({hit.id for hit in hits})
        walk, scan = answers
        trials.append(
            Trial(
                work=item,
                right=len(walk & scan),
                wanted=len(scan),
                ms=times[0],
                exact_ms=times[1],
            )
        )
    return trials


def summarise(trials: Sequence[Trial]) -> Recall:
    """Return the recall over all questions together, and the times."""
    wanted = sum(trial.wanted for trial in trials)
    right = sum(trial.right for trial in trials)
    return Recall(
        queries=len(trials),
        recall=right / wanted if wanted else 1.0,
        p50_ms=_percentile([trial.ms for trial in trials], 50),
        p95_ms=_percentile([trial.ms for trial in trials], 95),
        exact_p50_ms=_percentile([trial.exact_ms for trial in trials], 50),
    )


def _percentile(values: Sequence[float], share: float) -> float:
    return float(np.percentile(values, share)) if values else 0.0


def _warnings(index: Index, found: dict[str, dict[str, Recall]]) -> Iterator[str]:
    status = index.status()
    if not status.points:
        yield "the index is empty: run an ingest first"
        return
    for name in PAYLOAD_FIELDS:
        if name not in status.payload_indexes:
            yield (
                f"the payload index of `{name}` is missing: filters by it are slow, and HNSW was "
                "built without its edges"
            )
    for model, recalls in found.items():
        for kind, recall in recalls.items():
            if recall.recall < LEAST_RECALL:
                found_share = f"recall@{DEPTH} is {recall.recall:.3f}, under {LEAST_RECALL}"
                yield f"{model}, {kind}: {found_share}"
