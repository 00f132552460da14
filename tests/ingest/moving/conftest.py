"""A collection with something in every corner, and empty ones to move it to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.artworks import by_id, list_artworks
from catalog.filters import Filter
from catalog.same_works import mark_same
from deployment import Deployment
from ingest.curation import delete, edit
from ingest.job import ingest
from ingest.moving.origin import Collection
from ingest.readers.folder import FolderReader
from search.index import IndexPoint
from settings import Settings
from tests.conftest import TINY_MODELS


def collection(deployment: Deployment) -> Collection:
    """Return what of a deployment is moved."""
    return Collection(
        database=deployment.database, index=deployment.index, store=deployment.image_store
    )


def take_in(deployment: Deployment, pictures: Path) -> dict[str, int]:
    """Take a folder in; return how many images each model embedded."""
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    return dict(ingest(FolderReader(pictures), deployment.workshop(embedders)).embedded)


def fill_with_everything(deployment: Deployment, pictures: Path) -> None:
    """Take in pictures, one of which is broken; correct one, delete one, mark two as the same."""
    (pictures / "images" / "003.jpg").write_bytes(b"no picture")
    take_in(deployment, pictures)
    with deployment.database.transaction() as session:
        works = {
            work.title: work.id
            for work in list_artworks(session, Filter()).artworks
            if work.image_sha256
        }
        mark_same(session, [works["Picture 7"], works["Picture 8"]])
    database, index = deployment.database, deployment.index
    edit(database, index, works["Picture 5"], {"artist": "無名, “O'Keeffe”", "genre": None})
    delete(database, index, deployment.image_store, works["Picture 6"])
    # One model's vector is missing of one work: that is moved as it is.
    partial = works["Picture 9"]
    with database.transaction() as session:
        payload = by_id(session, [partial])[partial].payload()
    vector = index.vectors("colour_grid", [partial])[partial]
    index.delete([partial])
    index.upsert([IndexPoint(id=partial, vectors={"colour_grid": vector}, payload=payload)])


@pytest.fixture
def other_home(tmp_path: Path) -> Iterator[Deployment]:
    """An empty embedded collection."""
    with Deployment(Settings(home=tmp_path / "other", models=TINY_MODELS)) as opened:
        yield opened


@pytest.fixture
def embedded(tiny_settings: Settings) -> Iterator[Deployment]:
    """An empty embedded collection, to be moved to servers."""
    with Deployment(tiny_settings) as opened:
        yield opened


@pytest.fixture
def served(
    tiny_settings: Settings, qdrant_url: str, qdrant_alias: str, postgres_url: str, tmp_path: Path
) -> Iterator[Deployment]:
    """An empty collection on servers, with a home of its own."""
    settings = tiny_settings.model_copy(
        update={
            "home": tmp_path / "served",
            "qdrant_url": qdrant_url,
            "qdrant_alias": qdrant_alias,
            "database_url": Settings.model_validate({"database_url": postgres_url}).database_url,
        }
    )
    with Deployment(settings) as opened:
        yield opened
