"""How often a search finds works of the query's own artist, genre, style, school or century.

Every labelled work asks once, and all the others answer, ranked exactly. What is measured, what is
left out and how sure the figures are is the same for single models and for their fusion, so that
they can be compared query by query.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from catalog.database import Database
from catalog.filters import Filter
from evaluation.bootstrap import Interval, mean_intervals, mean_of_class_means_intervals
from evaluation.copies import SameWorks, copy_groups
from evaluation.examples import Examples, find_examples
from evaluation.labels import UNLABELLED, Label, encode, label_of, one
from evaluation.metrics import Floats, measure_names
from evaluation.query_values import QueryValues
from evaluation.ranking import Measured, RelevanceJudgments, measure_rankings
from evaluation.scoring import Scores
from evaluation.stored import EVERYTHING, NothingToEvaluate, read_stored
from search.cohort import read_cohort
from search.fusion import FUSION
from search.index.contract import Index, embedding_models, searchable_models

DEPTH = 10

Intervals = Mapping[str, Interval]


@dataclass(frozen=True, kw_only=True)
class MethodQuality:
    """How good the rankings of a model, or of several fused, are.

    Args:
        micro: measure -> mean over all queries.
        macro: measure -> mean over the classes of their queries' means.
        classes: class -> measure -> mean over its queries.
    """

    micro: Intervals
    macro: Intervals
    classes: Mapping[str, Intervals]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What the first method has over the second, over the same queries.

    Args:
        micro, macro: measure -> difference of the means; an interval that does not hold 0 says
            that the methods differ.
    """

    first: str
    second: str
    micro: Intervals
    macro: Intervals


@dataclass(frozen=True, kw_only=True)
class RetrievalQuality:
    """What an evaluation found.

    Args:
        label: what was taken for the truth.
        k: how many works of each ranking were looked at.
        seed: of the bootstrap.
        exclude_same_artist: whether works by the query's artist were taken out of its ranking.
        works: that have vectors of all models, and were ranked.
        labelled: of these, that have a label.
        queries: of these, that have a right answer among the candidates: those that asked.
        class_sizes: class -> its queries.
        chance, chance_macro: measure -> its mean, were all rankings random.
        methods: model or ``fusion`` -> its quality.
        differences: between every two methods.
        vectors: of the index that were asked, alone or fused.
        asked: the measures of every query.
        examples: queries worth looking at.
    """

    label: Label
    k: int
    seed: int
    exclude_same_artist: bool
    works: int
    labelled: int
    queries: int
    class_sizes: Mapping[str, int]
    chance: Mapping[str, float]
    chance_macro: Mapping[str, float]
    methods: Mapping[str, MethodQuality]
    differences: tuple[Difference, ...]
    vectors: tuple[str, ...] = ()
    asked: QueryValues | None = field(default=None, repr=False, compare=False)
    examples: Examples | None = field(default=None, repr=False, compare=False)


def evaluate_retrieval(
    index: Index,
    database: Database,
    *,
    label: Label,
    models: Sequence[str] = (),
    same: SameWorks | None = None,
    exclude_same_artist: bool = False,
    wanted: Filter = EVERYTHING,
    k: int = DEPTH,
    seed: int = 0,
) -> RetrievalQuality:
    """Evaluate the stored vectors of a collection.

    Args:
        label: what is taken for the truth.
        models: vectors of the index, and ``fusion`` for all those named together; by default all
            vectors of the index, and the fusion of the plain embeddings.
        exclude_same_artist: take works by the query's artist out of its ranking.
        wanted: conditions that works have to meet, those that ask as well as those that answer.
        seed: of the bootstrap.

    Raises:
        UnknownVector: the index holds no vectors of a model.
        NothingToEvaluate: no two works share a label, or the label is the artist and works by the
            same artist are excluded.
    """
    if exclude_same_artist and label is Label.ARTIST:
        raise NothingToEvaluate("without works by the same artist, no artist can be found")
    vectors, fused = _chosen_models(index, models)
    used = tuple(dict.fromkeys([*vectors, *fused]))
    stored = read_stored(index, database, used, wanted=wanted)
    codes, names = encode([label_of(work, label) for work in stored.works])
    truth = RelevanceJudgments(
        classes=codes,
        copies=copy_groups(stored.works, same),
        apart=encode([work.artist for work in stored.works])[0] if exclude_same_artist else None,
    )
    cohorts = {model: read_cohort(index, model) for model in fused}
    scores = Scores(stored, alone=vectors, together=fused, cohorts=cohorts)
    measured = measure_rankings(scores, truth, k=k)
    if not len(measured.queries):
        raise NothingToEvaluate(
            f"no two works {'that pass the filter' if wanted else 'of this collection'} share "
            f"{one(label)}, "
            f"and {int((codes != UNLABELLED).sum())} have one"
        )
    return replace(
        summarise(measured, truth, names, label=label, k=k, seed=seed),
        vectors=used,
        asked=QueryValues(
            queries=[str(stored.works[row].id) for row in measured.queries],
            truths=[names[code] for code in codes[measured.queries]],
            values={
                (method, name): column
                for method, values in measured.methods.items()
                for name, column in zip(measure_names(k), values.T, strict=True)
            },
        ),
        examples=find_examples(measured, truth, scores, stored.works, names, alone=vectors),
    )


def _chosen_models(index: Index, models: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the vectors to rank by alone, and those to rank by together, if at least two."""
    alone = list(dict.fromkeys(m for m in models if m != FUSION)) or searchable_models(index.specs)
    if models and FUSION not in models:
        return alone, []
    together = alone if len(alone) > 1 and models else embedding_models(index.specs)
    return alone, together if len(together) > 1 else []


def summarise(
    measured: Measured,
    truth: RelevanceJudgments,
    names: Sequence[str],
    *,
    label: Label,
    k: int,
    seed: int,
) -> RetrievalQuality:
    """Return means and intervals of the queries' measures."""
    classes = truth.classes[measured.queries]
    methods = list(measured.methods)
    # The later method first: fusion, which is the last, less each model.
    pairs = list(combinations(reversed(methods), 2))
    table = [measured.methods[method] for method in methods]
    table += [measured.methods[first] - measured.methods[second] for first, second in pairs]
    columns = np.concatenate(table, axis=1)
    width = len(measure_names(k))

    def split(intervals: Sequence[Interval]) -> list[Intervals]:
        return [
            dict(zip(measure_names(k), intervals[start : start + width], strict=True))
            for start in range(0, len(intervals), width)
        ]

    micro = split(mean_intervals(columns, seed=seed))
    macro = split(mean_of_class_means_intervals(columns, classes, seed=seed))
    present = np.unique(classes)
    of_classes = {
        names[number]: split(
            mean_intervals(columns[classes == number, : width * len(methods)], seed=seed)
        )
        for number in present
    }
    return RetrievalQuality(
        label=label,
        k=k,
        seed=seed,
        exclude_same_artist=truth.apart is not None,
        works=len(truth.classes),
        labelled=int((truth.classes != UNLABELLED).sum()),
        queries=len(classes),
        class_sizes={names[number]: int((classes == number).sum()) for number in present},
        chance=_named(measured.chance.mean(axis=0), k),
        chance_macro=_named(
            np.mean([measured.chance[classes == number].mean(axis=0) for number in present], 0), k
        ),
        methods={
            method: MethodQuality(
                micro=micro[place],
                macro=macro[place],
                classes={name: found[place] for name, found in of_classes.items()},
            )
            for place, method in enumerate(methods)
        },
        differences=tuple(
            Difference(
                first=first,
                second=second,
                micro=micro[len(methods) + place],
                macro=macro[len(methods) + place],
            )
            for place, (first, second) in enumerate(pairs)
        ),
    )


def _named(values: Floats, k: int) -> dict[str, float]:
    return dict(zip(measure_names(k), (float(value) for value in values), strict=True))
