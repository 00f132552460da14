"""Commands on an embedded collection that a server process has open."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import httpx
import pytest

from catalog.artworks import list_artworks
from catalog.filters import Filter
from deployment import Deployment
from settings import Settings
from tests.conftest import TINY_MODELS, WEIGHTS_DIR
from tests.pictures import make_folder
from tests.ui.served_page import fill, running_page
from tests.ui.test_cli import Vasari

pytestmark = pytest.mark.slow


@pytest.fixture
def collection(tiny_settings: Settings, pictures: Path) -> Vasari:
    """The command line of an embedded collection of 24 works."""
    with Deployment(tiny_settings) as deployment:
        fill(deployment, pictures)
    return Vasari(tiny_settings)


@pytest.fixture
def server(collection: Vasari) -> Iterator[tuple[str, int]]:
    """The address and the process of its server, which has the collection open."""
    with running_page(collection.settings.home, WEIGHTS_DIR, models=TINY_MODELS) as running:
        address, _ = running
        end = time.monotonic() + 60
        while not httpx.get(f"{address}/readyz").is_success:
            assert time.monotonic() < end
            time.sleep(0.1)
        yield running


def document(process: "Popen[str]") -> dict[str, object]:
    out, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    found: dict[str, object] = json.loads(out)
    return found


def test_shells_search_identify_and_take_works_in_at_once(
    server: tuple[str, int], collection: Vasari, pictures: Path, tmp_path: Path
) -> None:
    address, _ = server
    picture = pictures / "images" / "004.jpg"
    more = make_folder(tmp_path / "more", 40)
    ingests = [collection.start("ingest", "folder", more, "--json") for _ in range(2)]
    searches = [collection.start("search", picture, "--top", "3", "--json") for _ in range(3)]
    jobs = collection.start("jobs", "list", "--json")
    photo = collection.start("identify", picture, "--json")
    for process in searches:
        for found in document(process)["models"].values():  # type: ignore[attr-defined]
            assert found["hits"][0]["title"] == "Picture 4"
            assert found["hits"][0]["cosine"] == pytest.approx(1, abs=1e-5)
    assert document(photo)["results"]
    assert document(jobs)["jobs"]
    first, second = (document(process) for process in ingests)
    assert {first["unchanged"], second["unchanged"]} == {24, 40}  # one after the other
    assert httpx.get(f"{address}/api/artworks").json()["total"] == 40


def test_commands_go_on_without_a_server_that_was_killed(
    server: tuple[str, int], collection: Vasari, tmp_path: Path
) -> None:
    _, process = server
    more = make_folder(tmp_path / "more", 400)
    ingest = collection.start("ingest", "folder", more, "--json")
    with Deployment(collection.settings) as deployment:
        end = time.monotonic() + 60
        while _embedded(deployment) < 40:
            assert time.monotonic() < end
            time.sleep(0.05)
    os.kill(process, signal.SIGKILL)
    out, said = ingest.communicate(timeout=60)
    assert ingest.returncode == 1, out
    assert "(`vasari serve`) has ended" in said + out
    assert "run the same command again" in said + out
    again = collection.json("ingest", "folder", more)
    assert (again["failures"], again["seen"]) == ([], 400)
    assert not any(collection.json("reconcile")["drift"].values())


def _embedded(deployment: Deployment) -> int:
    from catalog.models import ImageState

    with deployment.database.transaction() as session:
        return list_artworks(session, Filter(), limit=0, state=ImageState.READY).total
