"""``vasari api`` serves the API without the page: from one process, and from several."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from deployment import Deployment
from settings import Settings
from tests.ui.test_cli import Vasari
from ui.api.keys import Role, make_key
from ui.cli import app


@contextmanager
def serving(vasari: Vasari, *options: str) -> Iterator[str]:
    """Run ``vasari api``, and end it as a service manager does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = vasari.start("api", "--port", str(port), *options)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 120
        while not ready(address):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        _, said = process.communicate(timeout=60)
    assert "Traceback" not in said, said
    assert not ready(address)


def ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", timeout=60).status_code == 200
    except httpx.HTTPError:
        return False


def asked(address: str, **headers: str) -> dict[str, Any]:
    """Ask for the works most like one, over a connection of its own."""
    work = httpx.get(f"{address}/api/artworks").json()["artworks"][0]["id"]
    answer = httpx.post(
        f"{address}/api/similarity", json={"picture": work}, headers=headers, timeout=60
    )
    assert answer.status_code == 200, answer.text
    assert "Content-Security-Policy" in answer.headers
    found: dict[str, Any] = answer.json()["models"]
    return found


@pytest.mark.slow
def test_one_process_serves_an_embedded_collection(
    filled: Deployment, tiny_settings: Settings
) -> None:
    vasari = Vasari(filled.settings)
    filled.close()
    key, entry = make_key("curator", Role.CURATOR)
    vasari.environment["VASARI_API_KEYS"] = str(entry)
    with serving(vasari) as address:
        assert set(asked(address)) == set(tiny_settings.models)
        curator = {"Authorization": f"Bearer {key}"}
        assert httpx.get(f"{address}/api/jobs", headers=curator).status_code == 200
        assert httpx.get(f"{address}/api/models", headers={"Host": "evil"}).status_code == 400
        other = {"Origin": "http://evil.example"}
        assert httpx.get(f"{address}/api/models", headers=other).status_code == 403
        assert httpx.get(address).json()["status"] == 404
        # A search at the command line asks the process that has the index.
        work = httpx.get(f"{address}/api/artworks").json()["artworks"][0]["id"]
        assert vasari.json("search", work)["models"]


@pytest.mark.slow
@pytest.mark.server
def test_several_processes_serve_a_collection_on_servers(
    served_settings: Settings, pictures: object
) -> None:
    vasari = Vasari(served_settings)
    vasari.json("ingest", "folder", str(pictures))
    _, entry = make_key("curator", Role.CURATOR)
    vasari.environment["VASARI_API_KEYS"] = str(entry)
    with serving(vasari, "--processes", "2") as address:
        for _ in range(10):
            asked(address)
        said = httpx.get(f"{address}/metrics").text
        route = r'vasari_requests_total{route="/api/similarity",status="200"} 10.0'
        assert route in said, "what one process has measured is not all"
        assert httpx.get(f"{address}/api/jobs").status_code == 404


def test_an_embedded_collection_is_not_served_by_several_processes(
    tiny_settings: Settings,
) -> None:
    vasari = Vasari(tiny_settings)
    done = CliRunner().invoke(app, ["api", "--processes", "2"], env=vasari.environment)
    assert done.exit_code == 1
    assert "vasari promote" in done.output


@pytest.mark.slow
def test_the_api_alone_waits_for_no_page(tiny_settings: Settings) -> None:
    code = """
import sys
from ui.serving.programs import Programs
from settings import Settings
Programs(Settings(home=sys.argv[1]))()
print(" ".join(sys.modules))
"""
    command = [sys.executable, "-c", code, str(tiny_settings.home)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "fastapi" in done.stdout.split()
    assert not {"streamlit", "altair"} & set(done.stdout.split())
