"""Looking after a collection on the command line: reconcile, edit, delete, promote, export."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from deployment import Deployment
from settings import Settings
from tests.pictures import make_folder
from ui.cli import app


@pytest.fixture
def settings(tiny_settings: Settings, tmp_path: Path) -> Settings:
    """The settings of an embedded collection of 24 works."""
    made = _run(tiny_settings, "ingest", "folder", str(make_folder(tmp_path / "pictures", 24)))
    assert made["added"] == 24
    return tiny_settings


def _run(settings: Settings, *arguments: str, code: int = 0) -> Any:
    environment = {
        "VASARI_HOME": str(settings.home),
        "VASARI_MODELS": ",".join(settings.models),
        "VASARI_QDRANT_URL": settings.qdrant_url,
        "VASARI_QDRANT_ALIAS": settings.qdrant_alias,
        "VASARI_DATABASE_URL": (
            settings.database_url.get_secret_value() if settings.database_url else None
        ),
    }
    result = CliRunner().invoke(app, [*arguments, "--json"], env=environment)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def _work(settings: Settings, title: str) -> str:
    listed = _run(settings, "artworks", "list")["artworks"]
    return next(str(item["id"]) for item in listed if item["title"] == title)


def _found(settings: Settings, *options: str) -> list[str]:
    picture = settings.home.parent / "pictures" / "images" / "005.jpg"
    answer = _run(settings, "search", str(picture), "-m", "edge_grid", "--top", "10", *options)
    return [hit["id"] for hit in answer["models"]["edge_grid"]["hits"]]


def test_drift_is_reported_by_the_exit_code_until_it_is_fixed(settings: Settings) -> None:
    assert not any(_run(settings, "reconcile")["drift"].values())
    with Deployment(settings) as deployment:
        lost = next(deployment.index.ids())
        deployment.index.delete([lost])
    found = _run(settings, "reconcile", code=1)
    assert found["missing_points"] == [str(lost)]
    fixed = _run(settings, "reconcile", "--fix")
    assert fixed["repair"]["queued"] == 1
    assert fixed["repair"]["job"]["embedded"] == {"colour_grid": 1, "edge_grid": 1}
    assert not any(fixed["left"]["drift"].values())
    assert not any(_run(settings, "reconcile")["drift"].values())


def test_a_correction_is_found_by_the_next_search(settings: Settings) -> None:
    work = _work(settings, "Picture 5")
    _run(
        settings, "artworks", "edit", work, "--artist", " Sofonisba Anguissola ", "--clear", "year"
    )
    shown = _run(settings, "artworks", "show", work)
    assert (shown["artist"], shown["year"]) == ("Sofonisba Anguissola", None)
    assert shown["source_says"] == {"artist": "Илья Репин", "year": 1855}
    assert _found(settings, "--artist", "Sofonisba Anguissola") == [work]

    _run(settings, "artworks", "edit", work, "--undo", "artist")
    assert _run(settings, "artworks", "show", work)["source_says"] == {"year": 1855}
    for wrong, said in (
        (("--artist", " "), "empties a field"),
        ((), "nothing to correct"),
        (("--clear", "title"), "no title"),
        (("--clear", "weight"), "cannot be corrected"),
        (("--title", "x", "--clear", "title"), "contradict"),
    ):
        assert said in _run(settings, "artworks", "edit", work, *wrong, code=1)["error"]


def test_a_deleted_work_is_listed_and_can_be_restored(settings: Settings) -> None:
    work = _work(settings, "Picture 5")
    assert work in _found(settings)
    assert _run(settings, "artworks", "delete", work) == {"deleted": [work]}
    assert work not in _found(settings)
    pictures = str(settings.home.parent / "pictures")
    assert _run(settings, "ingest", "folder", pictures)["added"] == 0
    assert [item["id"] for item in _run(settings, "artworks", "deleted")["deleted"]] == [work]
    assert _run(settings, "artworks", "restore", work) == {"restored": [work]}
    assert "no deleted work" in _run(settings, "artworks", "restore", work, code=1)["error"]
    assert _run(settings, "ingest", "folder", pictures)["added"] == 1


def test_a_collection_answers_on_servers_as_it_did_embedded(
    settings: Settings, qdrant_url: str, qdrant_alias: str, postgres_url: str
) -> None:
    before = _found(settings)
    to = ("--to-qdrant", qdrant_url, "--to-database", postgres_url, "--to-alias", qdrant_alias)
    moved = _run(settings, "promote", *to)
    assert (moved["done"], moved["points"], moved["rows"]["artworks"]) == ("promoted", 24, 24)
    served = Settings(
        home=settings.home,
        models=settings.models,
        qdrant_url=qdrant_url,
        qdrant_alias=qdrant_alias,
        database_url=SecretStr(postgres_url),
    )
    assert _found(served) == before
    assert not any(_run(served, "reconcile")["drift"].values())
    assert "is not empty" in _run(settings, "promote", *to, code=1)["error"]


def test_a_collection_answers_after_an_import_as_before_the_export(
    settings: Settings, tmp_path: Path
) -> None:
    folder = str(tmp_path / "exported")
    assert _run(settings, "export", folder)["points"] == 24
    assert "is there already" in _run(settings, "export", folder, code=1)["error"]
    other = settings.model_copy(update={"home": tmp_path / "other"})
    assert _run(other, "import", folder)["thumbnails"] == 24
    assert _found(other) == _found(settings)
    assert not any(_run(other, "reconcile")["drift"].values())
    assert "is not empty" in _run(other, "import", folder, code=1)["error"]
