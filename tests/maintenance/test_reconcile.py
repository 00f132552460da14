"""Drift between catalog, index and thumbnails: exactly what is planted is found, and repaired."""

import os
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
from PIL import Image

from catalog.artworks import ArtworkFacts, list_artworks
from catalog.filters import Filter
from deployment import Deployment
from embedders import Embedder, WeightsUnavailable
from evaluation.index_recall import IndexCheck, check_index
from ingest.image_store import ImageStore, is_as_written
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from maintenance.drift import Drift, find_drift
from maintenance.reconcile import Repair, repair
from search.index.contract import IndexPoint
from settings import Settings
from tests.conftest import TINY_MODELS
from tests.pictures import draw


@pytest.fixture
def works(deployment: Deployment, pictures: Path) -> tuple[ArtworkFacts, ...]:
    """The works of a collection in which nothing has drifted."""
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    ingest(FolderReader(pictures), deployment.ingest_context(embedders))
    with deployment.database.transaction() as session:
        return list_artworks(session, Filter()).artworks


def _find(deployment: Deployment) -> Drift:
    return find_drift(
        deployment.database, deployment.index, deployment.image_store, deployment.registry
    )


def _repair(deployment: Deployment, drift: Drift) -> Repair:
    return repair(drift, deployment.ingest_context([]), deployment.embedder)


def _thumbnail(deployment: Deployment, work: ArtworkFacts) -> Path:
    return deployment.image_store.thumbnail_path(work.image_sha256 or "")


def _orphan(deployment: Deployment, sha256: str) -> Path:
    path = deployment.image_store.thumbnail_path(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"a picture of nothing that is known")
    return path


def _without_model(deployment: Deployment, work: ArtworkFacts, model: str) -> None:
    """Write a work's point again, without its vector under one model."""
    kept = {
        name: deployment.index.vectors(name, [work.id])[work.id]
        for name in deployment.index.specs
        if name != model
    }
    deployment.index.delete([work.id])
    deployment.index.upsert([IndexPoint(id=work.id, vectors=kept, payload=work.payload())])


@pytest.mark.slow
def test_a_fresh_collection_has_no_drift(
    deployment: Deployment, works: tuple[ArtworkFacts, ...]
) -> None:
    drift = _find(deployment)
    assert not drift
    assert (drift.works, drift.points, drift.thumbnails) == (24, 24, 24)


@pytest.mark.slow
def test_the_drift_that_was_planted_is_found_exactly_and_repaired_wholly(
    deployment: Deployment, works: tuple[ArtworkFacts, ...]
) -> None:
    index = deployment.index
    before = {
        model: index.vectors(model, [work.id for work in works])
        for model in deployment.settings.models
    }
    lost = sorted(work.id for work in works[:3])
    index.delete(lost)
    orphaned_point = uuid4()
    vectors = {model: before[model][works[5].id] for model in before}
    index.upsert([IndexPoint(id=orphaned_point, vectors=vectors, payload={"source": "nowhere"})])
    index.set_payload({works[6].id: {"artist": "Somebody Else"}})
    _without_model(deployment, works[7], "edge_grid")
    _thumbnail(deployment, works[8]).unlink()
    orphan = _orphan(deployment, "ab" * 32)
    os.utime(orphan, (0, 0))
    fresh = _orphan(deployment, "cd" * 32)

    drift = _find(deployment)
    assert drift.missing_points == tuple(lost)
    assert drift.orphaned_points == (orphaned_point,)
    assert drift.other_payloads == (works[6].id,)
    assert drift.missing_vectors == {"edge_grid": (works[7].id,)}
    assert drift.missing_thumbnails == {works[8].image_sha256: works[8].id}
    assert drift.orphaned_thumbnails == ("ab" * 32,)

    done = _repair(deployment, drift)
    assert (done.queued, done.deleted_points, done.rewritten_payloads) == (4, 1, 1)
    assert (done.remade_thumbnails, done.deleted_thumbnails) == (1, 1)
    assert done.job is not None
    assert done.job.embedded == {"colour_grid": 3, "edge_grid": 4}
    assert not _find(deployment)
    assert not orphan.exists()
    assert fresh.exists(), "an ingest that is at work may just have made it"
    assert index.status().points == 24
    for model, former in before.items():
        after = index.vectors(model, list(former))
        assert all(np.allclose(after[work], vector, atol=1e-5) for work, vector in former.items())


@pytest.mark.slow
def test_a_work_whose_image_is_gone_stays_reported_and_is_a_failure_of_the_job(
    deployment: Deployment, works: tuple[ArtworkFacts, ...]
) -> None:
    deployment.index.delete([works[0].id])
    _thumbnail(deployment, works[1]).unlink()
    for work in works[:2]:
        Path(work.image_location).unlink()

    done = _repair(deployment, _find(deployment))
    assert done.queued == 2
    assert done.job is not None
    assert done.job.failed == 2
    left = _find(deployment)
    assert left.missing_thumbnails == {works[1].image_sha256: works[1].id}
    assert left.counts() == dict.fromkeys(left.counts(), 0) | {"missing_thumbnails": 1}
    assert deployment.index.held([works[0].id]) == set()


@pytest.mark.slow
def test_works_wait_in_the_queue_for_a_model_that_is_not_at_hand(
    deployment: Deployment, works: tuple[ArtworkFacts, ...]
) -> None:
    def only_colour(name: str) -> Embedder:
        if name == "edge_grid":
            raise WeightsUnavailable(
                name, [("museum", "lent to another")], deployment.settings.home
            )
        return deployment.embedder(name)

    deployment.index.delete([works[0].id])
    done = repair(_find(deployment), deployment.ingest_context([]), only_colour)
    assert "lent to another" in done.unavailable["edge_grid"]
    assert done.job is not None
    assert done.job.embedded == {"colour_grid": 1}
    assert deployment.index.held([works[0].id], model="colour_grid") == {works[0].id}

    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    folder = Path(works[0].image_location).parents[1]
    again = ingest(FolderReader(folder), deployment.ingest_context(embedders))
    assert again.embedded == {"colour_grid": 0, "edge_grid": 1}
    assert not _find(deployment)


@pytest.mark.slow
def test_an_index_that_was_lost_is_made_again(
    deployment: Deployment, works: tuple[ArtworkFacts, ...]
) -> None:
    deployment.index.delete([work.id for work in works])
    drift = _find(deployment)
    assert set(drift.missing_points) == {work.id for work in works}
    _repair(deployment, drift)
    assert not _find(deployment)
    assert _nearest(deployment, works[0].id) == works[0].id


@pytest.mark.slow
def test_damage_at_rest_is_found_and_what_it_reached_is_embedded_again(
    tiny_settings: Settings, pictures: Path
) -> None:
    with Deployment(tiny_settings) as deployment:
        embedders = [deployment.embedder(name) for name in TINY_MODELS]
        ingest(FolderReader(pictures), deployment.ingest_context(embedders))
        works = list(deployment.index.ids())
        before = {model: deployment.index.vectors(model, works) for model in TINY_MODELS}
    for path in tiny_settings.home.rglob("vector_storage-edge_grid/vectors/chunk_0.mmap"):
        with path.open("rb+") as file:
            file.seek(400)
            file.write(b"\x01\x02")
    with Deployment(tiny_settings) as deployment:
        assert any("--fix" in said for said in _check(deployment).warnings)
        drift = _find(deployment)
        assert drift
        assert [name.split("/")[-1] for name in drift.damaged_files] == ["chunk_0.mmap"]
        done = _repair(deployment, drift)
        assert done.replaced_files == 1
        assert done.job is not None
        assert done.job.embedded == {"edge_grid": 24}
        assert not _find(deployment)
        for model, former in before.items():
            after = deployment.index.vectors(model, works)
            assert all(np.allclose(after[work], former[work], atol=1e-6) for work in works)
    with Deployment(tiny_settings) as deployment:
        assert not _find(deployment)


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["flipped", "cut", "emptied", "zeroed", "longer"])
def test_a_damaged_thumbnail_is_found_and_made_again(
    tiny_settings: Settings, pictures: Path, damage: str
) -> None:
    with Deployment(tiny_settings) as deployment:
        ingest(
            FolderReader(pictures), deployment.ingest_context([deployment.embedder("edge_grid")])
        )
        store = deployment.image_store
        sha256 = next(store.hashes())
        path = store.thumbnail_path(sha256)
        whole = path.read_bytes()
        middle = len(whole) // 2
        path.write_bytes(
            {
                "flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
                "cut": whole[:-1],
                "emptied": b"",
                "zeroed": bytes(len(whole)),
                "longer": whole + b"!",
            }[damage]
        )
        drift = _find(deployment)
        assert list(drift.damaged_thumbnails) == [sha256]
        assert _repair(deployment, drift).remade_thumbnails == 1
        assert path.read_bytes() == whole
        assert not _find(deployment)


def test_a_thumbnail_that_was_never_signed_is_taken_for_whole(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    path = store.save_thumbnail("ab" * 32, draw(1))
    with Image.open(path) as signed:
        assert signed.size == (160, 120)
        signed.save(tmp_path / "plain.jpg", comment=b"", quality=90)
    path.write_bytes((tmp_path / "plain.jpg").read_bytes())
    assert is_as_written(store.read("ab" * 32) or b"")
    path.write_bytes(path.read_bytes()[:300])
    assert not is_as_written(store.read("ab" * 32) or b"")
    assert store.read("cd" * 32) is None


def _check(deployment: Deployment) -> IndexCheck:
    return check_index(deployment.index, deployment.database, queries=3)


def _nearest(deployment: Deployment, work: UUID) -> UUID:
    query = deployment.index.vectors("colour_grid", [work])[work]
    found = deployment.index.nearest("colour_grid", query, wanted=Filter(), top=1)
    return found[0].id
