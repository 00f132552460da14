"""How far models agree over a whole collection: random works ask, and the rankings are compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from catalog.database import Database
from catalog.filters import Filter
from evaluation.bootstrap import Floats, Interval, mean_intervals
from evaluation.copies import copy_groups
from evaluation.labels import UNLABELLED, Label, encode, label_of
from evaluation.ranking import RelevanceJudgments, Rows, blocks, first_places, ranking_keys
from evaluation.scoring import Scores
from evaluation.stored import NothingToEvaluate, StoredWorks, read_stored
from search.comparison import overlap_at_k, rank_biased_overlap, spearman
from search.index.contract import Index

DEPTH = 10
MEASURES = (f"overlap_at_{DEPTH}", "rbo", "spearman")
GROUPED_BY = (Label.GENRE, Label.STYLE, Label.CENTURY)


@dataclass(frozen=True, kw_only=True)
class GroupAgreement:
    """How far two models agree on the queries of one group.

    Args:
        queries: how many there are.
        measures: measure -> its mean; a measure that no query has is left out.
    """

    queries: int
    measures: Mapping[str, Interval]


@dataclass(frozen=True, kw_only=True)
class PairComparison:
    """How far two models agree.

    Args:
        overall: on all queries.
        groups: label -> value -> on the queries with that label.
    """

    models: tuple[str, str]
    overall: GroupAgreement
    groups: Mapping[Label, Mapping[str, GroupAgreement]]


@dataclass(frozen=True, kw_only=True)
class CollectionComparison:
    """How far models agree.

    Args:
        sample: how many works asked.
        works: among how many, which have vectors of all the models.
        chance_overlap: what two random rankings have in common on average.
        pairs: every two models.
    """

    models: tuple[str, ...]
    sample: int
    works: int
    seed: int
    chance_overlap: float
    pairs: tuple[PairComparison, ...]


def compare_models(
    index: Index, database: Database, models: Sequence[str], *, sample: int, seed: int = 0
) -> CollectionComparison:
    """Compare the first ``DEPTH`` works of each model's exact rankings, for random works.

    overlap@k, rank-biased overlap and Spearman's correlation (over the works that either model
    shows) are those of ``search.comparison``, which a search shows for its one query. The query and
    copies of its very image are not ranked.

    Args:
        sample: works to ask; all of them where there are fewer.
        seed: of the choice of works and of the bootstrap.

    Raises:
        NothingToEvaluate: fewer than two models, or fewer than two works.
        UnknownVector: the index holds no vectors of a model.
    """
    names = tuple(dict.fromkeys(models))
    if len(names) < 2:
        raise NothingToEvaluate(f"two or more models can be compared, not only {', '.join(names)}")
    stored = read_stored(index, database, names)
    work_count = len(stored.works)
    if work_count < 2:
        raise NothingToEvaluate("one work alone has nothing to be compared with")
    rows = np.sort(np.random.default_rng(seed).permutation(work_count)[:sample])
    pairs = list(combinations(names, 2))
    values = _measure_pairs(stored, rows, names, pairs)
    labels = {
        label: encode([label_of(stored.works[row], label) for row in rows]) for label in GROUPED_BY
    }
    everything = np.ones(len(rows), dtype=bool)
    return CollectionComparison(
        models=names,
        sample=len(rows),
        works=work_count,
        seed=seed,
        chance_overlap=min(1.0, DEPTH / (work_count - 1)),
        pairs=tuple(
            PairComparison(
                models=pair,
                overall=_agreement(found[everything], seed),
                groups={
                    label: {
                        value: _agreement(found[codes == code], seed)
                        for code, value in enumerate(values_of_label)
                    }
                    for label, (codes, values_of_label) in labels.items()
                },
            )
            for pair, found in zip(pairs, values, strict=True)
        ),
    )


def sampled_overlaps(
    index: Index, models: Sequence[str], *, sample: int, seed: int = 0
) -> dict[tuple[str, str], float]:
    """Return overlap@k of every two models, over works at random, by the index's own rankings.

    Quick in a collection of any size, and without intervals: a first look.
    """
    every = list(index.ids())
    drawn = np.random.default_rng(seed).permutation(len(every))[:sample]
    works = [every[place] for place in drawn]
    vectors = {model: index.vectors(model, works) for model in models}
    found: dict[tuple[str, str], list[float]] = {pair: [] for pair in combinations(models, 2)}
    for work in works:
        asked = {model: held[work] for model, held in vectors.items() if work in held}
        ranked = index.nearest_under_each(asked, top=DEPTH, wanted=Filter(), without=[work])
        ids = {model: [hit.id for hit in hits] for model, hits in ranked.items()}
        for pair, shares in found.items():
            if ids.keys() >= set(pair):
                shares.append(overlap_at_k(*(ids[model] for model in pair)) or 0.0)
    return {pair: float(np.mean(shares)) for pair, shares in found.items() if shares}


def _measure_pairs(
    stored: StoredWorks, queries: Rows, names: Sequence[str], pairs: Sequence[tuple[str, str]]
) -> list[Floats]:
    """Return for each pair of models float64 (queries, measures), NaN where there is no measure."""
    unlabelled = np.full(len(stored.works), UNLABELLED)
    truth = RelevanceJudgments(classes=unlabelled, copies=copy_groups(stored.works))
    ids = [work.id for work in stored.works]
    scores = Scores(stored, alone=names, together=(), cohorts={})
    values: list[list[list[float]]] = [[] for _ in pairs]
    for rows in blocks(queries, len(ids)):
        cosines = scores(rows)
        possible = truth.candidates(rows)
        places = {
            model: first_places(ranking_keys(found, possible), DEPTH)
            for model, found in cosines.items()
        }
        for row in range(len(rows)):
            shown = {
                model: [int(place) for place in first[row][there[row]]]
                for model, (first, there) in places.items()
            }
            for measured, (one, other) in zip(values, pairs, strict=True):
                union = list(dict.fromkeys([*shown[one], *shown[other]]))
                rankings = [[ids[place] for place in shown[model]] for model in (one, other)]
                found = (
                    overlap_at_k(*rankings),
                    rank_biased_overlap(*rankings),
                    spearman(list(cosines[one][row, union]), list(cosines[other][row, union])),
                )
                measured.append([np.nan if value is None else value for value in found])
    return [np.array(measured) for measured in values]


def _agreement(values: Floats, seed: int) -> GroupAgreement:
    measures = {}
    for name, column in zip(MEASURES, values.T, strict=True):
        known = column[~np.isnan(column)]
        if len(known):
            (measures[name],) = mean_intervals(known[:, None], seed=seed)
    return GroupAgreement(queries=len(values), measures=measures)
