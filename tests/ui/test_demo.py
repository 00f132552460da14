"""The demo: embedded whatever the settings name, quick the second time, never in a collection."""

import functools
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import deployment
import embedders
from embedders import ModelDescription, WeightsUnavailable
from ingest.sample import prepare_sample
from tests.conftest import TINY_MODELS
from ui.cli import app
from ui.commands import demo

WORKS = 14


@pytest.fixture(autouse=True)
def _few_works_are_drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    small = functools.partial(prepare_sample, works=WORKS, prefer="generated")
    monkeypatch.setattr(demo, "prepare_sample", small)
    monkeypatch.setenv("VASARI_MODELS", ",".join(TINY_MODELS))
    monkeypatch.chdir(tmp_path)


def _demo(*arguments: str) -> Any:
    result = CliRunner().invoke(app, ["demo", "--no-ui", "--json", *arguments])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.slow
def test_the_demo_takes_in_a_sample_and_searches_it() -> None:
    document = _demo("--home", "relative/home")
    assert document["sample"] == "generated"
    assert document["ingest"]["added"] == WORKS
    for found in document["search"]["models"].values():
        assert len(found["hits"]) == 5
        assert {hit["source"] for hit in found["hits"]} == {"Generated sample"}


@pytest.mark.slow
def test_a_second_demo_embeds_nothing() -> None:
    _demo("--home", "home")
    again = _demo("--home", "home")["ingest"]
    assert again["unchanged"] == WORKS
    assert sum(again["embedded"].values()) == 0


@pytest.mark.slow
def test_the_demo_leaves_the_servers_that_the_settings_name_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Nothing answers there: the demo would fail if it asked.
    monkeypatch.setenv("VASARI_QDRANT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("VASARI_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert _demo("--home", "home")["ingest"]["added"] == WORKS


@pytest.mark.slow
def test_the_demo_is_not_mixed_into_a_collection(pictures: Path) -> None:
    runner = CliRunner()
    ingest = ["ingest", "folder", str(pictures), "--home", "home", "--json"]
    assert runner.invoke(app, ingest).exit_code == 0
    result = runner.invoke(app, ["demo", "--no-ui", "--json", "--home", "home"])
    assert result.exit_code == 1
    assert "must not mix" in json.loads(result.stdout)["error"]


@pytest.mark.slow
def test_the_demo_goes_on_with_the_models_that_are_ready(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VASARI_MODELS", "efficientnet_b0,colour_grid")
    monkeypatch.setenv("VASARI_WEIGHTS_DIR", str(tmp_path / "weights"))

    def open_embedder(model: ModelDescription, *arguments: Any, **options: Any) -> Any:
        if model.name == "efficientnet_b0":
            raise WeightsUnavailable(model.name, [("download", "no answer")], tmp_path)
        return real(model, *arguments, **options)

    real = embedders.open_embedder
    monkeypatch.setattr(deployment, "open_embedder", open_embedder)
    result = CliRunner().invoke(app, ["demo", "--no-ui", "--json", "--home", "home"])
    assert result.exit_code == 0, result.output
    assert list(json.loads(result.stdout)["search"]["models"]) == ["colour_grid"]
    assert "goes on without efficientnet_b0" in result.stderr
    assert "no answer" in result.stderr
