"""Kept runs: what goes in comes out, and a run is found by little of its name."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from evaluation.code_version import this_code
from evaluation.query_values import QueryValues
from evaluation.runs import Code, Collection, Findings, Run, RunFault, Runs

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
VALUES = QueryValues(
    queries=["a", "b"],
    truths=["x", ""],
    values={
        ("one/model", "precision_at_10"): np.array([0.5, np.nan]),
        ("fusion", "precision_at_10"): np.array([0.1, 1.0]),
    },
)


def described(minutes: float = 0, protocol: str = "retrieval", label: str = "style") -> Run:
    return Run(
        protocol=protocol,
        time=START + timedelta(minutes=minutes),
        options={"label": label, "k": 10, "model": ["resnet50"]},
        seed=3,
        filter={"style": ["Grid"]},
        models={"resnet50": "abc"},
        collection=Collection(engine="edge", generation=2, works=24),
        code=Code(version="1.0", commit="f" * 40, changed=True),
        queries=2,
    )


def keep(runs: Runs, run: Run) -> Run:
    named = runs.named(run)
    findings = Findings(document={"n": 2}, tables="a table", report="<html>", queries=VALUES)
    runs.keep(named, findings)
    return named


def test_a_run_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "evaluations")
    kept = keep(runs, described())
    assert kept.id == "20260301-120000-retrieval-style"
    (found,) = runs.all()
    assert found == kept
    assert (runs.document(found), runs.tables(found)) == ({"n": 2}, "a table")
    values = runs.query_values(found)
    assert (values.queries, values.truths) == (VALUES.queries, VALUES.truths)
    assert values.methods == ["one/model", "fusion"]
    for key, column in VALUES.values.items():
        np.testing.assert_array_equal(values.values[key], column)
    names = {path.name for path in runs.folder(found).iterdir()}
    assert names == {"run.json", "result.json", "tables.txt", "report.html", "queries.parquet"}


def test_runs_of_one_second_have_names_of_their_own(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    first, second = keep(runs, described()), keep(runs, described())
    assert second.id == f"{first.id}-2"
    assert runs.find(first.id) == first


def test_a_run_is_found_by_its_beginning_and_by_its_age(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    kept = [keep(runs, described(minutes)) for minutes in (5, 0, 61)]
    assert [run.time for run in runs.all()] == sorted(run.time for run in kept)
    assert runs.find("20260301-13") == kept[2]
    assert runs.find("latest") == kept[2]
    assert runs.find("latest~2") == kept[1]
    for name, message in (
        ("2026", "3 runs begin with '2026'"),
        ("latest~3", "3 runs are kept"),
        ("latest~x", "there is no latest~x"),
        ("", "no run begins with"),
        ("../x", "no run begins with"),
    ):
        with pytest.raises(RunFault, match=message):
            runs.find(name)


def test_nothing_kept_is_said(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "none")
    assert runs.all() == []
    with pytest.raises(RunFault, match="no evaluation has been kept yet"):
        runs.find("latest")


def test_a_run_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    run = runs.named(described())
    with pytest.raises(TypeError):
        runs.keep(run, Findings(document={"n": object()}, tables="", report=""))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["{", "[]", '{"protocol": "retrieval"}'])
def test_a_damaged_run_is_named(tmp_path: Path, content: str) -> None:
    runs = Runs(tmp_path)
    run = keep(runs, described())
    (runs.folder(run) / "run.json").write_text(content)
    with pytest.raises(RunFault, match=f"{run.id}.* cannot be read"):
        runs.all()


def test_damaged_figures_are_named_and_missing_ones_too(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    run = keep(runs, described())
    path = runs.folder(run) / "queries.parquet"
    path.write_bytes(b"not a table")
    with pytest.raises(RunFault, match="cannot be read"):
        runs.query_values(run)
    path.unlink()
    with pytest.raises(RunFault, match="cannot be compared"):
        runs.query_values(run)


def test_figures_of_a_query_are_there_once() -> None:
    with pytest.raises(ValueError, match="once"):
        replace(VALUES, queries=["a", "a"])
    with pytest.raises(ValueError, match="once"):
        replace(VALUES, truths=["x"])


def test_the_code_is_known_by_version_and_commit() -> None:
    code = this_code()
    assert code.version[0].isdigit()
    root = Path(__file__).resolve().parents[2]
    if (root / ".git").exists():
        assert code.commit is None or len(code.commit) == 40
    assert json.dumps(vars(code))
