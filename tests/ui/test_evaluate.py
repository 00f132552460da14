"""The evaluations on the command line: one JSON document, readable tables, clear errors."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from settings import Settings
from tests.conftest import TINY_MODELS
from ui.cli import app
from ui.output import save_json

MODELS = ("--model", "colour_grid", "--model", "edge_grid")


@pytest.fixture
def environment(tiny_settings: Settings, pictures: Path) -> dict[str, str]:
    """A collection of the drawn pictures, as the environment that names it."""
    environment = {"VASARI_HOME": str(tiny_settings.home), "VASARI_MODELS": ",".join(TINY_MODELS)}
    result = CliRunner().invoke(app, ["ingest", "folder", str(pictures)], env=environment)
    assert result.exit_code == 0, result.output
    return environment


def _json(environment: dict[str, str], *arguments: str, code: int = 0) -> Any:
    result = CliRunner().invoke(app, [*arguments, "--json"], env=environment)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


@pytest.mark.slow
def test_retrieval_is_one_document(environment: dict[str, str], tmp_path: Path) -> None:
    kept = tmp_path / "kept" / "style.json"
    command = ("evaluate", "retrieval", "--label", "style", *MODELS, "--model", "fusion")
    document = _json(environment, *command, "--save", str(kept))
    assert json.loads(kept.read_text()) == document == _json(environment, *command)
    assert (document["label"], document["n"], document["k"]) == ("style", 24, 10)
    assert document["chance"]["precision_at_10"] == pytest.approx(7 / 23)
    assert list(document["models"]) == ["colour_grid", "edge_grid", "fusion"]
    measures = {"precision_at_10", "recall_at_10", "map_at_10", "ndcg_at_10", "r_precision"}
    for found in document["models"].values():
        for level in (found, found["macro"], found["classes"]["Grid"]):
            assert measures | {"hit_at_10"} <= set(level)
            assert set(level["map_at_10"]) == {"value", "low", "high"}
    assert {(item["first"], item["second"]) for item in document["differences"]} >= {
        ("fusion", "colour_grid"),
        ("fusion", "edge_grid"),
    }


@pytest.mark.slow
def test_retrieval_is_readable(environment: dict[str, str]) -> None:
    command = ["evaluate", "retrieval", "--label", "artist", "-k", "5"]
    result = CliRunner().invoke(app, command, env=environment)
    assert result.exit_code == 0
    for word in ("fusion", "chance", "mAP", "24 of 24 works asked", "Ada Example"):
        assert word in result.stdout


@pytest.mark.slow
def test_what_cannot_be_measured_is_said(environment: dict[str, str], tmp_path: Path) -> None:
    found = _json(environment, "evaluate", "retrieval", "--label", "school", code=1)
    assert "share a school" in found["error"]
    missing = str(tmp_path / "none.csv")
    command = ("evaluate", "retrieval", "--label", "style", "--same-works", missing)
    assert "cannot be read" in _json(environment, *command, code=1)["error"]


@pytest.mark.slow
def test_a_comparison_is_shown_and_kept_in_the_home(environment: dict[str, str]) -> None:
    command = ("compare", "--sample", "20", *MODELS)
    document = _json(environment, *command, "--seed", "3")
    assert (document["sample"], document["works"]) == (20, 24)
    (pair,) = document["pairs"]
    assert pair["models"] == ["colour_grid", "edge_grid"]
    assert pair["overall"]["n"] == 20
    assert {"overlap_at_10", "rbo", "spearman"} <= set(pair["overall"])
    assert set(pair["style"]) == {"Grid", "Wave", "Dots"}
    (kept,) = Path(environment["VASARI_HOME"], "reports").iterdir()
    assert json.loads(kept.read_text()) == document
    result = CliRunner().invoke(app, command, env=environment)
    assert result.exit_code == 0
    assert "colour_grid and edge_grid" in result.stdout
    assert "reports" in result.stderr


@pytest.mark.slow
def test_one_model_cannot_be_compared(environment: dict[str, str]) -> None:
    found = _json(environment, "compare", "--model", "edge_grid", code=1)
    assert "two or more models" in found["error"]


@pytest.mark.slow
def test_the_worth_of_choosing_is_one_document_and_a_table(environment: dict[str, str]) -> None:
    command = ("evaluate", "choosing", "--label", "style", *MODELS)
    document = _json(environment, *command)
    names = [method["name"] for method in document["methods"]]
    assert {"colour_grid", "edge_grid", "fusion", "larger mean cosine"} <= set(names)
    assert document["best_model"] in ("colour_grid", "edge_grid")
    for method in document["methods"]:
        for key in ("precision_at_10", "over_best_model", "over_fusion"):
            assert set(method[key]) == {"value", "low", "high"}
    result = CliRunner().invoke(app, command, env=environment)
    assert result.exit_code == 0
    assert "over fusion" in result.stdout


@pytest.mark.slow
def test_a_search_says_what_was_chosen_and_takes_weights(
    environment: dict[str, str], pictures: Path
) -> None:
    picture = str(pictures / "images" / "005.jpg")
    found = _json(environment, "search", picture, "--model", "auto")
    assert (found["chosen"], list(found["models"])) == ("fusion", ["fusion"])
    assert "fused" in found["reason"]
    result = CliRunner().invoke(app, ["search", picture, "--model", "auto"], env=environment)
    assert "fusion was chosen" in result.stdout
    fusion = ("search", picture, "--model", "fusion")
    plain = _json(environment, *fusion)
    assert (plain["chosen"], plain["reason"]) == (None, None)
    weighted = _json(environment, *fusion, "--weight", "edge_grid=0.9")
    scores = [[hit["z"] for hit in item["models"]["fusion"]["hits"]] for item in (plain, weighted)]
    assert scores[0] != scores[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ("edge_grid", "MODEL=SHARE"),
        ("edge_grid=much", "MODEL=SHARE"),
        ("edge_grid=nan", "finite"),
        ("resnet50=0.5", "what is fused is colour_grid, edge_grid"),
        ("edge_grid=1", "nothing of 1 for colour_grid"),
    ],
)
def test_weights_that_cannot_be_are_refused(
    environment: dict[str, str], pictures: Path, weight: str, message: str
) -> None:
    picture = str(pictures / "images" / "005.jpg")
    command = ("search", picture, "--model", "fusion", "--weight", weight)
    assert message in _json(environment, *command, code=1)["error"]


@pytest.mark.slow
@pytest.mark.parametrize("command", ["compare", "fit-projection style"])
def test_json_is_not_written_to_a_file_that_a_browser_opens(
    environment: dict[str, str], tmp_path: Path, command: str
) -> None:
    result = CliRunner().invoke(
        app, [*command.split(), "--save", str(tmp_path / "x.html")], env=environment
    )
    assert result.exit_code == 2
    assert "ends in .json" in " ".join(result.stderr.split())
    assert not (tmp_path / "x.html").exists()


def test_a_document_that_is_written_holds_no_tag(tmp_path: Path) -> None:
    document = {"<b>title</b>": "<script>alert(1)</script>"}
    save_json(document, tmp_path / "document")
    assert "<" not in (tmp_path / "document").read_text()
    assert json.loads((tmp_path / "document").read_text()) == document
