"""Every source on the command line: looked at first, then taken in."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from settings import Settings
from tests.ingest.readers.nga_tables import image_of, painting, write_export
from tests.pictures import draw, write_table
from tests.ui.test_cli import Vasari
from ui.cli import app


@pytest.fixture
def tiny(tiny_settings: Settings) -> Vasari:
    return Vasari(tiny_settings)


@pytest.fixture
def museum(tmp_path: Path) -> Path:
    """An export of four works in `data`, and `images` of three of them."""
    link = {"roletype": "artist", "displayorder": 1, "constituentid": 7}
    works = [
        painting(1, beginyear=1505, endyear=1510, medium="oil on panel"),
        painting(2, title="Work 1"),
        painting(3, classification="Print"),
        painting(4, attribution="after Correggio", beginyear=1801),
    ]
    write_export(
        tmp_path / "museum" / "data",
        objects=works,
        published_images=[image_of(number) for number in (1, 2, 3, 4)],
        objects_terms=[
            {"objectid": 1, "termtype": "Theme", "term": "portrait"},
            {"objectid": 4, "termtype": "School", "term": "Parmese"},
        ],
        objects_constituents=[
            {"objectid": 1, **link, "prefix": "Workshop of"},
            {"objectid": 2, **link},
        ],
        constituents=[{"constituentid": 7, "forwarddisplayname": "Titian"}],
    )
    images = tmp_path / "museum" / "images"
    images.mkdir()
    for number in (1, 2, 3):
        draw(number).save(images / f"uuid-{number}.png")
    return tmp_path / "museum"


def _nga(museum: Path) -> list[str | Path]:
    return ["ingest", "nga", "--data", museum / "data", "--images", museum / "images"]


def test_a_dry_run_counts_what_is_there_and_writes_nothing(tiny: Vasari, museum: Path) -> None:
    found = tiny.json(*_nga(museum), "--dry-run")
    assert (found["works"], found["failed"]) == (2, 1)
    assert found["left_out"] == {"object of another classification": 1}
    assert found["failures"][0]["reason"] == "no image of it in the folder of images"
    assert found["failures"][0]["examples"][0]["item"] == "object 4: Work 4"
    assert (found["genre"], found["century"]) == ({"portrait": 1}, {"16": 1})
    assert found["missing"] == {"artist": 0, "genre": 1, "school": 2, "style": 2, "year": 1}
    assert found["duplicates"]["same_title_and_artist"] == {
        "works": 1,
        "examples": ["Work 1 (Titian)"],
    }
    assert [record["source_id"] for record in found["first"]] == ["1", "2"]
    assert found["first"][0]["extra"]["artist_qualifier"] == "Workshop of"
    assert not tiny.settings.home.exists()


def test_a_dry_run_can_be_read_by_people(tiny: Vasari, museum: Path) -> None:
    said = tiny(*_nga(museum), "--dry-run")
    for words in (
        "2 works would be read; nothing has been written",
        "left out: 1 × object of another classification",
        "failed to read: 1 × no image of it in the folder of images",
        "16th",
        "oil on panel",
        "Workshop of",
        "Work 1 (Titian)",
    ):
        assert words in said


@pytest.mark.slow
def test_what_a_dry_run_promises_is_taken_in_and_shown(tiny: Vasari, museum: Path) -> None:
    found = tiny.json(*_nga(museum), "--dry-run")
    report = tiny.json(*_nga(museum))
    assert (report["added"], report["failed"]) == (found["works"], found["failed"])
    listed = tiny.json("artworks", "list", "--artist", "Titian", "--genre", "portrait")
    (work,) = listed["artworks"]
    assert work["id"] == found["first"][0]["id"]
    shown = tiny.json("artworks", "show", work["id"])
    assert shown["extra"] == found["first"][0]["extra"]
    said = tiny("artworks", "show", work["id"])
    for words in (
        "artist_qualifier",
        "Workshop of",
        "year_end",
        "1510",
        "forwarddisplayname: Titian",
    ):
        assert words in said
    assert tiny.json(*_nga(museum))["unchanged"] == 2


@pytest.mark.slow
def test_a_limit_takes_the_first_works(tiny: Vasari, museum: Path) -> None:
    assert tiny.json(*_nga(museum), "--dry-run", "--limit", "1")["works"] == 1
    assert tiny.json(*_nga(museum), "--limit", "1")["added"] == 1
    assert tiny.json(*_nga(museum))["added"] == 1


@pytest.mark.slow
def test_what_was_left_out_is_said(tiny: Vasari, museum: Path) -> None:
    run = tiny.start(*_nga(museum))
    _, said = run.communicate(timeout=60)
    assert run.returncode == 0
    assert "left out: 1 × object of another classification" in said


def test_a_csv_with_columns_of_its_own_goes_in(tiny: Vasari, tmp_path: Path) -> None:
    draw(1).save(tmp_path / "a.png")
    write_table(tmp_path / "werke.csv", [{"Bild": "a.png", "Titel": "Seerosen", "Saal": "4"}])
    given = ["--map", "image=Bild", "--map", "title=Titel", "--source", "Haus"]
    assert tiny.json("ingest", "csv", tmp_path / "werke.csv", *given)["added"] == 1
    (work,) = tiny.json("artworks", "list")["artworks"]
    assert (work["title"], work["source"]) == ("Seerosen", "Haus")


def test_wikiart_goes_in(tiny: Vasari, tmp_path: Path) -> None:
    (tmp_path / "Cubism").mkdir()
    draw(1).save(tmp_path / "Cubism" / "juan-gris_violin-1916.jpg")
    assert tiny.json("ingest", "wikiart", tmp_path)["added"] == 1
    (work,) = tiny.json("artworks", "list", "--artist", "Juan Gris")["artworks"]
    assert (work["title"], work["year"], work["style"]) == ("Violin", 1916, "Cubism")


def test_folders_can_be_looked_at_first(tiny: Vasari, pictures: Path) -> None:
    assert tiny.json("ingest", "folder", pictures, "--dry-run")["works"] == 24
    labelled = tiny.json(
        *("ingest", "folder", pictures, "--dry-run", "--label-from", "style"),
    )
    assert labelled["works"] == 24


@pytest.mark.parametrize("dry_run", [["--dry-run"], []])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nga", "--data", "nowhere"], "nowhere is not a folder"),
        (["nga", "--data", "."], "lacks objects.csv"),
        (["nga", "--data", ".", "--size", "0"], "--size 1024"),
        (["wikiart", "nowhere"], "nowhere is not a folder"),
        (["csv", "nowhere.csv"], "nowhere.csv cannot be read"),
        (["csv", "nowhere.csv", "--map", "painter=x"], "no field is called 'painter'"),
    ],
)
def test_a_source_that_cannot_be_read_says_why(
    tiny: Vasari, arguments: list[str], message: str, dry_run: list[str]
) -> None:
    assert message in tiny.json("ingest", *arguments, *dry_run, code=1)["error"]


def test_a_mapping_is_a_name_and_a_value(tiny: Vasari) -> None:
    for given in ("title", "=x", "title="):
        tiny("ingest", "csv", "x.csv", "--map", given, code=2)
    tiny("ingest", "csv", "x.csv", "--map", "title=a", "--map", "title=b", code=2)


@pytest.mark.parametrize("arguments", [("folder", ""), ("csv", " "), ("nga", "--data", "")])
def test_an_empty_path_is_not_taken_for_the_folder_that_one_is_in(
    tiny: Vasari, arguments: tuple[str, ...]
) -> None:
    run = CliRunner().invoke(app, ["ingest", *arguments, "--dry-run"], env=tiny.environment)
    assert run.exit_code == 2
    assert "the path is empty" in run.stderr
