"""The evaluations on the command line: one JSON document, readable tables, clear errors."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from settings import Settings
from tests.conftest import TINY_MODELS
from ui.cli import app


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


def test_retrieval_is_one_document(environment: dict[str, str], tmp_path: Path) -> None:
    kept = tmp_path / "kept" / "style.json"
    command = ("evaluate", "retrieval", "--label", "style")
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


def test_retrieval_is_readable(environment: dict[str, str]) -> None:
    command = ["evaluate", "retrieval", "--label", "artist", "-k", "5"]
    result = CliRunner().invoke(app, command, env=environment)
    assert result.exit_code == 0
    for word in ("fusion", "chance", "mAP", "24 of 24 works asked", "Ada Example"):
        assert word in result.stdout


def test_what_cannot_be_measured_is_said(environment: dict[str, str], tmp_path: Path) -> None:
    found = _json(environment, "evaluate", "retrieval", "--label", "school", code=1)
    assert "share a school" in found["error"]
    missing = str(tmp_path / "none.csv")
    command = ("evaluate", "retrieval", "--label", "style", "--same-works", missing)
    assert "cannot be read" in _json(environment, *command, code=1)["error"]
