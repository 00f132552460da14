"""What all tests share: no settings of the outside world, and small collections of pictures."""

import gc
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

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
    monkeypatch.setattr("ui.settings_reading.SECRETS", Path("/nowhere"))


@pytest.fixture
def tiny_settings(tmp_path: Path) -> Settings:
    """The settings of an embedded collection with models that need no weights."""
    return _tiny(tmp_path / "home")


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


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an embedded collection of 24 drawn pictures, in ``home``, and with these."""
    folder = tmp_path_factory.mktemp("filled")
    with Deployment(_tiny(folder / "made")) as opened:
        _fill(opened, make_folder(folder / "pictures", 24))
    # The engine's files are mostly holes, which reading them in memory has filled with zeros.
    sparse = ["--sparse=always"] if sys.platform == "linux" else []
    subprocess.run(["cp", "-a", *sparse, folder / "made", folder / "home"], check=True)
    return folder


@pytest.fixture
def ingested(deployment: Deployment, pictures: Path) -> Deployment:
    """The collection of the folder's pictures as they are, embedded and then served."""
    _fill(deployment, pictures)
    return deployment


@pytest.fixture
def filled(deployment: Deployment, pictures: Path, request: pytest.FixtureRequest) -> Deployment:
    """The collection of the 24 drawn pictures, embedded, where it is a copy, and then served."""
    if deployment.is_served:
        return cast(Deployment, request.getfixturevalue("ingested"))
    _copy_home(request.getfixturevalue("filled_home"), deployment.settings.home, pictures)
    return deployment


def _tiny(home: Path) -> Settings:
    return Settings(home=home, models=TINY_MODELS, batch_size=8)


def _fill(deployment: Deployment, pictures: Path) -> None:
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    ingest(FolderReader(pictures), deployment.ingest_context(embedders))


def _copy_home(made: Path, home: Path, pictures: Path) -> None:
    """Copy a collection that was made once, as if it had been made of other pictures."""
    subprocess.run(["cp", "-a", made / "home", home], check=True)
    with closing(sqlite3.connect(home / "catalog.db")) as catalog, catalog:
        for table, column in (("artworks", "image_location"), ("jobs", "arguments")):
            catalog.execute(
                f"UPDATE {table} SET {column} = replace({column}, ?, ?)",
                (str(made / "pictures"), str(pictures)),
            )
