"""Queries worth looking at: answered best, worst, and most differently by different models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from catalog.artworks import ArtworkFacts
from evaluation.ranking import (
    Measured,
    RelevanceJudgments,
    Rows,
    ScoreRows,
    blocks,
    first_places,
    ranking_keys,
)

EXAMPLES = 4
"""Of each sort."""

SHOWN = 6
"""First answers of each method."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One work of a ranking, and whether it is a right answer."""

    work: ArtworkFacts
    right: bool


@dataclass(frozen=True, kw_only=True)
class Example:
    """A query and the first works that each method found for it.

    Args:
        label: what right answers share with the query.
        relevant: how many right answers there are.
        precisions: method -> precision@k of its ranking.
        answers: method -> its first works.
    """

    query: ArtworkFacts
    label: str
    relevant: int
    precisions: Mapping[str, float]
    answers: Mapping[str, tuple[Answer, ...]]


@dataclass(frozen=True, kw_only=True)
class Examples:
    """Queries of each sort, no two of a sort with the same label where labels suffice.

    Args:
        best: the greatest mean average precision over the methods; of equal ones those with the
            fewest right answers to find.
        worst: the smallest; of equal ones those with the most right answers that were missed.
        disputed: the greatest difference between the average precisions of two models; none where
            there is one model only.
    """

    best: tuple[Example, ...]
    worst: tuple[Example, ...]
    disputed: tuple[Example, ...]


def find_examples(
    measured: Measured,
    truth: RelevanceJudgments,
    scores: ScoreRows,
    works: Sequence[ArtworkFacts],
    names: Sequence[str],
    *,
    alone: Sequence[str],
) -> Examples:
    """Choose examples among the queries that were measured, and rank for these again.

    Args:
        names: of the classes.
        alone: the methods that are single models.
    """
    # The measures begin with precision, recall and average precision.
    average = {method: values[:, 2] for method, values in measured.methods.items()}
    mean = np.mean(list(average.values()), axis=0)
    relevant = _relevant(truth, measured.queries)
    models = np.stack([average[model] for model in alone])
    spread = models.max(axis=0) - models.min(axis=0)

    def shown(order: Rows) -> tuple[Example, ...]:
        chosen = _one_a_class(order, truth.classes[measured.queries])
        return tuple(_example(place) for place in chosen)

    def _example(place: int) -> Example:
        row = measured.queries[place]
        return Example(
            query=works[row],
            label=names[truth.classes[row]],
            relevant=int(relevant[place]),
            precisions={
                method: float(values[place, 0]) for method, values in measured.methods.items()
            },
            answers=_answers(truth, scores, works, row),
        )

    return Examples(
        best=shown(np.lexsort((relevant, -mean))),
        worst=shown(np.lexsort((-relevant, mean))),
        disputed=shown(np.argsort(-spread, kind="stable")[: np.count_nonzero(spread > 0)]),
    )


def _one_a_class(order: Rows, classes: Rows) -> list[int]:
    """Return the first places of an order, each of another class as long as there is one."""
    first: dict[int, int] = {}
    for place in order:
        first.setdefault(int(classes[place]), int(place))
    chosen = list(first.values())[:EXAMPLES]
    rest = [int(place) for place in order if int(place) not in set(chosen)]
    return chosen + rest[: EXAMPLES - len(chosen)]


def _relevant(truth: RelevanceJudgments, queries: Rows) -> Rows:
    """Return how many right answers each query has."""
    parts = [
        (truth.relevant(rows) & truth.candidates(rows)).sum(axis=1)
        for rows in blocks(queries, len(truth.classes))
    ]
    return np.concatenate(parts)


def _answers(
    truth: RelevanceJudgments, scores: ScoreRows, works: Sequence[ArtworkFacts], row: int
) -> dict[str, tuple[Answer, ...]]:
    rows = np.array([row])
    possible = truth.candidates(rows)
    right = truth.relevant(rows)[0]
    answers = {}
    for method, found in scores(rows).items():
        first, there = first_places(ranking_keys(found, possible), SHOWN)
        answers[method] = tuple(
            Answer(work=works[place], right=bool(right[place])) for place in first[0][there[0]]
        )
    return answers
