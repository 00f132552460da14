"""Is choosing a model for each query better? Models, rules, choosers and fusion compared.

``auto`` follows what this measured: as long as no way to choose is better than fusion, it fuses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Literal

import numpy as np

from catalog.database import Database
from evaluation.bootstrap import Floats, Interval, mean_intervals
from evaluation.choice_evidence import Observed, Weights, observe
from evaluation.choosers import (
    RULES,
    SHOWN,
    Chosen,
    choose_by_boosting,
    choose_by_logistic_regression,
    cross_validated,
)
from evaluation.copies import SameWorks, copy_groups
from evaluation.labels import Label, encode, label_of
from evaluation.query_values import QueryValues
from evaluation.ranking import RelevanceJudgments
from evaluation.scoring import Scores
from evaluation.stored import NothingToEvaluate, read_stored
from search.auto import AUTO, Choice, choose
from search.background import current_backgrounds
from search.cohort import read_cohort
from search.fusion import FUSION
from search.index.contract import Index, embedding_models, searchable_models

Kind = Literal["model", "normalised", "fusion", "auto", "weights", "rule", "chooser", "oracle"]

_Methods = list[tuple[Kind, str, Floats, Weights]]

PRECISION = f"precision_at_{SHOWN}"

WEIGHT_STEPS = 10
"""Two models' weights are tried in tenths."""

WEIGHT_STEPS_OF_MANY = 4
"""More models' weights are tried in quarters: there are many ways to share."""


@dataclass(frozen=True, kw_only=True)
class MethodResult:
    """How precise one way to answer is.

    Args:
        name: as it is shown.
        kind: ``model``, one model for all queries; ``normalised``, one model ranked by the score
            that it would add to a fusion; ``fusion``, with equal weights; ``auto``, what a search
            shows that is left the choice; ``weights``, fusion with weights learned from other
            artists' works; ``rule`` and ``chooser``, one model chosen for each query; ``oracle``,
            the best choice, which knows the labels.
        precision: mean precision@10.
        over_best_model, over_fusion: difference to the best single model and to ``fusion``, query
            by query.
        shares: model -> share of the queries for which it was chosen, or its mean weight.
    """

    name: str
    kind: Kind
    precision: Interval
    over_best_model: Interval
    over_fusion: Interval
    shares: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class ChoosingResults:
    """What choosing achieves on a collection.

    Args:
        best_model: the single model with the greatest mean precision.
        earned: rules and choosers that are better than fusion, their interval above zero.
        asked: the precision of every query.
    """

    label: Label
    queries: int
    seed: int
    models: tuple[str, ...]
    best_model: str
    methods: tuple[MethodResult, ...]
    earned: tuple[str, ...]
    asked: QueryValues | None = field(default=None, repr=False, compare=False)


def evaluate_choosing(
    index: Index,
    database: Database,
    *,
    label: Label,
    models: Sequence[str] = (),
    same: SameWorks | None = None,
    seed: int = 0,
) -> ChoosingResults:
    """Compare ways to make one answer of several models' rankings, by mean precision@10.

    What is learned is cross-validated, the works of an artist always together.

    Args:
        label: what is taken for the truth.
        models: at least two vectors of the index; by default the plain embeddings and what
            ``auto`` uses.
        seed: of the bootstrap.

    Raises:
        NothingToEvaluate: fewer than two models, no two works share a label, or no background has
            been measured.
        UnknownVector: the index holds no vectors of a model.
    """
    usual = embedding_models(index.specs)
    held = searchable_models(index.specs)
    names = tuple(dict.fromkeys(models or [*usual, *(choose(usual, held).shares if usual else ())]))
    if len(names) < 2:
        raise NothingToEvaluate(f"choosing takes two or more models, not only {', '.join(names)}")
    stored = read_stored(index, database, names)
    backgrounds = current_backgrounds(database, index)
    missing = [model for model in names if model not in backgrounds]
    if missing:
        raise NothingToEvaluate(
            f"the background of {', '.join(missing)} has not been measured: the next ingest does"
        )
    choice = choose([name for name in names if name in usual] or names, names)
    weightings = _weightings(names)
    scores = Scores(
        stored,
        alone=names,
        together=names,
        cohorts={model: read_cohort(index, model) for model in names},
    )
    labels = [label_of(work, label) for work in stored.works]
    truth = RelevanceJudgments(classes=encode(labels)[0], copies=copy_groups(stored.works, same))
    measured = {model: backgrounds[model] for model in names}
    observed = observe(stored, scores, truth, measured, [*weightings, choice.shares])
    methods = _methods(observed, names, weightings, choice)
    asked = QueryValues(
        queries=[str(stored.works[row].id) for row in observed.queries],
        truths=[labels[row] or "" for row in observed.queries],
        values={(name, PRECISION): precision for _, name, precision, _ in methods},
    )
    return replace(_summarise(methods, names, label=label, seed=seed), asked=asked)


def _weightings(names: Sequence[str]) -> list[dict[str, float]]:
    """Return the weights that are tried, in shares of 1."""
    steps = WEIGHT_STEPS if len(names) == 2 else WEIGHT_STEPS_OF_MANY
    parts = [part for part in product(range(steps + 1), repeat=len(names)) if sum(part) == steps]
    return [{name: n / steps for name, n in zip(names, part, strict=True)} for part in parts]


def _methods(
    observed: Observed, names: Sequence[str], weightings: Sequence[Weights], choice: Choice
) -> _Methods:
    """Return kind, name, each query's precision and the shares of the models, of every method."""
    alone = np.stack([observed.precisions[model] for model in names], axis=1)
    fused = observed.precisions[FUSION]
    both = np.concatenate([alone, fused[:, None]], axis=1)
    found: _Methods = []
    found += [("model", model, observed.precisions[model], {}) for model in names]
    found += [
        ("normalised", f"{model}, normalised", observed.normalised[model], {}) for model in names
    ]
    found.append(("fusion", FUSION, fused, {}))
    by_auto = observed.precisions[choice.model]
    if choice.model == FUSION:
        # The last weighting is that of the choice.
        by_auto = observed.weighted[:, -1]
    found.append(("auto", AUTO, by_auto, choice.shares))

    def add(kind: Kind, name: str, precisions: Floats, chosen: Chosen) -> None:
        candidates = (*names, FUSION)[: precisions.shape[1]]
        counted = np.bincount(chosen, minlength=len(candidates)) / len(chosen)
        shares = dict(zip(candidates, counted.tolist(), strict=True))
        found.append((kind, name, precisions[np.arange(len(chosen)), chosen], shares))

    for name, rule in RULES.items():
        add("rule", name, alone, rule(observed.evidence).argmax(axis=1))
    features, groups = observed.evidence.features(), observed.groups
    if len(np.unique(groups)) > 1:
        for precisions, of in ((alone, "models"), (both, "models and fusion")):
            logistic = choose_by_logistic_regression(features, precisions, groups)
            add("chooser", f"logistic regression over {of}", precisions, logistic)
            boosting = choose_by_boosting(features, precisions, groups)
            add("chooser", f"gradient boosting over {of}", precisions, boosting)
        found.append(_learned_weights(observed, names, weightings))
    add("oracle", "oracle over models", alone, alone.argmax(axis=1))
    return found


def _learned_weights(
    observed: Observed, names: Sequence[str], weightings: Sequence[Weights]
) -> tuple[Kind, str, Floats, Weights]:
    """Return fusion with the weights that are best for other artists' works."""
    weighted = observed.weighted[:, : len(weightings)]
    chosen = cross_validated(
        lambda known, asked: np.full(len(asked), weighted[known].mean(axis=0).argmax()),
        observed.groups,
    )
    mean = {model: float(np.mean([weightings[c][model] for c in chosen])) for model in names}
    precision = weighted[np.arange(len(chosen)), chosen]
    return "weights", "fusion, learned weights", precision, mean


def _summarise(
    methods: _Methods, names: Sequence[str], *, label: Label, seed: int
) -> ChoosingResults:
    precisions = {name: precision for _, name, precision, _ in methods}
    best = max(names, key=lambda name: float(precisions[name].mean()))
    columns = [
        column
        for precision in precisions.values()
        for column in (precision, precision - precisions[best], precision - precisions[FUSION])
    ]
    intervals = iter(mean_intervals(np.stack(columns, axis=1), seed=seed))
    results = tuple(
        MethodResult(
            name=name,
            kind=kind,
            precision=next(intervals),
            over_best_model=next(intervals),
            over_fusion=next(intervals),
            shares=shares,
        )
        for kind, name, _, shares in methods
    )
    return ChoosingResults(
        label=label,
        queries=len(columns[0]),
        seed=seed,
        models=tuple(names),
        best_model=best,
        methods=results,
        earned=tuple(
            method.name
            for method in results
            if method.kind in ("rule", "chooser") and method.over_fusion.low > 0
        ),
    )
