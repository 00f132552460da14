"""Values that nobody should give a command: each is refused in one sentence."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.pictures import draw
from ui.catch_all import MISUSED, REFUSED
from ui.cli import app


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "one.png"
    draw(1).save(path)
    return path


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("search PICTURE --region nan,nan,nan,nan", REFUSED, "a region is LEFT,TOP,WIDTH,HEIGHT"),
        ("search PICTURE --region 0,0,inf,1", REFUSED, "a region is LEFT,TOP,WIDTH,HEIGHT"),
        ("search ~nobody-at-all/x.jpg", REFUSED, "not the id of a work"),
        (f"search {'a' * 5000}", REFUSED, "File name too long"),
        ("search \udcff", REFUSED, r"'\udcff'"),
        ("artworks list --limit 99999999999999999999 --offset 5", REFUSED, "too large"),
        ("artworks list --limit 0", MISUSED, "--limit"),
        ("index check --seed -1", MISUSED, "--seed"),
        ("artworks list --home ''", MISUSED, "it is empty"),
        ("--home '' artworks list", MISUSED, "it is empty"),
        ("artworks list --home PICTURE", MISUSED, "is a file"),
        ("artworks list --home ~nobody-at-all/x", REFUSED, "VASARI_HOME"),
        ("ingest folder FOLDER --home /proc/nothing", REFUSED, "/proc/nothing"),
        ("finetune -m resnet50 --label style --shares nan nan nan", REFUSED, "shares"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_one_sentence(
    line: str, code: int, said: str, upgraded_home: Path, picture: Path
) -> None:
    places = {"PICTURE": str(picture), "FOLDER": str(picture.parent), "''": ""}
    arguments = [places.get(word, word) for word in line.split(" ")]
    environment = {"VASARI_HOME": str(upgraded_home), "VASARI_MODELS": "colour_grid"}
    answer = CliRunner().invoke(app, arguments, env=environment)
    assert answer.exit_code == code, answer.output
    assert said in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_a_home_that_is_set_to_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = CliRunner().invoke(app, ["artworks", "list"], env={"VASARI_HOME": " "})
    assert answer.exit_code == REFUSED
    assert "VASARI_HOME: it is empty" in answer.stderr
