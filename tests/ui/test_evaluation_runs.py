"""Evaluations that are kept, shown again and compared, on the command line."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser
from typer.testing import CliRunner, Result

from evaluation.runs import Runs
from settings import Settings
from tests.conftest import TINY_MODELS
from tests.pictures import make_folder
from tests.ui.test_reports import OUTSIDE
from ui.cli import app

MODELS = ("--model", "colour_grid", "--model", "edge_grid", "--model", "fusion")
RETRIEVAL = ("evaluate", "retrieval", "--label", "style", *MODELS)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a collection of drawn pictures, with one evaluation kept."""
    folder = tmp_path_factory.mktemp("evaluated")
    pictures = make_folder(folder / "pictures", 24)
    _ran(folder / "home", "ingest", "folder", str(pictures))
    _ran(folder / "home", *RETRIEVAL)
    return folder / "home"


def _run(home: Path, *arguments: str) -> Result:
    environment = {"VASARI_HOME": str(home), "VASARI_MODELS": ",".join(TINY_MODELS)}
    return CliRunner().invoke(app, list(arguments), env=environment)


def _ran(home: Path, *arguments: str) -> str:
    result = _run(home, *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def _json(home: Path, *arguments: str) -> Any:
    return json.loads(_ran(home, *arguments, "--json"))


def _error(home: Path, *arguments: str) -> str:
    result = _run(home, *arguments, "--json")
    assert result.exit_code == 1, result.output
    return str(json.loads(result.stdout)["error"])


def _first(home: Path) -> str:
    return str(_json(home, "evaluate", "runs")[0]["id"])


@pytest.mark.slow
def test_a_run_keeps_all_that_it_takes_to_repeat_it(home: Path) -> None:
    run = _json(home, "evaluate", "show", _first(home))
    assert re.fullmatch(r"\d{8}-\d{6}-retrieval-style", run["id"])
    assert (run["protocol"], run["seed"], run["queries"]) == ("retrieval", 0, 24)
    assert run["options"]["k"] == 10
    assert set(run["models"]) == {"colour_grid", "edge_grid"}
    assert all(run["models"].values())
    assert run["collection"]["works"] == 24
    assert run["code"]["version"]
    assert run["result"]["label"] == "style"


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        ("--label", "style", "--exclude-same-artist", "-k", "5", "--seed", "4"),
        ("--label", "artist", "--model", "edge_grid", "--not-style", "Dots", "--year-to", "1870"),
    ],
)
def test_the_command_of_a_run_gives_its_figures_again(home: Path, options: tuple[str]) -> None:
    _ran(home, "evaluate", "retrieval", *options)
    run = _json(home, "evaluate", "show", "latest")
    program, *command = shlex.split(run["command"])
    assert program == "vasari"
    assert _json(home, *command) == run["result"]
    again = _json(home, "evaluate", "show", "latest")
    for name in ("options", "filter", "models", "collection", "seed"):
        assert again[name] == run[name]
    runs = Runs(home / "evaluations")
    kept = [runs.query_values(runs.find(name)) for name in ("latest~1", "latest")]
    assert kept[0].queries == kept[1].queries
    for key, column in kept[0].values.items():
        np.testing.assert_array_equal(column, kept[1].values[key])


@pytest.mark.slow
def test_filters_leave_works_out_of_queries_and_answers(home: Path) -> None:
    found = _json(home, "evaluate", "retrieval", "--label", "artist", "--style", "Grid", *MODELS)
    assert (found["works"], found["n"]) == (8, 8)
    # Of the other seven works in the style one is by the artist.
    assert found["chance"]["precision_at_10"] == pytest.approx(1 / 10)
    error = _error(home, "evaluate", "retrieval", "--label", "artist", "--style", "None such")
    assert "no work passes the filter" in error


@pytest.mark.slow
def test_the_figures_of_single_queries_are_those_of_the_document(home: Path) -> None:
    runs = Runs(home / "evaluations")
    run = runs.find(_first(home))
    document = runs.document(run)
    for (method, measure), values in runs.query_values(run).values.items():
        assert values.mean() == pytest.approx(document["models"][method][measure]["value"])


def test_a_report_stands_by_itself_and_has_examples(home: Path, browser: Browser) -> None:
    runs = Runs(home / "evaluations")
    path = runs.folder(runs.find(_first(home))) / "report.html"
    page = path.read_text()
    bare = re.sub(r"data:image/jpeg;base64,[\w+/=]+", "data:", page)
    assert not OUTSIDE.search(bare)
    for title in ("Works of the same style", "Answered best", "Answered worst", "Most disputed"):
        assert title in page
    assert "vasari evaluate retrieval --label style" in page
    # Four queries of each sort, with six answers of each of three methods.
    assert bare.count('src="data:"') == 3 * 4 * (1 + 3 * 6)
    assert "✓" in page
    said: list[str] = []
    shown = browser.new_page(viewport={"width": 1100, "height": 900})
    shown.on("console", lambda message: said.append(message.text))
    shown.goto(path.as_uri())
    assert said == []
    assert shown.locator("img").evaluate_all("all => all.every(one => one.naturalWidth > 0)")
    assert shown.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shown.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "said", "titles"),
    [
        (
            ("distances", "-k", "5", "--style", "Grid"),
            "less alike",
            ("Beside works at random", "Distance by rank", "Most isolated"),
        ),
        (
            ("index", "--queries", "6", "-k", "3", "--seed", "0", "--not-style", "Dots"),
            "the filter given",
            ("Recall and time", "How long a search takes"),
        ),
    ],
)
def test_evaluations_without_labels_are_shown_kept_and_reported(
    home: Path, command: tuple[str, ...], said: str, titles: tuple[str, ...]
) -> None:
    assert said in " ".join(_ran(home, "evaluate", *command).split())
    run = _json(home, "evaluate", "show", "latest")
    assert run["protocol"] == command[0]
    assert run["filter"]
    assert set(run["models"]) == set(run["result"]["models"])
    written = (home / "evaluations" / run["id"] / "report.html").read_text()
    for title in titles:
        assert title in written
    assert not OUTSIDE.search(re.sub(r"data:image/jpeg;base64,[\w+/=]+", "data:", written))
    _, *again = shlex.split(run["command"])
    repeated = _json(home, *again)
    assert repeated["seed"] == run["seed"] == 0
    assert repeated["models"].keys() == run["result"]["models"].keys()
    if command[0] == "distances":
        assert repeated == run["result"]


def test_runs_are_listed_and_shown(home: Path) -> None:
    assert _first(home) in _ran(home, "evaluate", "runs")
    shown = _ran(home, "evaluate", "show", _first(home))
    for word in ("command", "fusion", "mAP", "24 of 24 works asked"):
        assert word in shown


@pytest.mark.slow
def test_two_runs_are_compared(home: Path, tmp_path: Path) -> None:
    _ran(home, *RETRIEVAL, "--exclude-same-artist")
    report = tmp_path / "changes.html"
    command = ("evaluate", "compare", _first(home), "latest")
    found = _json(home, *command, "--save", str(report))
    assert found["n"] == 24
    runs = Runs(home / "evaluations")
    one, other = (runs.document(runs.find(name)) for name in (_first(home), "latest"))
    for method in ("colour_grid", "edge_grid", "fusion"):
        change = found["methods"][method]["precision_at_10"]
        expected = [run["models"][method]["precision_at_10"]["value"] for run in (one, other)]
        assert [change["first"], change["second"]] == pytest.approx(expected)
        assert change["difference"]["value"] == pytest.approx(expected[1] - expected[0])
    assert any("--exclude-same-artist" in warning for warning in found["warnings"])
    assert "Second less first" in report.read_text()
    result = _run(home, *command, "--method", "edge_grid=fusion")
    assert result.exit_code == 0, result.output
    assert "edge_grid → fusion" in result.stdout
    assert "no --exclude-same-artist in the first run" in result.stderr.replace("\n", " ")


@pytest.mark.slow
def test_what_cannot_be_compared_is_said(home: Path) -> None:
    first = _first(home)
    assert "no run begins with" in _error(home, "evaluate", "show", "none")
    assert "with itself" in _error(home, "evaluate", "compare", first, first)
    _ran(home, "evaluate", "retrieval", "--label", "genre", *MODELS)
    assert "has --label style" in _error(home, "evaluate", "compare", first, "latest")


def test_a_collection_without_runs_says_so(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "new")
    assert "No evaluation has been kept yet" in _ran(settings.home, "evaluate", "runs")
    assert _json(settings.home, "evaluate", "runs") == []
