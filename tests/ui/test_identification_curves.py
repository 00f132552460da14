"""``vasari evaluate identification --curves``: one command, a document, and drawings."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from settings import Settings
from tests.paintings import make_gallery
from tests.ui.test_cli import Vasari


@pytest.fixture
def works(tmp_path: Path) -> Path:
    return make_gallery(tmp_path / "works", 6)


@pytest.mark.slow
def test_identification_is_drawn_as_curves_by_one_command(
    tiny_settings: Settings, works: Path, tmp_path: Path
) -> None:
    vasari = Vasari(tiny_settings)
    vasari.json("ingest", "folder", works)
    drawn, saved = tmp_path / "drawn", tmp_path / "curves.json"
    arguments: list[str | Path] = ["evaluate", "identification", "--curves", "--only", "angle"]
    document = vasari.json(*arguments, "-n", "2", "--pictures", drawn, "--save", saved)
    assert json.loads(saved.read_text(encoding="utf-8")) == document
    assert (document["n"], document["seed"]) == (2, 7)
    assert list(document["curves"]) == ["angle"]
    curve = document["curves"]["angle"]
    assert curve["reached"] == {"usual": 15, "hard": 30}
    assert [point["strength"] for point in curve["points"]] == [0, 5, 15, 30, 45, 90, 180]
    for point in curve["points"]:
        assert list(point["methods"]) == ["colour_grid", "edge_grid", "identify"]
        for shares in point["methods"].values():
            assert 0 <= shares["top1"]["low"] <= shares["top1"]["value"] <= shares["top1"]["high"]
    # Nothing was done to these: every method finds a work by its own picture.
    assert {shares["top1"]["value"] for shares in curve["points"][0]["methods"].values()} == {1}
    names = {file.name for file in drawn.iterdir()}
    assert names == {"identification.svg", "identification-angle.svg", "perturbations.jpg"}
    drawing = ElementTree.parse(drawn / "identification-angle.svg")
    texts = {element.text for element in drawing.iter() if element.text}
    assert {"Turned", "none", "180°", "nearest alone: Colour grid", "“hard”"} <= texts


@pytest.mark.slow
def test_options_that_say_nothing_are_refused(tiny_settings: Settings, works: Path) -> None:
    vasari = Vasari(tiny_settings)
    vasari.json("ingest", "folder", works)
    command = ("evaluate", "identification")
    answer = vasari.json(*command, "--curves", "--leave-out", "2", code=1)
    assert answer == {"error": "--leave-out does not go with --curves"}
    assert "--curves" in vasari.json(*command, "--only", "blur", code=1)["error"]
    assert "mist" in vasari.json(*command, "--curves", "--only", "mist", code=1)["error"]


@pytest.mark.slow
def test_curves_are_kept_as_a_run_with_its_report(
    tiny_settings: Settings, works: Path, tmp_path: Path
) -> None:
    vasari = Vasari(tiny_settings)
    vasari.json("ingest", "folder", works)
    report = tmp_path / "report.html"
    vasari("evaluate", "identification", "--curves", "--only", "blur", "-n", "1", "--save", report)
    (run,) = (tiny_settings.home / "evaluations").iterdir()
    kept = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert kept["protocol"] == "identification"
    assert kept["options"]["only"] == ["blur"]
    assert kept["queries"] == 7
    page = report.read_text(encoding="utf-8")
    assert page == (run / "report.html").read_text(encoding="utf-8")
    assert "Out of focus" in page
    assert "--curves" in page
    assert "<script" not in page
