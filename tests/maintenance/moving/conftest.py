"""A collection with something in every corner, and empty ones to move it to."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from catalog.artists import list_artists
from catalog.artworks import by_id, list_artworks
from catalog.dismissals import dismiss
from catalog.filters import Filter
from catalog.same_works import mark_same
from catalog.tables import Row, row_counts, rows, table_names
from deployment import Deployment
from embedders import BUILT_IN, DerivedDescription, save_own_model
from embedders.fingerprint import derived_fingerprint
from embedders.own_models import fine_tuned, weights_path
from embedders.projection import fit
from embedders.registry import Derivation
from ingest.job import ingest
from ingest.originals import KnownAddress
from ingest.readers.folder import FolderReader
from maintenance.artists import merge_artists
from maintenance.curation import delete, edit
from maintenance.drift import Drift, find_drift
from maintenance.moving.origin import Collection
from search.index.contract import IndexPoint, VectorSpec, searchable_models
from search.index.sampling import sample_vectors
from search.projections import FittedProjection, keep, project
from settings import Settings
from tests.conftest import TINY_MODELS

OWN = "colours_by_hand"


def collection(deployment: Deployment) -> Collection:
    """Return what of a deployment is moved."""
    return Collection(
        database=deployment.database,
        index=deployment.index,
        store=deployment.image_store,
        originals=deployment.originals,
        models=deployment.shared_models,
        home=deployment.settings.home,
    )


def take_in(deployment: Deployment, pictures: Path) -> dict[str, int]:
    """Take a folder in; return how many images each model embedded."""
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    return dict(ingest(FolderReader(pictures), deployment.ingest_context(embedders)).embedded)


def fill_with_everything(deployment: Deployment, pictures: Path) -> None:
    """Take in pictures, one of which is broken, and do with them all that a curator may do.

    One is corrected, one deleted, two are marked as the same and two as not; two artists are made
    one; a projection is fitted to a label, and an evaluation kept.
    """
    (pictures / "images" / "003.jpg").write_bytes(b"no picture")
    take_in(deployment, pictures)
    with deployment.database.transaction() as session:
        works = {
            work.title: work.id
            for work in list_artworks(session, Filter()).artworks
            if work.image_sha256
        }
        mark_same(session, [works["Picture 7"], works["Picture 8"]])
        dismiss(session, [works["Picture 7"], works["Picture 10"]])
        into, other = (artist.id for artist in list_artists(session)[:2])
    database, index = deployment.database, deployment.index
    edit(database, index, works["Picture 5"], {"artist": "無名, “O'Keeffe”", "genre": None})
    delete(database, index, deployment.image_store, works["Picture 6"])
    merge_artists(database, index, into, [other])
    make_own_models(deployment)
    kept = deployment.settings.home / "evaluations" / "20260101-retrieval"
    kept.mkdir(parents=True)
    (kept / "facts.json").write_text("{}")
    known = KnownAddress(
        sha256="a" * 64, signature=None, etag='"1"', last_modified=None, asked_at=1
    )
    deployment.originals.remember("https://museum.example/1.jpg", known)
    # One model's vector is missing of one work: that is moved as it is.
    partial = works["Picture 9"]
    with database.transaction() as session:
        payload = by_id(session, [partial])[partial].payload()
    vector = index.vectors("colour_grid", [partial])[partial]
    index.delete([partial])
    index.upsert([IndexPoint(id=partial, vectors={"colour_grid": vector}, payload=payload)])


def make_own_models(deployment: Deployment) -> None:
    """Add a projection fitted to labels, with its vectors, and a model that was fine-tuned."""
    parent = BUILT_IN.describe("colour_grid")
    projected = DerivedDescription(
        name=OWN,
        title="Colours, taught",
        dimension=16,
        preparation=parent.preparation,
        licence="as colour_grid",
        network=parent.network,
        derivation=Derivation("colour_grid", "colour_grid", "whiten", "the same hand", "artist"),
    )
    folder = deployment.models_dir
    save_own_model(folder, projected, about={"summary": "by hand"})
    tuned = fine_tuned(
        folder, parent, name="tuned", title="Tuned", network=parent.network, dimension=192
    )
    save_own_model(folder, tuned, about={})
    weights_path(folder, "tuned").write_bytes(b"weights")
    deployment.look_for_own_models()
    database, index = deployment.database, deployment.index
    base = index.specs["colour_grid"].fingerprint
    spec = VectorSpec(
        model=OWN,
        dimension=16,
        fingerprint=derived_fingerprint(projected, base),
        role="derived",
    )
    index.ensure([spec])
    features = sample_vectors(index, "colour_grid", 1000)
    fitted = FittedProjection(
        model=OWN,
        feature="colour_grid",
        fingerprint=base,
        collection=len(features),
        projection=fit("whiten", features, 16),
    )
    project(index, [fitted], list(index.ids()))
    keep(database, [fitted])


def all_rows(deployment: Deployment) -> dict[str, list[Row]]:
    """Return the catalog."""
    with deployment.database.transaction() as session:
        return {
            name: [row for part in rows(session, name) for row in part] for name in table_names()
        }


def _top_ten(deployment: Deployment, original: Deployment) -> dict[tuple[str, str], list[str]]:
    """Return the ten works nearest to every work of the original under every model."""
    works = list(original.index.ids())
    return {
        (model, str(work)): [
            str(hit.id)
            for hit in deployment.index.nearest(model, vector, wanted=Filter(), top=10, exact=True)
        ]
        for model in searchable_models(original.index.specs)
        for work, vector in original.index.vectors(model, works).items()
    }


def _thumbnails(deployment: Deployment) -> dict[str, bytes]:
    store = deployment.image_store
    return {sha256: store.thumbnail_path(sha256).read_bytes() for sha256 in store.hashes()}


def _files(deployment: Deployment) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in collection(deployment).files()}


def drift_of(deployment: Deployment) -> Drift:
    """Compare the catalog with index and thumbnails."""
    return find_drift(
        deployment.database, deployment.index, deployment.image_store, deployment.registry
    )


def assert_the_same(
    original: Deployment, moved: Deployment, *, but_for: frozenset[str] = frozenset()
) -> None:
    """Compare all that is moved, but for some tables of the catalog."""
    rows_there, rows_here = all_rows(moved), all_rows(original)
    assert all(rows_there[name] == rows_here[name] for name in table_names() if name not in but_for)
    assert dict(moved.index.specs) == dict(original.index.specs)
    assert _top_ten(moved, original) == _top_ten(original, original)
    assert _thumbnails(moved) == _thumbnails(original)
    before = {point.id: point for point in original.index.points(with_vectors=True)}
    after = {point.id: point for point in moved.index.points(with_vectors=True)}
    assert before.keys() == after.keys()
    for work, point in before.items():
        assert after[work].payload == point.payload
        assert after[work].vectors.keys() == point.vectors.keys()
        for name, vector in point.vectors.items():
            assert np.allclose(after[work].vectors[name], vector, atol=1e-6)
    moved.look_for_own_models()
    if not but_for:
        assert drift_of(moved) == drift_of(original)
    assert _files(moved) == _files(original)
    assert dict(moved.originals.notes()) == dict(original.originals.notes())


def catalog_is_empty(deployment: Deployment) -> bool:
    """Tell whether a collection's catalog is empty."""
    with deployment.database.transaction() as session:
        return not any(row_counts(session).values())


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
