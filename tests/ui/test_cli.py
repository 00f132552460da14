"""The command line as other programs use it: one JSON document on stdout, and honest exit codes."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from catalog.revisions import newest_revision
from search.index.edge import EdgeIndex
from settings import Settings
from tests.conftest import TINY_MODELS
from tests.pictures import ARTISTS, draw, make_folder, write_table
from ui.cli import app

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "ui.main"]


class Vasari:
    """Runs commands on one collection, embedded or served."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.environment = {
            "VASARI_HOME": str(settings.home),
            "VASARI_MODELS": ",".join(settings.models),
            "VASARI_BATCH_SIZE": str(settings.batch_size),
        }
        if settings.qdrant_url and settings.database_url:
            self.environment |= {
                "VASARI_QDRANT_URL": settings.qdrant_url,
                "VASARI_QDRANT_ALIAS": settings.qdrant_alias,
                "VASARI_DATABASE_URL": settings.database_url.get_secret_value(),
            }

    def __call__(self, *arguments: str | Path, code: int = 0) -> str:
        """Run a command and return its stdout."""
        result = CliRunner().invoke(app, [str(item) for item in arguments], env=self.environment)
        assert result.exit_code == code, result.output
        return result.stdout

    def json(self, *arguments: str | Path, code: int = 0) -> Any:
        """Run a command and return the JSON document that is all of its stdout."""
        return json.loads(self(*arguments, "--json", code=code))

    def start(self, *arguments: str | Path) -> "subprocess.Popen[str]":
        """Start a command in a process of its own."""
        return subprocess.Popen(
            [*COMMAND, *(str(item) for item in arguments)],
            cwd=ROOT,
            env=dict(os.environ) | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def vasari(settings: Settings) -> Vasari:
    return Vasari(settings)


@pytest.fixture
def tiny(tiny_settings: Settings) -> Vasari:
    return Vasari(tiny_settings)


@pytest.mark.slow
def test_a_folder_goes_in_and_is_found(vasari: Vasari, pictures: Path) -> None:
    report = vasari.json("ingest", "folder", pictures)
    assert report["seen"] == report["added"] == 24
    assert report["embedded"] == {"colour_grid": 24, "edge_grid": 24}
    assert report["failures"] == []

    again = vasari.json("ingest", "folder", pictures)
    assert (again["unchanged"], sum(again["embedded"].values())) == (24, 0)

    answer = vasari.json("search", pictures / "images" / "004.jpg", "--top", "5")
    assert list(answer["models"]) == list(TINY_MODELS)
    for found in answer["models"].values():
        assert [hit["rank"] for hit in found["hits"]] == [1, 2, 3, 4, 5]
        first = found["hits"][0]
        assert (first["title"], first["file"], first["year"]) == (
            "Picture 4",
            "images/004.jpg",
            None,
        )
        assert first["cosine"] >= 0.999
        cosines = [hit["cosine"] for hit in found["hits"]]
        assert cosines == sorted(cosines, reverse=True)
        for hit in found["hits"]:
            distance = math.sqrt(2 * (1 - hit["cosine"]))
            assert hit["angular_distance"] == pytest.approx(distance, abs=1e-9)
        assert found["statistics"]["mean_cosine"] == pytest.approx(sum(cosines) / 5)
    assert 0 <= answer["comparison"]["overlap"] <= 1
    assert set(answer["timings_ms"]) == {"decode", "embed", "index", "catalog"}


@pytest.mark.slow
def test_filters_mean_the_same_in_search_and_in_a_listing(vasari: Vasari, pictures: Path) -> None:
    vasari.json("ingest", "folder", pictures)
    for options in (
        ["--artist", ARTISTS[1]],
        ["--artist", ARTISTS[0], "--artist", ARTISTS[2], "--style", "Wave"],
        ["--year-from", "1855", "--year-to", "1865"],
        ["--source", "north", "--genre", "portrait"],
        ["--not-artist", ARTISTS[1], "--not-style", "Grid"],
        ["--artist", "Nobody"],
    ):
        listed = vasari.json("artworks", "list", *options)
        found = vasari.json("search", pictures / "images" / "000.jpg", "--top", "24", *options)
        expected = {artwork["id"] for artwork in listed["artworks"]}
        assert listed["total"] == len(expected)
        for model in TINY_MODELS:
            assert {hit["id"] for hit in found["models"][model]["hits"]} == expected


@pytest.mark.slow
def test_a_work_of_the_collection_is_left_out_of_its_own_answer(
    vasari: Vasari, pictures: Path
) -> None:
    vasari.json("ingest", "folder", pictures)
    artwork = vasari.json("artworks", "list", "--limit", "1")["artworks"][0]
    answer = vasari.json("search", artwork["id"], "--exact")
    for found in answer["models"].values():
        assert artwork["id"] not in [hit["id"] for hit in found["hits"]]
        assert len(found["hits"]) == 10
    assert answer["timings_ms"]["embed"] == 0


@pytest.mark.slow
def test_a_hits_rank_under_the_other_model_is_its_place_there(
    vasari: Vasari, pictures: Path
) -> None:
    vasari.json("ingest", "folder", pictures)
    models = vasari.json("search", pictures / "images" / "000.jpg", "--top", "24")["models"]
    places = {
        model: {hit["id"]: hit["rank"] for hit in found["hits"]} for model, found in models.items()
    }
    for model, other in (TINY_MODELS, TINY_MODELS[::-1]):
        for hit in models[model]["hits"]:
            assert hit["ranks"] == {other: places[other][hit["id"]]}


@pytest.mark.slow
def test_a_search_takes_likes_dislikes_regions_pages_and_cut_offs(
    vasari: Vasari, pictures: Path
) -> None:
    vasari.json("ingest", "folder", pictures)
    listed = vasari.json("artworks", "list")["artworks"]
    ids = {artwork["title"]: artwork["id"] for artwork in listed}
    picture = pictures / "images" / "004.jpg"
    options = ["--like", ids["Picture 9"], "--unlike", ids["Picture 3"], "--top", "24"]
    answer = vasari.json("search", picture, *options)
    for found in answer["models"].values():
        titles = [hit["title"] for hit in found["hits"]]
        assert len(titles) == 22
        assert not {"Picture 9", "Picture 3"} & set(titles)
        for hit in found["hits"]:
            assert 0 <= hit["percentile"] <= 100
            assert isinstance(hit["z"], float)
    assert set(answer["comparison"]) >= {"overlap", "rbo", "spearman", "consensus"}
    assert len(answer["comparison"]["consensus"]) == 22

    page = vasari.json("search", picture, *options, "--offset", "20")
    assert [hit["rank"] for hit in page["models"]["edge_grid"]["hits"]] == [21, 22]
    rare = vasari.json("search", picture, "--min-percentile", "90")["models"]["colour_grid"]
    assert all(hit["percentile"] >= 90 for hit in rare["hits"])
    near = vasari.json("search", picture, "--max-distance", "0.01")["models"]["colour_grid"]
    assert [hit["title"] for hit in near["hits"]] == ["Picture 4"]
    part = vasari.json("search", picture, "--region", "0,0,0.5,1")
    assert part["models"]["colour_grid"]["hits"]


@pytest.mark.slow
def test_both_models_together_are_one_ranking(vasari: Vasari, pictures: Path) -> None:
    vasari.json("ingest", "folder", pictures)
    answer = vasari.json("search", pictures / "images" / "004.jpg", "--model", "fusion")
    assert list(answer["models"]) == ["fusion"]
    first = answer["models"]["fusion"]["hits"][0]
    assert (first["title"], first["cosine"]) == ("Picture 4", None)
    assert answer["comparison"]["overlap"] is not None
    assert "fusion" in vasari("search", pictures / "images" / "004.jpg", "--model", "fusion")


@pytest.mark.slow
def test_index_status_and_jobs_tell_what_is_there(vasari: Vasari, pictures: Path) -> None:
    (pictures / "images" / "000.jpg").write_text("not a picture")
    report = vasari.json("ingest", "folder", pictures)
    status = vasari.json("index", "status")
    assert status["engine"] == ("server" if vasari.settings.qdrant_url else "edge")
    assert status["points"] == 23
    assert status["vectors"]["colour_grid"]["points"] == 23
    shown = vasari.json("jobs", "show", report["job"])
    assert shown["failures"][0]["reason"] == "not an image"
    assert shown["failures"][0]["examples"][0]["item"] == "images/000.jpg"
    assert [job["job"] for job in vasari.json("jobs", "list")["jobs"]] == [report["job"]]
    draw(50).save(pictures / "images" / "000.jpg")
    assert vasari.json("jobs", "retry", report["job"])["added"] == 1
    assert vasari.json("index", "status")["points"] == 24


@pytest.mark.slow
def test_the_index_is_checked(vasari: Vasari, pictures: Path) -> None:
    vasari.json("ingest", "folder", pictures)
    check = vasari.json("index", "check", "--queries", "10")
    assert check["ok"]
    assert check["models"]["edge_grid"]["filtered"]["recall"] == 1
    assert "recall@10" in vasari("index", "check", "--queries", "5")


@pytest.mark.slow
def test_one_work_is_shown_whole(tiny: Vasari, pictures: Path) -> None:
    tiny.json("ingest", "folder", pictures)
    artwork = tiny.json("artworks", "list", "--artist", ARTISTS[1])["artworks"][0]
    shown = tiny.json("artworks", "show", artwork["id"])
    assert shown["artist"] == ARTISTS[1]
    assert shown["extra"]["inventory"].startswith("INV.")
    assert (shown["image_width"], shown["image_height"]) == (160, 120)


@pytest.mark.slow
def test_tables_are_printed_for_people(tiny: Vasari, pictures: Path) -> None:
    assert "24 added" in tiny("ingest", "folder", pictures)
    assert "Picture 3" in tiny("search", pictures / "images" / "003.jpg", "--top", "3")
    assert "of 24 works" in tiny("artworks", "list")
    assert "colour_grid" in tiny("index", "status")
    assert "resnet50" in tiny("models")
    assert "done" in tiny("jobs", "show")
    assert "ingest" in tiny("jobs", "list")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search", "nowhere.jpg"], "no file 'nowhere.jpg'"),
        (["search"], "at least one picture"),
        (["search", "--region", "0,0,1,1"], "no picture is given"),
        (["search", "--text", "a boat"], "ingest first"),
        (["search", "00000000-0000-0000-0000-000000000000"], "ingest first"),
        (["ingest", "folder", "nowhere"], "not a folder"),
        (["artworks", "show", "xyz"], "not the id"),
        (["artworks", "list", "--year-from", "1900", "--year-to", "1800"], "is after"),
        (["jobs", "show"], "no job has run yet"),
        (["ingest", "folder", ".", "--model", "resnet5"], "resnet50"),
    ],
)
def test_errors_are_said_in_plain_words_and_as_json(
    tiny: Vasari, arguments: list[str], message: str
) -> None:
    tiny.json("db", "upgrade")
    document = tiny.json(*arguments, code=1)
    assert message in document["error"]
    assert "Traceback" not in document["error"]


@pytest.mark.slow
def test_a_picture_that_cannot_be_read_is_an_error_with_its_reason(
    tiny: Vasari, pictures: Path, tmp_path: Path
) -> None:
    tiny.json("ingest", "folder", pictures)
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    error = tiny.json("search", tmp_path / "broken.jpg", code=1)["error"]
    assert error.startswith(("truncated image", "damaged image", "not an image"))


@pytest.mark.slow
def test_a_second_process_is_told_who_holds_the_embedded_index(
    tiny: Vasari, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.json("ingest", "folder", pictures)
    holder = EdgeIndex(tiny.settings.home / "index")
    try:
        process = tiny.start("index", "status", "--json")
        output, _ = process.communicate(timeout=60)
    finally:
        holder.close()
    assert process.returncode == 1
    error = json.loads(output)["error"]
    assert f"process {os.getpid()}" in error
    assert "VASARI_QDRANT_URL" in error


@pytest.mark.slow
def test_the_home_can_be_given_before_or_after_the_command(
    tiny: Vasari, pictures: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    tiny.json("ingest", "folder", pictures, "--home", other)
    assert tiny.json("--home", other, "artworks", "list")["total"] == 24
    assert "no collection" in tiny.json("artworks", "list", code=1)["error"]


def test_the_schema_is_migrated_by_name(vasari: Vasari) -> None:
    first = vasari.json("db", "upgrade")
    assert (first["from"], first["to"]) == (None, newest_revision())
    assert vasari.json("db", "upgrade")["from"] == newest_revision()


@pytest.mark.slow
def test_a_killed_ingest_goes_on_where_it_stopped(vasari: Vasari, tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "many", 200)
    vasari.json("db", "upgrade")
    done = 0
    for attempt in range(3):
        process = vasari.start("ingest", "folder", folder, "--json")
        _wait_for_progress(vasari, more_than=done, process=process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        done = _embedded(vasari)
        assert attempt == 2 or done > 0
    report = vasari.json("ingest", "folder", folder)
    assert report["seen"] == 200
    # What was marked as done before the last kill is not embedded again.
    assert report["embedded"]["colour_grid"] <= 200 - done
    listed = vasari.json("artworks", "list")
    assert listed["total"] == len({artwork["id"] for artwork in listed["artworks"]}) == 200
    status = vasari.json("index", "status")
    assert status["points"] == 200
    assert {vector["points"] for vector in status["vectors"].values()} == {200}
    states = {job["state"] for job in vasari.json("jobs", "list")["jobs"]}
    assert states == {"interrupted", "done"}


def _embedded(vasari: Vasari) -> int:
    page = vasari.json("artworks", "list")
    return sum(artwork["image"] == "ready" for artwork in page["artworks"])


def _wait_for_progress(vasari: Vasari, *, more_than: int, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 300  # a loaded machine takes its time to begin
    while time.monotonic() < deadline and process.poll() is None:
        if _embedded(vasari) > more_than:
            return
        time.sleep(0.02)


@pytest.mark.slow
def test_ctrl_c_ends_cleanly_with_the_command_that_resumes(tiny: Vasari, tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "many", 300)
    tiny.json("db", "upgrade")
    process = tiny.start("ingest", "folder", folder, "--json")
    _wait_for_progress(tiny, more_than=0, process=process)
    process.send_signal(signal.SIGINT)
    output, messages = process.communicate(timeout=60)
    report = json.loads(output)
    assert process.returncode == 130
    assert report["interrupted"]
    assert "Run the same command again" in messages
    assert "Traceback" not in messages
    done = report["embedded"]["colour_grid"]
    assert 0 < done < 300
    assert tiny.json("ingest", "folder", folder)["embedded"]["colour_grid"] == 300 - done


@pytest.mark.slow
def test_values_that_no_work_has_are_named_with_near_ones(tiny: Vasari, pictures: Path) -> None:
    write_table(pictures / "works.csv", [{"file": "images/000.jpg", "artist": "Claude Monet"}])
    tiny.json("ingest", "folder", pictures)
    result = CliRunner().invoke(
        app, ["artworks", "list", "--artist", "monet"], env=tiny.environment
    )
    assert result.exit_code == 0
    assert "Claude Monet" in result.stderr
