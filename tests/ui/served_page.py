"""A small collection of drawn pictures, and the page that serves it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import httpx
import numpy as np

from catalog.artworks import ArtworkFacts, list_artworks
from catalog.filters import Filter
from deployment import Deployment
from embedders import BUILT_IN
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from search.index.contract import Vector, VectorSpec
from settings import Settings
from tests.pictures import draw, facts, write_table

ROOT = Path(__file__).resolve().parents[2]
MODELS = ("colour_grid", "edge_grid")
WORKS = 12
HOSTILE = "<img src=x onerror=alert(1)> **bold** [x](javascript:alert(1)) $x$ :smile:"
HOSTILE_ARTIST = "<b>Mallory</b> *of* [here](javascript:alert(2)) :red[x]"


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def page_settings(home: Path) -> Settings:
    """Return the settings of an embedded collection with models that need no weights."""
    return Settings(home=home, models=MODELS, qdrant_url=None, database_url=None)


def make_pictures(folder: Path, *, source: str | None = None) -> Path:
    """Draw a folder of pictures, one of which has hostile names."""
    (folder / "images").mkdir(parents=True)
    rows = [facts(number) for number in range(WORKS)]
    rows[5] |= {"title": HOSTILE, "artist": HOSTILE_ARTIST}
    for number, row in enumerate(rows):
        row["source"] = source or row["source"]
        draw(number).save(folder / row["file"], quality=95)
    write_table(folder / "works.csv", rows)
    return folder


def fill(deployment: Deployment, pictures: Path) -> None:
    """Take a folder of pictures in."""
    take_in(deployment, pictures, MODELS)


def take_in(deployment: Deployment, pictures: Path, models: Sequence[str]) -> None:
    """Take a folder of pictures in, for models of one's own choice."""
    embedders = [deployment.embedder(name) for name in models]
    summary = ingest(FolderReader(pictures), deployment.ingest_context(embedders))
    assert summary.failed == 0


@contextmanager
def served(
    home: Path,
    weights: Path,
    *,
    models: Sequence[str] = MODELS,
    more: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Iterator[str]:
    """Run ``vasari serve`` and give its address.

    Args:
        more: settings, as the environment has them.
    """
    with running_page(home, weights, models=models, more=more, port=port) as (address, _):
        yield address


@contextmanager
def running_page(
    home: Path,
    weights: Path,
    *,
    models: Sequence[str],
    more: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Iterator[tuple[str, int]]:
    """Run ``vasari serve`` and give its address and the id of its process."""
    port = port or free_port()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("VASARI_")
    } | {"VASARI_MODELS": ",".join(models), "VASARI_WEIGHTS_DIR": str(weights), **(more or {})}
    command = [sys.executable, "-c", "from ui.cli import app; app()"]
    path = home.parent / f"server-{port}.log"
    with path.open("w+") as log:
        process = subprocess.Popen(
            [*command, "serve", "--home", str(home), "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            deadline = time.monotonic() + 60
            while not _answers(address):
                log.seek(0)
                assert process.poll() is None, log.read()
                assert time.monotonic() < deadline, log.read()
                time.sleep(0.1)
            yield address, process.pid
        finally:
            process.terminate()
            process.wait(timeout=20)
    assert not _answers(address), "the page outlived the command that served it"
    said = path.read_text()
    assert "Traceback" not in said, said


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/_stcore/health", timeout=2).is_success
    except httpx.HTTPError:
        return False


def listed(deployment: Deployment) -> tuple[ArtworkFacts, ...]:
    """Return all works of a collection."""
    with deployment.database.transaction() as session:
        return list_artworks(session, Filter()).artworks


def random_vectors(deployment: Deployment, model: str) -> dict[UUID, Vector]:
    """Return random unit vectors of a model, one for each work."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(WORKS, BUILT_IN.describe(model).dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return {work.id: vector for work, vector in zip(listed(deployment), vectors, strict=True)}


def add_vectors(deployment: Deployment, model: str, *, fingerprint: str) -> None:
    """Put random vectors into the index, of a model whose weights this machine does not have."""
    spec = VectorSpec(
        model=model, dimension=BUILT_IN.describe(model).dimension, fingerprint=fingerprint
    )
    deployment.index.ensure([spec])
    deployment.index.set_vectors(model, random_vectors(deployment, model))
