"""What a command imports before it does anything: neither help nor a search waits for the rest."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from catalog.artworks import list_artworks
from catalog.filters import Filter
from deployment import Deployment
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from settings import Settings
from ui.cli import COMMANDS, app

LEARNING = {"torch", "torchvision", "open_clip", "sklearn", "scipy", "pandas", "pyarrow", "cv2"}
SERVING = {"streamlit", "starlette", "uvicorn", "altair", "qdrant_client"}
CATALOG = {"sqlalchemy", "alembic", "psycopg", "pydantic", "numpy", "PIL", "httpx", "qdrant_edge"}


def imported(arguments: list[str]) -> set[str]:
    """Run a command, and return the packages that its process had imported when it ended."""
    code = """
import atexit, sys
atexit.register(lambda: sys.stderr.write("\\n" + " ".join(m for m in sys.modules if "." not in m)))
from ui.main import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.splitlines()[-1].split())


def test_help_imports_what_it_prints_with_and_nothing_else() -> None:
    assert not imported(["--help"]) & (LEARNING | SERVING | CATALOG)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["search", "artworks", "jobs"])
def test_the_help_of_a_command_does_not_wait_for_training_or_serving(command: str) -> None:
    assert not imported([command, "--help"]) & (LEARNING | SERVING)


@pytest.mark.slow
def test_a_search_for_a_work_imports_no_network_and_no_training(
    tiny_settings: Settings, pictures: Path
) -> None:
    with Deployment(tiny_settings) as deployment:
        embedders = [deployment.embedder(name) for name in tiny_settings.models]
        ingest(FolderReader(pictures), deployment.ingest_context(embedders))
        with deployment.database.transaction() as session:
            (work,) = list_artworks(session, Filter(), limit=1).artworks
    home = str(tiny_settings.home)
    packages = imported(["--home", home, "search", str(work.id), "-m", "edge_grid", "--json"])
    assert "qdrant_edge" in packages
    assert not packages & (LEARNING | SERVING)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_the_list_of_commands_says_what_each_says_of_itself(name: str) -> None:
    command = typer.main.get_command(app).commands[name].load()  # type: ignore[attr-defined]
    said = " ".join((command.help or "").split("\n\n")[0].split())
    assert said == COMMANDS[name].summary
    assert CliRunner().invoke(app, [name, "--help"]).exit_code == 0
