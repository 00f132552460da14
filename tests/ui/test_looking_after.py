"""Looking after a collection on the command line: reconcile, edit, delete, promote, export."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url
from typer.testing import CliRunner

from catalog.database import Database, has_password, with_password
from deployment import Deployment
from search.index.contract import VectorSpec
from settings import Settings
from tests.maintenance.moving.conftest import OWN, make_own_models
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


def _found_by(settings: Settings, original: Settings) -> list[str]:
    picture = original.home.parent / "pictures" / "images" / "005.jpg"
    answer = _run(settings, "search", str(picture), "-m", "edge_grid", "--top", "10")
    return [hit["id"] for hit in answer["models"]["edge_grid"]["hits"]]


@pytest.mark.slow
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


def test_keypoints_are_made_ahead_counted_and_gone_with_their_work(settings: Settings) -> None:
    assert _run(settings, "keypoints", "status")["kept"] == 0
    made = _run(settings, "keypoints", "make")
    assert (made["made"], made["kept"], made["failures"]) == (24, 0, [])
    status = _run(settings, "keypoints", "status")
    assert (status["works"], status["kept"], status["most_bytes"]) == (24, 24, 20_000_000_000)
    assert status["bytes"] > 24 * 1_000
    _run(settings, "artworks", "delete", _work(settings, "Picture 5"))
    _run(settings, "reconcile", "--fix")
    after = _run(settings, "keypoints", "status")
    assert (after["works"], after["kept"]) == (23, 23)
    assert 0 < after["bytes"] < status["bytes"]
    assert _run(settings, "keypoints", "make")["kept"] == 23


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_deletion_that_was_cut_short_is_gone_on_with_by_the_same_command(
    settings: Settings,
) -> None:
    works = [_work(settings, f"Picture {number}") for number in range(3)]
    _run(settings, "artworks", "delete", works[0])
    unknown = str(UUID(int=7))
    said = _run(settings, "artworks", "delete", *works, unknown, code=1)["error"]
    assert f"no work has the id {unknown}" in said
    assert _run(settings, "artworks", "list")["total"] == 23
    again = _run(settings, "artworks", "delete", *works, works[2])
    assert again == {"deleted": works[1:], "already_deleted": works[:1]}
    assert _run(settings, "artworks", "delete", *works)["already_deleted"] == works
    assert not any(_run(settings, "reconcile")["drift"].values())


@pytest.mark.slow
def test_a_deleted_work_is_listed_and_can_be_restored(settings: Settings) -> None:
    work = _work(settings, "Picture 5")
    assert work in _found(settings)
    deleted = _run(settings, "artworks", "delete", work)
    assert deleted == {"deleted": [work], "already_deleted": []}
    assert work not in _found(settings)
    pictures = str(settings.home.parent / "pictures")
    assert _run(settings, "ingest", "folder", pictures)["added"] == 0
    assert [item["id"] for item in _run(settings, "artworks", "deleted")["deleted"]] == [work]
    assert _run(settings, "artworks", "restore", work) == {"restored": [work]}
    assert "no deleted work" in _run(settings, "artworks", "restore", work, code=1)["error"]
    assert _run(settings, "ingest", "folder", pictures)["added"] == 1


def test_a_collection_answers_on_servers_as_it_did_embedded(
    settings: Settings,
    qdrant_url: str,
    qdrant_alias: str,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = _found(settings)
    monkeypatch.setenv("VASARI_TO_DATABASE_URL", postgres_url)
    to = ("--to-qdrant", qdrant_url, "--to-alias", qdrant_alias)
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
    assert _run(settings, "promote", *to)["rows"] == moved["rows"]  # as after a kill at its end
    _run(served, "artworks", "edit", before[0], "--title", "Changed there")
    assert "is not empty" in _run(settings, "promote", *to, code=1)["error"]


@pytest.mark.slow
def test_a_model_of_the_collection_s_own_arrives_with_its_vectors(
    settings: Settings, tmp_path: Path
) -> None:
    with Deployment(settings) as deployment:
        make_own_models(deployment)
        index = deployment.index
        index.ensure([VectorSpec(model="tuned", dimension=192, fingerprint="f")])
        index.set_vectors("tuned", index.vectors("colour_grid", list(index.ids())))
    _run(settings, "export", str(tmp_path / "exported"))
    other = settings.model_copy(update={"home": tmp_path / "other"})
    assert _run(other, "import", str(tmp_path / "exported"))["files"] == 3
    listed = _run(other, "models")["own"]
    assert [model["name"] for model in listed] == [OWN, "tuned"]
    work = _work(other, "Picture 5")
    options = ("-m", OWN, "-m", "tuned")
    before, after = (_run(made, "search", work, *options)["models"] for made in (settings, other))
    assert before == after


SECRET = "s3cr3t@w/th:signs"


@pytest.mark.slow
@pytest.mark.parametrize("said", ["environment", "prompt", "address", "option"])
def test_no_password_is_shown_however_it_is_given(settings: Settings, said: str) -> None:
    # Nobody listens on port 1: the error names the address that did not answer.
    quoted = quote(SECRET, safe="")
    bare, whole = "postgresql://me@127.0.0.1:1/db", f"postgresql://me:{quoted}@127.0.0.1:1/db"
    environment = {"VASARI_HOME": str(settings.home), "VASARI_TO_QDRANT_API_KEY": SECRET}
    arguments = ["promote", "--to-qdrant", f"http://me:{quoted}@127.0.0.1:1"]
    if said == "environment":
        environment["VASARI_TO_DATABASE_PASSWORD"] = SECRET
    if said == "prompt":
        arguments.append("--ask-password")
    if said == "address":
        environment["VASARI_TO_DATABASE_URL"] = whole
    else:
        arguments += ["--to-database", whole if said == "option" else bare]
    result = CliRunner().invoke(app, arguments, env=environment, input=f"{SECRET}\n")
    assert result.exit_code == 1
    assert "no database answers at" in result.stderr
    assert "me:***@127.0.0.1:1/db" in " ".join(result.stderr.split())
    assert ("list of processes" in " ".join(result.stderr.split())) == (said == "option")
    shown = result.output + str(result.exception)
    assert SECRET not in shown
    assert quoted not in shown


@pytest.mark.slow
def test_a_destination_that_is_missing_or_no_address_is_said_without_its_text(
    settings: Settings,
) -> None:
    to = ("--to-qdrant", "http://127.0.0.1:1")
    assert "VASARI_TO_QDRANT_URL" in _run(settings, "promote", code=1)["error"]
    assert "VASARI_TO_DATABASE_URL" in _run(settings, "promote", *to, code=1)["error"]
    for wrong in (f"me:{SECRET}", f"postgresql://me:{SECRET}@host:port/db"):
        error = _run(settings, "promote", *to, "--to-database", wrong, code=1)["error"]
        assert "written postgresql://user:password@host/name" in error
        assert "s3cr3t" not in error


def test_a_password_is_put_into_an_address_whatever_signs_it_has() -> None:
    url = with_password("postgresql://me@host/db?sslmode=require", SECRET)
    assert make_url(url).password == SECRET
    assert has_password(url)
    assert not has_password("postgresql://me@host/db")
    assert has_password("postgresql://me@host/db?password=x")
    assert "s3cr3t" not in Database("postgresql://me@host/db?password=s3cr3t").name


@pytest.mark.slow
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
    assert _run(other, "import", folder)["thumbnails"] == 24  # as after a kill at its end
    _run(other, "artworks", "edit", _found(other)[0], "--title", "Changed there")
    assert "is not empty" in _run(other, "import", folder, code=1)["error"]


@pytest.mark.parametrize(
    ("qdrant", "database"),
    [
        ("http://127.0.0.1:1", "postgresql://curator:half@s3cret@127.0.0.1:1/x"),
        ("http://127.0.0.1:1", "postgresql://127.0.0.1:1/x?pasword=s3cret"),
        ("curator:s3cret@127.0.0.1:1", "sqlite:///{home}/new.db"),
        ("http://curator:s3cret@127.0.0.1:port", "sqlite:///{home}/new.db"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_and_its_secrets_shown_nowhere(
    tiny_settings: Settings, qdrant: str, database: str
) -> None:
    address = database.format(home=tiny_settings.home.parent)
    said = _run(tiny_settings, "promote", "--to-qdrant", qdrant, "--to-database", address, code=1)[
        "error"
    ]
    assert "the address of the" in said
    files = [path for path in tiny_settings.home.rglob("*") if path.is_file()]
    assert "s3cret" not in said
    assert not any(b"s3cret" in path.read_bytes() for path in files)


@pytest.mark.slow
def test_a_collection_is_backed_up_verified_and_restored(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = str(tmp_path / "place")
    made = _run(settings, "backup", place)
    assert {made[name] for name in ("artworks", "points")} == {24}
    assert {"backup", "bytes", "seconds"} <= made.keys()
    again = _run(settings, "backup", place, "--incremental", "--keep", "1")
    assert again["removed"] == [made["backup"]]
    assert again["bytes"] < made["bytes"] / 4
    assert _run(settings, "backup", "verify", place)["faults"] == []

    back = settings.model_copy(update={"home": tmp_path / "back"})
    restored = _run(back, "restore", place)
    assert (restored["backup"], restored["artworks"]) == (again["backup"], 24)
    assert _found_by(back, settings) == _found(settings)
    assert not any(_run(back, "reconcile")["drift"].values())
    assert "name a database that is new" in _run(back, "restore", place, code=1)["error"]

    part = max((tmp_path / "place" / "parts").glob("*/*"), key=lambda path: path.stat().st_size)
    part.write_bytes(part.read_bytes()[:-1] + b"?")
    found = _run(settings, "backup", "verify", place, code=1)
    assert found["sound"] is False
    (fault,) = found["faults"]
    assert part.name in fault
    third = settings.model_copy(update={"home": tmp_path / "third"})
    assert part.name in _run(third, "restore", place, code=1)["error"]

    (tmp_path / "key").write_text("ab" * 32)
    sealed = str(tmp_path / "sealed")
    _run(settings, "backup", sealed, "--key-file", str(tmp_path / "key"))
    assert "is encrypted" in _run(third, "restore", sealed, code=1)["error"]
    monkeypatch.setenv("VASARI_BACKUP_KEY", "cd" * 32)
    assert "another key" in _run(third, "restore", sealed, code=1)["error"]
    monkeypatch.setenv("VASARI_BACKUP_KEY", "short")
    said = _run(third, "restore", sealed, code=1)["error"]
    assert "64 hexadecimal digits" in said
    assert "short" not in said
    monkeypatch.setenv("VASARI_BACKUP_KEY_FILE", str(tmp_path / "key"))
    assert _run(third, "restore", sealed)["points"] == 24


@pytest.mark.slow
def test_a_backup_is_restored_to_servers_that_are_named(
    settings: Settings, tmp_path: Path, qdrant_url: str, qdrant_alias: str, postgres_url: str
) -> None:
    place = str(tmp_path / "place")
    _run(settings, "backup", place)
    home = settings.model_copy(update={"home": tmp_path / "served"})
    servers = ("--to-qdrant", qdrant_url, "--to-database", postgres_url)
    restored = _run(home, "restore", place, *servers, "--to-alias", qdrant_alias)
    assert (restored["points"], restored["qdrant"]) == (24, qdrant_url)
    served = home.model_copy(
        update={
            "qdrant_url": qdrant_url,
            "qdrant_alias": qdrant_alias,
            "database_url": SecretStr(postgres_url),
        }
    )
    assert _found_by(served, settings) == _found(settings)
