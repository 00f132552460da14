"""Two runs of the same protocol, query by query: what changed, and whether that may be chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import false_discovery_control, permutation_test

from evaluation.bootstrap import Floats, Interval, mean_intervals
from evaluation.query_values import QueryValues
from evaluation.runs import Run, RunFault

PERMUTATIONS = 9_999
CELLS_AT_ONCE = 2_000_000
"""Of the table permutations × queries × measures, to bound the memory."""

SAME_QUESTION = ("label", "perturbation", "curves")
"""Options that make a question another one."""

FALSE_DISCOVERY_RATE = 0.05
"""The accepted rate of false discoveries."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """How one measure of one method changed from the first run to the second.

    Args:
        queries: that both runs asked and that count in both.
        first, second: means over these queries.
        difference: second less first, with its interval by paired bootstrap.
        p: of a paired permutation test: how often a change as large as this comes about where the
            two values of each query are exchanged at random.
        q: p, adjusted for the number of measures that were compared.
    """

    method: str
    against: str
    measure: str
    queries: int
    first: float
    second: float
    difference: Interval
    p: float
    q: float

    @property
    def is_sure(self) -> bool:
        """Whether the change is more than chance would make it."""
        return self.q < FALSE_DISCOVERY_RATE


@dataclass(frozen=True, kw_only=True)
class RunComparison:
    """What changed between two runs.

    Args:
        queries: that both asked.
        only_first, only_second: queries that only one of them asked.
        warnings: what else differs between the runs, in plain words.
        changes: a change each measure of each method, in the order of the first run.
        seed: of the draws.
    """

    first: Run
    second: Run
    queries: int
    only_first: int
    only_second: int
    warnings: tuple[str, ...]
    changes: tuple[Change, ...]
    seed: int


def compare_runs(
    runs: tuple[Run, Run],
    values: tuple[QueryValues, QueryValues],
    *,
    pairs: Mapping[str, str] | None = None,
    seed: int = 0,
) -> RunComparison:
    """Compare two runs over the queries that both asked.

    The test is Fisher's randomisation test, as is usual for search results: Smucker, Allan and
    Carterette, "A comparison of statistical significance tests for information retrieval
    evaluation", CIKM 2007. Its p are adjusted for their number after Benjamini and Hochberg,
    "Controlling the false discovery rate", Journal of the Royal Statistical Society B 57 (1), 1995.

    Args:
        pairs: method of the first run -> method of the second to compare it with; by default those
            that both have, or the one method of each.
        seed: of the bootstrap and of the permutations.

    Raises:
        RunFault: the runs are of different protocols or labels, or have nothing in common.
    """
    first, second = runs
    _check_same_question(first, second)
    places = {query: place for place, query in enumerate(values[1].queries)}
    rows = [place for place, query in enumerate(values[0].queries) if query in places]
    others = [places[values[0].queries[place]] for place in rows]
    if not rows:
        raise RunFault(f"{first.id} and {second.id} asked no query in common")
    changed = sum(
        values[0].truths[one] != values[1].truths[other]
        for one, other in zip(rows, others, strict=True)
    )
    methods = pairs or _common_methods(*values)
    _check_methods(methods, runs, values)
    compared = [
        (method, against, measure)
        for method, against in methods.items()
        for of, measure in values[0].values
        if of == method and (against, measure) in values[1].values
    ]
    if not compared:
        raise RunFault(f"{first.id} and {second.id} measured nothing in common (another k?)")
    return RunComparison(
        first=first,
        second=second,
        queries=len(rows),
        only_first=len(values[0].queries) - len(rows),
        only_second=len(values[1].queries) - len(rows),
        warnings=tuple(_warnings(first, second, changed)),
        changes=_changes(
            compared,
            [values[0].values[method, measure][rows] for method, _, measure in compared],
            [values[1].values[against, measure][others] for _, against, measure in compared],
            seed=seed,
        ),
        seed=seed,
    )


def _changes(
    compared: Sequence[tuple[str, str, str]],
    before: Sequence[Floats],
    after: Sequence[Floats],
    *,
    seed: int,
) -> tuple[Change, ...]:
    found = []
    for one, other in zip(before, after, strict=True):
        counted = ~(np.isnan(one) | np.isnan(other))
        found.append((one[counted], other[counted]))
    kept = [place for place, (one, _) in enumerate(found) if len(one)]
    intervals = [mean_intervals((found[p][1] - found[p][0])[:, None], seed=seed)[0] for p in kept]
    chances = [_chance(found[place][1] - found[place][0], seed=seed) for place in kept]
    adjusted = false_discovery_control(chances) if chances else []
    return tuple(
        Change(
            method=compared[place][0],
            against=compared[place][1],
            measure=compared[place][2],
            queries=len(found[place][0]),
            first=float(found[place][0].mean()),
            second=float(found[place][1].mean()),
            difference=interval,
            p=p,
            q=float(q),
        )
        for place, interval, p, q in zip(kept, intervals, chances, adjusted, strict=True)
    )


def _chance(differences: Floats, *, seed: int) -> float:
    """Return how likely a mean this far from 0 is, were each difference's sign a coin's toss."""
    if not differences.any():
        return 1.0
    tested = permutation_test(
        (differences,),
        lambda drawn, axis: drawn.mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=PERMUTATIONS,
        batch=max(1, CELLS_AT_ONCE // len(differences)),
        rng=np.random.default_rng(seed),
    )
    return float(tested.pvalue)


def _check_same_question(first: Run, second: Run) -> None:
    if first.protocol != second.protocol:
        raise RunFault(
            f"{first.id} measured {first.protocol} and {second.id} {second.protocol}: "
            "only runs of one protocol can be compared"
        )
    for name in SAME_QUESTION:
        one, other = first.options.get(name), second.options.get(name)
        if one != other:
            raise RunFault(
                f"{first.id} has {_flag(name, one)} and {second.id} {_flag(name, other)}: runs can "
                f"be compared if that is the same"
            )


def _common_methods(first: QueryValues, second: QueryValues) -> dict[str, str]:
    common = {method: method for method in first.methods if method in second.methods}
    if not common and len(first.methods) == len(second.methods) == 1:
        return {first.methods[0]: second.methods[0]}
    return common


def _check_methods(
    methods: Mapping[str, str], runs: tuple[Run, Run], values: tuple[QueryValues, QueryValues]
) -> None:
    had = [", ".join(found.methods) for found in values]
    if not methods:
        raise RunFault(
            f"{runs[0].id} has {had[0]} and {runs[1].id} has {had[1]}: say which to compare, "
            "as `--method FIRST=SECOND`"
        )
    for names, run, found in zip(zip(*methods.items(), strict=True), runs, values, strict=True):
        for name in names:
            if name not in found.methods:
                raise RunFault(f"{run.id} has no {name}; it has {', '.join(found.methods)}")


def _warnings(first: Run, second: Run, changed: int) -> list[str]:
    warnings = []
    if first.collection != second.collection:
        warnings.append(
            f"the collection changed: {first.collection.works} works, generation "
            f"{first.collection.generation}, then {second.collection.works} works, generation "
            f"{second.collection.generation}"
        )
    if first.filter != second.filter:
        warnings.append("the two runs looked at works by different filters")
    for model in first.models.keys() & second.models.keys():
        if first.models[model] != second.models[model]:
            warnings.append(f"the weights or the fit of {model} changed between the runs")
    if changed:
        warnings.append(f"{changed} of the queries that both asked had another label then")
    passed_over = {"model", "seed", *SAME_QUESTION}
    for name in sorted((first.options.keys() | second.options.keys()) - passed_over):
        one, other = first.options.get(name), second.options.get(name)
        if one != other:
            warnings.append(
                f"{_flag(name, one)} in the first run, {_flag(name, other)} in the second"
            )
    for name in first.files.keys() & second.files.keys():
        if first.files[name] != second.files[name]:
            warnings.append(f"the file of --{name.replace('_', '-')} changed between the runs")
    return warnings


def _flag(name: str, value: object) -> str:
    flag = f"--{name.replace('_', '-')}"
    if value is True:
        return flag
    return f"no {flag}" if value is None or value is False or value == [] else f"{flag} {value}"
