"""Comparisons of runs, against a computation of its own with scipy and numpy."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from evaluation.query_values import QueryValues
from evaluation.run_comparison import Change, RunComparison, compare_runs
from evaluation.runs import RunFault
from tests.evaluation.test_runs import described

QUERIES = 80
MEASURES = ("precision_at_10", "map_at_10")
FIRST = replace(described(), id="first")
SECOND = replace(described(5), id="second")


def _values(seed: int, methods: tuple[str, ...], *, shift: float = 0.0) -> QueryValues:
    rng = np.random.default_rng(seed)
    base = np.random.default_rng(0).random(QUERIES)
    return QueryValues(
        queries=[f"q{number}" for number in range(QUERIES)],
        truths=[f"class {number % 3}" for number in range(QUERIES)],
        values={
            (method, measure): base + shift + rng.normal(0, 0.1, QUERIES)
            for method in methods
            for measure in MEASURES
        },
    )


def _only(comparison: RunComparison, method: str, measure: str) -> Change:
    (found,) = [c for c in comparison.changes if (c.method, c.measure) == (method, measure)]
    return found


def test_changes_are_those_that_scipy_finds() -> None:
    one = _values(1, ("resnet50", "fusion"))
    other = _values(2, ("fusion", "resnet50"), shift=0.03)
    found = compare_runs((FIRST, SECOND), (one, other), seed=4)
    assert (found.queries, found.only_first, found.only_second) == (QUERIES, 0, 0)
    assert [(c.method, c.measure) for c in found.changes] == list(one.values)
    for change in found.changes:
        before = one.values[change.method, change.measure]
        after = other.values[change.method, change.measure]
        assert change.first == pytest.approx(before.mean(), abs=1e-12)
        assert change.second == pytest.approx(after.mean(), abs=1e-12)
        assert change.difference.value == pytest.approx((after - before).mean(), abs=1e-12)
        drawn = stats.bootstrap((after - before,), np.mean, method="percentile", rng=1)
        low, high = drawn.confidence_interval
        assert change.difference.low == pytest.approx(low, abs=0.004)
        assert change.difference.high == pytest.approx(high, abs=0.004)
        expected = stats.permutation_test(
            (before, after),
            lambda x, y, axis: (y - x).mean(axis=axis),
            permutation_type="samples",
            n_resamples=20_000,
            rng=1,
        )
        assert change.p == pytest.approx(expected.pvalue, abs=0.02)
    adjusted = stats.false_discovery_control([change.p for change in found.changes])
    assert [change.q for change in found.changes] == pytest.approx(list(adjusted))


def test_few_queries_are_tested_exactly() -> None:
    differences = np.array([0.1, 0.2, 0.4, -0.1, 0.3])
    one = QueryValues(queries=list("abcde"), truths=[""] * 5, values={("m", "value"): np.zeros(5)})
    other = replace(one, values={("m", "value"): differences})
    (change,) = compare_runs((FIRST, SECOND), (one, other)).changes
    signs = np.array(np.meshgrid(*[[-1, 1]] * 5)).reshape(5, -1)
    sums = np.abs((differences[:, None] * signs).sum(axis=0))
    assert change.p == pytest.approx((sums >= differences.sum() - 1e-12).mean())


def test_a_run_does_not_differ_from_its_repetition() -> None:
    one = _values(1, ("resnet50",))
    for change in compare_runs((FIRST, SECOND), (one, one)).changes:
        assert (change.difference.value, change.p, change.is_sure) == (0, 1, False)


def test_only_queries_that_both_asked_and_that_count_are_compared() -> None:
    one = _values(1, ("resnet50",))
    other = _values(2, ("resnet50",))
    shuffled = np.random.default_rng(5).permutation(QUERIES)[:60]
    values = {key: column[shuffled].copy() for key, column in other.values.items()}
    values["resnet50", "map_at_10"][:10] = np.nan
    part = QueryValues(
        queries=[other.queries[place] for place in shuffled],
        truths=[other.truths[place] for place in shuffled],
        values=values,
    )
    found = compare_runs((FIRST, SECOND), (one, part))
    assert (found.queries, found.only_first, found.only_second) == (60, 20, 0)
    precision = _only(found, "resnet50", "precision_at_10")
    key = ("resnet50", "precision_at_10")
    expected = (other.values[key] - one.values[key])[shuffled].mean()
    assert precision.difference.value == pytest.approx(expected, abs=1e-12)
    assert _only(found, "resnet50", "map_at_10").queries == 50
    assert found.warnings == ()


def test_models_of_two_names_are_compared_where_that_is_asked_for() -> None:
    one, other = _values(1, ("resnet50", "fusion")), _values(2, ("own", "other"))
    with pytest.raises(RunFault, match="--method FIRST=SECOND"):
        compare_runs((FIRST, SECOND), (one, other))
    found = compare_runs((FIRST, SECOND), (one, other), pairs={"resnet50": "own"})
    assert {(c.method, c.against) for c in found.changes} == {("resnet50", "own")}
    with pytest.raises(RunFault, match="second has no missing; it has own, other"):
        compare_runs((FIRST, SECOND), (one, other), pairs={"resnet50": "missing"})
    lone = compare_runs((FIRST, SECOND), (_values(1, ("a",)), _values(2, ("b",))))
    assert {(c.method, c.against) for c in lone.changes} == {("a", "b")}


def test_runs_of_other_questions_are_refused() -> None:
    one = _values(1, ("resnet50",))
    with pytest.raises(RunFault, match="only runs of one protocol"):
        compare_runs((FIRST, replace(SECOND, protocol="distances")), (one, one))
    by_artist = replace(SECOND, options={"label": "artist"})
    with pytest.raises(RunFault, match="first has --label style and second --label artist"):
        compare_runs((FIRST, by_artist), (one, one))
    others = replace(one, queries=[f"other {number}" for number in range(QUERIES)])
    with pytest.raises(RunFault, match="no query in common"):
        compare_runs((FIRST, SECOND), (one, others))
    deeper = replace(one, values={("resnet50", "precision_at_5"): np.zeros(QUERIES)})
    with pytest.raises(RunFault, match="measured nothing in common"):
        compare_runs((FIRST, SECOND), (one, deeper))


def test_whatever_else_differs_is_warned_of() -> None:
    one = _values(1, ("resnet50",))
    other = replace(one, truths=["class 0"] * QUERIES)
    changed = replace(
        SECOND,
        options={**SECOND.options, "exclude_same_artist": True, "seed": 9},
        filter={},
        models={"resnet50": "def"},
        collection=replace(SECOND.collection, works=30),
    )
    warnings = " ".join(compare_runs((FIRST, changed), (one, other)).warnings)
    for said in (
        "24 works, generation 2, then 30 works",
        "by different filters",
        "the weights or the fit of resnet50 changed",
        "53 of the queries that both asked had another label",
        "no --exclude-same-artist in the first run, --exclude-same-artist in the second",
    ):
        assert said in warnings
    assert "--seed" not in warnings
