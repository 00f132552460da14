"""Five secrets are planted, and looked for in all that Vasari shows, keeps and hands on."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
from sqlalchemy import make_url, text
from typer.testing import CliRunner

from catalog.database import Database
from deployment import Deployment
from settings import Settings
from tests.pictures import make_folder, write_table
from ui.cli import app

ROOT = Path(__file__).parents[1]
PLANTED = {
    "key": "planted-qdrant-key",
    "image": "planted-image-password",
    "token": "planted-image-token",
    "to_database": "planted-to-database",
    "to_key": "planted-to-key",
}


@pytest.fixture
def environment(served_settings: Settings) -> Iterator[dict[str, str]]:
    """A served deployment whose database has a planted password too."""
    assert served_settings.database_url is not None
    url = served_settings.database_url.get_secret_value()
    database = Database(url)
    role, password = "planted_role", "planted-database-password"
    with database.connected() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN SUPERUSER PASSWORD '{password}'"))
    try:
        with_role = make_url(url).set(username=role, password=password)
        yield {
            "VASARI_HOME": str(served_settings.home),
            "VASARI_MODELS": "colour_grid,edge_grid",
            "VASARI_QDRANT_URL": str(served_settings.qdrant_url),
            "VASARI_QDRANT_ALIAS": served_settings.qdrant_alias,
            "VASARI_QDRANT_API_KEY": PLANTED["key"],
            "VASARI_DATABASE_URL": with_role.render_as_string(hide_password=False),
            "VASARI_ALLOW_PRIVATE_NETWORKS": "true",
            "VASARI_DOWNLOAD_ATTEMPTS": "1",
            "VASARI_TO_QDRANT_API_KEY": PLANTED["to_key"],
            "VASARI_OUTAGE_PATIENCE_SECONDS": "0",
        }
    finally:
        with database.connected() as connection:
            connection.execute(text(f"REASSIGN OWNED BY {role} TO CURRENT_USER"))
            connection.execute(text(f"DROP ROLE {role}"))
        database.close()


def _table(folder: Path) -> Path:
    """Write a CSV of pictures in a folder, and of one on a server that wants a password."""
    make_folder(folder, 12)
    address = f"http://ann:{PLANTED['image']}@127.0.0.1:1/a.jpg?w=80&api_key={PLANTED['token']}"
    rows = [
        {"file": f"images/{number:03d}.jpg", "title": f"Picture {number}", "style": style}
        for number, style in enumerate(["Grid", "Wave"] * 6)
    ]
    write_table(folder / "works.csv", [*rows, {"file": address, "title": "Far", "style": "Grid"}])
    return folder / "works.csv"


def test_no_planted_secret_appears_anywhere(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = _table(tmp_path / "pictures")
    said = ""

    def run(*arguments: str, code: int = 0) -> str:
        nonlocal said
        result = CliRunner().invoke(app, list(arguments), env=environment)
        said += result.output
        assert result.exit_code == code, result.output
        return result.stdout

    run("ingest", "csv", str(table))
    listed = json.loads(run("artworks", "list", "--json"))
    (far,) = (work for work in listed["artworks"] if work["title"] == "Far")
    assert far["file"] == "http://ann:***@127.0.0.1:1/a.jpg?w=80&api_key=***"
    run("artworks", "list")
    run("artworks", "show", far["id"])
    run("index", "status")
    run("index", "status", "--json")
    run("jobs", "list", "--json")
    run("jobs", "show", "--json", json.loads(run("jobs", "list", "--json"))["jobs"][0]["job"])
    run("evaluate", "retrieval", "--label", "style", "--model", "colour_grid")
    run("export", str(tmp_path / "export"))
    to = f"postgresql://me:{PLANTED['to_database']}@127.0.0.1:1/db"
    run("promote", "--to-qdrant", "http://127.0.0.1:1", "--to-database", to, code=1)

    def fault(*_: object) -> None:
        raise RuntimeError(f"lost {environment['VASARI_DATABASE_URL']} and {to}")

    monkeypatch.setattr(Deployment, "index", property(fault))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run("index", "status", code=70)
    run("--debug", "index", "status", code=70)

    written = [path for path in tmp_path.rglob("*") if path.is_file() and path != table]
    assert any(path.suffix == ".html" for path in written)
    assert any(path.suffix == ".parquet" for path in written)
    assert any(path.suffix == ".log" for path in written)
    for secret in [*PLANTED.values(), "planted-database-password"]:
        assert secret not in said
        holding = [path for path in written if secret.encode() in path.read_bytes()]
        assert holding == []
        assert secret not in _job_rows(environment["VASARI_DATABASE_URL"])


def _job_rows(url: str) -> str:
    database = Database(url)
    with database.connected() as connection:
        rows = [
            *connection.execute(text("SELECT * FROM jobs")),
            *connection.execute(text("SELECT * FROM job_failures")),
        ]
    database.close()
    assert rows
    return repr(rows)


def test_no_process_names_a_secret_that_was_not_on_its_command_line(
    environment: dict[str, str],
) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "ui.main", "index", "status"],
        cwd=ROOT,
        env=dict(os.environ) | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    seen = set()
    deadline = time.monotonic() + 120
    while running.poll() is None and time.monotonic() < deadline:
        with suppress(psutil.Error):
            process = psutil.Process(running.pid)
            for each in (process, *process.children(recursive=True)):
                seen.add(" ".join(each.cmdline()))
        time.sleep(0.05)
    running.kill()
    assert running.wait() == 0
    assert any("ui.main index status" in line for line in seen)
    assert not [line for line in seen if "planted" in line]
