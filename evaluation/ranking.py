"""Every work's ranking of all the others, exact and in blocks, and how good each is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.labels import UNLABELLED, Codes
from evaluation.metrics import Counts, Floats, chance, measures

CELLS_AT_ONCE = 8_000_000
"""Of the table queries × works. With 100,000 works it is 80 queries at a time, in about 400 MB."""

SCORE_STEPS = 1_000_000
"""Scores are compared to six decimals, which is what float32 vectors give."""

NOT_A_CANDIDATE = np.iinfo(np.int64).min

Rows = NDArray[np.int64]
ScoreRows = Callable[[Rows], Mapping[str, NDArray[np.floating]]]
"""Gives, for some works as queries, each method's scores of all works: method -> (rows, works)."""


@dataclass(frozen=True, kw_only=True)
class RelevanceJudgments:
    """What counts as right, and what does not count.

    Args:
        classes: each work's class; ``UNLABELLED`` works neither ask nor are a right answer, but
            they stay in the rankings and take places there, as they do in a search.
        copies: a number that a work shares with its copies. A query's copies, itself among them,
            are taken out of its ranking.
        apart: a number that a work shares with others that are taken out of its ranking as well
            (``UNLABELLED``: with none), such as those by the same artist; ``None`` for none.
        asks: which works ask, bool; ``None`` for all that have a label.
    """

    classes: Codes
    copies: Codes
    apart: Codes | None = None
    asks: NDArray[np.bool_] | None = None

    def candidates(self, rows: Rows) -> NDArray[np.bool_]:
        """Return which works may answer each query, bool (rows, works)."""
        possible: NDArray[np.bool_] = self.copies[rows, None] != self.copies
        if self.apart is not None:
            apart = self.apart[rows, None]
            possible &= (apart != self.apart) | (apart == UNLABELLED)
        return possible

    def relevant(self, rows: Rows) -> NDArray[np.bool_]:
        """Return which works share each query's class, bool (rows, works), candidates or not."""
        classes = self.classes[rows, None]
        same: NDArray[np.bool_] = (classes == self.classes) & (classes != UNLABELLED)
        return same


@dataclass(frozen=True, kw_only=True)
class QueryBlock:
    """Some queries: labelled works that have a right answer among their candidates.

    Args:
        rows: their places.
        possible: which works may answer, bool (queries, works).
        right: which of these are right answers.
    """

    rows: Rows
    possible: NDArray[np.bool_]
    right: NDArray[np.bool_]


def query_blocks(truth: RelevanceJudgments) -> Iterator[QueryBlock]:
    """Go through all queries, in blocks."""
    asks = truth.classes != UNLABELLED
    if truth.asks is not None:
        asks &= truth.asks
    for rows in blocks(np.flatnonzero(asks), len(truth.classes)):
        possible = truth.candidates(rows)
        right = truth.relevant(rows) & possible
        some = right.any(axis=1)
        if some.any():
            yield QueryBlock(rows=rows[some], possible=possible[some], right=right[some])


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The measures of every query.

    Args:
        queries: places of the works that asked: those with a label and a right answer.
        methods: method -> float64 (queries, measures).
        chance: of a random ranking, likewise.
    """

    queries: Rows
    methods: Mapping[str, Floats]
    chance: Floats


def measure_rankings(score_rows: ScoreRows, truth: RelevanceJudgments, *, k: int) -> Measured:
    """Rank all candidates for every labelled work by every method, and measure each ranking."""
    queries: list[Rows] = []
    by_chance: list[Floats] = []
    by_method: dict[str, list[Floats]] = {}
    for asked in query_blocks(truth):
        rows, possible, right = asked.rows, asked.possible, asked.right
        relevant = right.sum(axis=1)
        queries.append(rows)
        by_chance.append(chance(relevant, possible.sum(axis=1), k=k))
        for method, scores in score_rows(rows).items():
            keys = ranking_keys(scores, possible)
            first, there = first_places(keys, k)
            found = np.take_along_axis(right, first, axis=1) & there
            measured = measures(found, _right_within_r(keys, right, relevant), relevant)
            by_method.setdefault(method, []).append(measured)
    if not queries:
        return Measured(queries=np.empty(0, np.int64), methods={}, chance=np.empty((0, 0)))
    return Measured(
        queries=np.concatenate(queries),
        methods={method: np.concatenate(parts) for method, parts in by_method.items()},
        chance=np.concatenate(by_chance),
    )


def blocks(rows: Rows, work_count: int) -> Iterator[Rows]:
    """Cut queries into blocks that fit into memory with their scores of all works."""
    at_once = max(1, CELLS_AT_ONCE // work_count)
    for start in range(0, len(rows), at_once):
        yield rows[start : start + at_once]


def ranking_keys(scores: NDArray[np.floating], possible: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return whole numbers that rank each query's candidates, no two of a query alike.

    The greater comes first. Scores that are equal to six decimals are ranked by the works' order,
    which is that of their ids: the same at every run and in every block.
    """
    work_count = scores.shape[1]
    steps = np.rint(np.asarray(scores, dtype=np.float64) * SCORE_STEPS).astype(np.int64)
    return np.where(possible, steps * work_count - np.arange(work_count), NOT_A_CANDIDATE)


def first_places(keys: NDArray[np.int64], k: int) -> tuple[Rows, NDArray[np.bool_]]:
    """Return the first k works of each ranking, and which of these places are filled.

    Returns:
        Places of works, int64 (queries, k), and bool (queries, k), false where candidates end.
    """
    short = max(0, k - keys.shape[1])
    if short:
        keys = np.pad(keys, ((0, 0), (0, short)), constant_values=NOT_A_CANDIDATE)
    last = keys.shape[1] - k
    some = np.argpartition(keys, last, axis=1)[:, last:]
    order = np.argsort(np.take_along_axis(keys, some, axis=1), axis=1)[:, ::-1]
    first = np.take_along_axis(some, order, axis=1)
    there = np.take_along_axis(keys, first, axis=1) != NOT_A_CANDIDATE
    return np.where(there, first, 0), there


def _right_within_r(keys: NDArray[np.int64], right: NDArray[np.bool_], relevant: Counts) -> Counts:
    """Return how many right works are among the first R of each ranking, R being how many are."""
    work_count = keys.shape[1]
    last = [
        np.partition(row, work_count - count)[work_count - count]
        for row, count in zip(keys, relevant, strict=True)
    ]
    within = (keys >= np.array(last)[:, None]) & right
    counted: Counts = within.sum(axis=1)
    return counted
