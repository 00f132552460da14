"""``vasari fit-projection`` from end to end, on models that need no weights."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from settings import Settings
from tests.conftest import TINY_MODELS
from tests.pictures import make_folder
from ui.cli import app

FIT = ("fit-projection", "--label", "style", "--model", "colour_grid", "--folds", "3")


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
def test_a_projection_is_fitted_searched_compared_listed_and_deleted(
    environment: dict[str, str], pictures: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.json"
    found = _json(environment, *FIT, "--save", str(kept))
    assert (found["model"], found["plain"], found["n"]) == ("style_lda", "colour_grid", 24)
    for part in (found, found["among_held_out"], found["unseen_artists"]):
        for level in ("before", "after", "difference"):
            assert set(part[level]["precision_at_10"]) == {"value", "low", "high"}
            assert "map_at_10" in part[level]["macro"]
        assert 0 < part["chance"]["precision_at_10"] < 1
    assert found["seconds"] >= found["seconds_fitting"] > 0
    assert json.loads(kept.read_text()) == found
    report = Path(environment["VASARI_HOME"], "models", "style_lda", "report.json")
    assert json.loads(report.read_text()) == found

    picture = str(pictures / "images" / "005.jpg")
    answer = _json(environment, "search", picture, "--model", "style_lda", "--top", "3")
    first = answer["models"]["style_lda"]["hits"][0]
    assert first["cosine"] == pytest.approx(1, abs=1e-4)
    assert first["percentile"] is not None
    # It was fitted to the labels of these very works.
    fitted = _json(
        environment,
        "evaluate",
        "retrieval",
        "--label",
        "style",
        "-m",
        "style_lda",
        "-m",
        "colour_grid",
    )
    levels = {m: q["precision_at_10"]["value"] for m, q in fitted["models"].items()}
    assert levels["style_lda"] > levels["colour_grid"] + 0.2
    pairs = _json(environment, "compare", "-m", "style_lda", "-m", "colour_grid")["pairs"]
    assert pairs[0]["models"] == ["style_lda", "colour_grid"]

    (own,) = _json(environment, "models")["own"]
    assert (own["name"], own["made_from"]) == ("style_lda", "colour_grid")
    assert "fitted to 3 values of style by 24 works" in own["about"]["summary"]
    assert _json(environment, "models", "delete", "style_lda") == {
        "deleted": "style_lda",
        "vectors": ["style_lda"],
    }


@pytest.mark.slow
def test_what_it_says_is_readable_and_the_same_each_time(environment: dict[str, str]) -> None:
    result = CliRunner().invoke(app, [*FIT, "--name", "kind"], env=environment)
    assert result.exit_code == 0, result.output
    for word in ("kind tells 3 values of style apart", "chance", "search PICTURE --model kind"):
        assert word in " ".join(result.stdout.split())
    again = _json(environment, *FIT, "--name", "kind")
    other = _json(environment, *FIT, "--name", "kind", "--seed", "1")
    assert again["difference"] != other["difference"]
    assert again["difference"] == _json(environment, *FIT, "--name", "kind")["difference"]
    vectors = _json(environment, "index", "status")["vectors"]
    assert vectors["kind"]["points"] == 24


@pytest.mark.slow
def test_by_artist_nothing_is_asked_of_artists_not_seen(environment: dict[str, str]) -> None:
    found = _json(environment, "fit-projection", "--label", "artist", "--recipe", "lda_balanced")
    assert found["model"] == "artist_lda_balanced"
    assert found["unseen_artists"] is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--label", "school"), "no work of this collection has a school"),
        (("--label", "style", "--name", "resnet50_style"), "comes with Vasari"),
        (("--label", "style", "--name", "Style!"), "small letters"),
        (("--label", "style", "--model", "resnet50"), "no resnet50 vectors"),
        (("--label", "style", "--model", "colour_grid_identity"), "itself derived"),
        (("--label", "style", "--feature", "edge_grid"), "nothing that colour_grid gives"),
        (("--label", "style", "--feature", "colour_grid_identity"), "derived itself"),
    ],
)
def test_what_cannot_be_fitted_is_said_and_leaves_nothing(
    environment: dict[str, str], arguments: tuple[str, ...], message: str
) -> None:
    assert message in _json(environment, "fit-projection", *arguments, code=1)["error"]
    assert _json(environment, "models")["own"] == []


@pytest.mark.slow
def test_another_projection_of_the_same_name_is_not_overwritten(
    environment: dict[str, str],
) -> None:
    _json(environment, *FIT, "--name", "taught")
    other = ("fit-projection", "--label", "genre", "--name", "taught")
    assert "models delete taught" in _json(environment, *other, code=1)["error"]


@pytest.mark.slow
def test_one_class_or_too_few_works_cannot_be_learned_from(
    tiny_settings: Settings, tmp_path: Path
) -> None:
    environment = {"VASARI_HOME": str(tiny_settings.home), "VASARI_MODELS": "colour_grid"}
    folder = make_folder(tmp_path / "few", 12)
    table = (folder / "works.csv").read_text()
    assert (
        CliRunner().invoke(app, ["ingest", "folder", str(folder)], env=environment).exit_code == 0
    )
    error = _json(environment, "fit-projection", "--label", "style", code=1)["error"]
    assert "12 works of this collection share their style with another: it takes 20" in error
    for style in ("Wave", "Dots"):
        table = table.replace(style, "Grid")
    (folder / "works.csv").write_text(table)
    assert (
        CliRunner().invoke(app, ["ingest", "folder", str(folder)], env=environment).exit_code == 0
    )
    error = _json(environment, "fit-projection", "--label", "style", code=1)["error"]
    assert "takes two with several works each" in error
