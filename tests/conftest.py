"""What all tests share: no settings of the outside world, and small collections of pictures."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from deployment import Deployment
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from settings import Settings
from tests.pictures import make_folder

pytest_plugins = ["tests.servers.plugin"]

TINY_MODELS = ("colour_grid", "edge_grid")
"""Models that need no weights: deterministic, and fast."""

WEIGHTS_DIR = Settings().weights_dir
"""The user's own, so that the weights of the real models are fetched once and not by each run."""


MARK_OF_FIXTURE = {
    "qdrant_server": "server",
    "postgres_server": "server",
    "browser": "browser",
    "load": "weights",
}
"""A test that asks for one of these, however indirectly, is marked so."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a server, a browser or real weights by the fixtures that it asks for."""
    for item in items:
        for fixture, mark in MARK_OF_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)


def pytest_collection_finish() -> None:
    """Keep Python's garbage collector from going through the libraries again in each test."""
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_outside_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    # A test must never reach a museum's collection through the settings of whoever runs it.
    for name in [name for name in os.environ if name.startswith("VASARI_")]:
        if not name.startswith("VASARI_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr("settings.SECRETS", Path("/nowhere"))


@pytest.fixture
def tiny_settings(tmp_path: Path) -> Settings:
    """The settings of an embedded collection with models that need no weights."""
    return Settings(home=tmp_path / "home", models=TINY_MODELS, batch_size=8)


@pytest.fixture
def served_settings(
    tiny_settings: Settings, qdrant_url: str, qdrant_alias: str, postgres_url: str
) -> Settings:
    """The settings of a collection on a real Qdrant and a real Postgres."""
    return tiny_settings.model_copy(
        update={
            "qdrant_url": qdrant_url,
            "qdrant_alias": qdrant_alias,
            "database_url": SecretStr(postgres_url),
        }
    )


@pytest.fixture(params=["embedded", pytest.param("served", marks=pytest.mark.server)])
def settings(request: pytest.FixtureRequest) -> Settings:
    """The settings of an embedded collection, then of one on servers."""
    name = "tiny_settings" if request.param == "embedded" else "served_settings"
    chosen: Settings = request.getfixturevalue(name)
    return chosen


@pytest.fixture
def deployment(settings: Settings) -> Iterator[Deployment]:
    """An empty collection, embedded and then served."""
    with Deployment(settings) as opened:
        yield opened


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of 24 drawn pictures with a CSV that describes them."""
    return make_folder(tmp_path / "pictures", 24)


@pytest.fixture
def filled(deployment: Deployment, pictures: Path) -> Deployment:
    """The collection of the folder's pictures, embedded and then served."""
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    ingest(FolderReader(pictures), deployment.ingest_context(embedders))
    return deployment
