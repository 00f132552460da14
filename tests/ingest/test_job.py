"""The job loop, embedded and served: what goes in once, again, changed and broken."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from catalog import jobs
from catalog.artworks import list_artworks
from catalog.filters import Filter
from catalog.models import EmbeddingTask, ImageState, Job, JobState, TaskState, now
from deployment import Deployment
from ingest import job as job_loop
from ingest.interruption import Interruption
from ingest.job import ingest, retry
from ingest.progress import NullProgress
from ingest.readers.folder import FolderReader
from ingest.summary import JobSummary
from search.index.contract import FingerprintMismatch
from settings import Settings
from tests.hostile_images import write_hostile_folder
from tests.pictures import draw, facts, write_table


def _ingest(deployment: Deployment, folder: Path) -> JobSummary:
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    return ingest(FolderReader(folder), deployment.ingest_context(embedders))


def _counts(summary: JobSummary) -> tuple[int, int, int, int, int]:
    return summary.seen, summary.added, summary.updated, summary.unchanged, summary.failed


@pytest.mark.slow
def test_a_folder_goes_in_with_every_model_in_one_pass(
    deployment: Deployment, pictures: Path
) -> None:
    summary = _ingest(deployment, pictures)
    assert _counts(summary) == (24, 24, 0, 0, 0)
    assert summary.embedded == {"colour_grid": 24, "edge_grid": 24}
    status = deployment.index.status()
    assert status.points == 24
    assert {vector.points for vector in status.vectors.values()} == {24}
    with deployment.database.transaction() as session:
        page = list_artworks(session, Filter())
    for artwork in page.artworks:
        assert artwork.image_state == ImageState.READY
        assert (artwork.image_width, artwork.image_height) == (160, 120)
        assert deployment.image_store.thumbnail_path(artwork.image_sha256 or "").exists()


@pytest.mark.slow
def test_the_same_folder_again_embeds_nothing(deployment: Deployment, pictures: Path) -> None:
    _ingest(deployment, pictures)
    again = _ingest(deployment, pictures)
    assert _counts(again) == (24, 0, 0, 24, 0)
    assert again.embedded == {"colour_grid": 0, "edge_grid": 0}


@pytest.mark.slow
def test_a_touched_image_is_not_embedded_and_a_changed_one_is(
    deployment: Deployment, pictures: Path
) -> None:
    _ingest(deployment, pictures)
    (pictures / "images" / "003.jpg").touch()
    draw(777).save(pictures / "images" / "004.jpg")
    again = _ingest(deployment, pictures)
    assert _counts(again) == (24, 0, 1, 23, 0)
    assert again.embedded == {"colour_grid": 1, "edge_grid": 1}


@pytest.mark.slow
def test_changed_metadata_reaches_the_index_without_embedding(
    deployment: Deployment, pictures: Path
) -> None:
    _ingest(deployment, pictures)
    rows = [facts(number) for number in range(24)]
    rows[5]["artist"] = "Someone Else"
    write_table(pictures / "works.csv", rows)
    again = _ingest(deployment, pictures)
    assert _counts(again) == (24, 0, 1, 23, 0)
    assert sum(again.embedded.values()) == 0
    embedder = deployment.embedder("colour_grid")
    query = embedder.embed([pictures / rows[5]["file"]])[0]
    found = deployment.index.nearest(
        "colour_grid", query, wanted=Filter(artist=("Someone Else",)), top=5
    )
    assert len(found) == 1


@pytest.mark.slow
def test_a_model_added_later_embeds_only_itself(settings: Settings, pictures: Path) -> None:
    first = settings.model_copy(update={"models": ("colour_grid",)})
    with Deployment(first) as deployment:
        assert _ingest(deployment, pictures).embedded == {"colour_grid": 24}
    with Deployment(settings) as deployment:
        assert _ingest(deployment, pictures).embedded == {"colour_grid": 0, "edge_grid": 24}
        points = {n: v.points for n, v in deployment.index.status().vectors.items()}
        assert points == dict.fromkeys(("colour_grid", "colour_grid_identity", "edge_grid"), 24)


@pytest.mark.slow
def test_an_index_that_was_lost_is_filled_again(tiny_settings: Settings, pictures: Path) -> None:
    with Deployment(tiny_settings) as deployment:
        _ingest(deployment, pictures)
    shutil.rmtree(tiny_settings.home / "index")
    with Deployment(tiny_settings) as deployment:
        assert _ingest(deployment, pictures).embedded == {"colour_grid": 24, "edge_grid": 24}
        assert deployment.index.status().points == 24


@pytest.mark.slow
def test_hostile_files_are_failures_with_reasons_and_the_rest_is_found(
    deployment: Deployment, tmp_path: Path
) -> None:
    expected = write_hostile_folder(tmp_path / "hostile")
    summary = _ingest(deployment, tmp_path / "hostile")
    assert summary.failed == len(expected.failing)
    assert summary.added == len(expected.good)
    with deployment.database.transaction() as session:
        groups = jobs.failure_groups(session, summary.job, examples=20)
        reasons = {
            example.item: (group.stage, group.reason)
            for group in groups
            for example in group.examples
        }
        ready = list_artworks(session, Filter(), state=ImageState.READY)
    assert reasons == expected.failing
    assert {artwork.file for artwork in ready.artworks} == set(expected.good)
    embedder = deployment.embedder("colour_grid")
    ids = {artwork.file: artwork.id for artwork in ready.artworks}
    for file in expected.good:
        query = embedder.embed([tmp_path / "hostile" / file])[0]
        found = deployment.index.nearest("colour_grid", query, wanted=Filter(), top=2)
        near = {hit.id for hit in found if hit.cosine > 0.9999}
        assert ids[file] in near, file


@pytest.mark.slow
def test_a_failure_is_tried_again_by_retry_and_by_the_next_ingest(
    deployment: Deployment, pictures: Path
) -> None:
    good = (pictures / "images" / "002.jpg").read_bytes()
    (pictures / "images" / "002.jpg").write_bytes(good[:500])
    (pictures / "images" / "007.jpg").unlink()
    first = _ingest(deployment, pictures)
    assert _counts(first) == (24, 22, 0, 0, 2)
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    context = deployment.ingest_context(embedders)

    (pictures / "images" / "002.jpg").write_bytes(good)
    second = retry(context, job_id=first.job, stage="decode")
    assert _counts(second) == (1, 1, 0, 0, 0)

    draw(7).save(pictures / "images" / "007.jpg")
    third = _ingest(deployment, pictures)
    assert _counts(third) == (24, 1, 0, 23, 0)
    assert deployment.index.status().points == 24


@pytest.mark.slow
def test_an_image_that_breaks_later_leaves_the_work_searchable_by_its_former_image(
    deployment: Deployment, pictures: Path
) -> None:
    _ingest(deployment, pictures)
    (pictures / "images" / "001.jpg").write_bytes(b"")
    again = _ingest(deployment, pictures)
    assert _counts(again) == (24, 0, 0, 23, 1)
    assert deployment.index.status().points == 24
    with deployment.database.transaction() as session:
        assert list_artworks(session, Filter(), state=ImageState.READY).total == 24


@pytest.mark.slow
def test_equal_images_are_two_works(deployment: Deployment, pictures: Path) -> None:
    shutil.copy(pictures / "images" / "000.jpg", pictures / "images" / "001.jpg")
    _ingest(deployment, pictures)
    query = deployment.embedder("colour_grid").embed([pictures / "images" / "000.jpg"])[0]
    found = deployment.index.nearest("colour_grid", query, wanted=Filter(), top=3)
    assert [hit.cosine > 0.9999 for hit in found] == [True, True, False]


@pytest.mark.slow
def test_a_job_that_breaks_says_so_and_the_next_one_finishes_its_work(
    deployment: Deployment, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No real engine fails on command after the second batch.
    real, calls = deployment.index.upsert, []

    def failing(points: list[object]) -> None:
        calls.append(len(points))
        if len(calls) == 2:
            raise OSError("disk full")
        real(points)  # type: ignore[arg-type]

    monkeypatch.setattr(deployment.index, "upsert", failing)
    with pytest.raises(OSError, match="disk full"):
        _ingest(deployment, pictures)
    with deployment.database.transaction() as session:
        (broken,) = jobs.listing(session)
        claimed = session.scalar(
            select(func.count()).where(EmbeddingTask.state == TaskState.CLAIMED)
        )
    assert broken.state == JobState.FAILED
    assert "disk full" in (broken.error or "")
    assert claimed == 0
    again = _ingest(deployment, pictures)
    assert again.embedded["colour_grid"] == 16
    assert deployment.index.status().points == 24


@pytest.mark.slow
def test_other_weights_are_refused_before_anything_is_written(
    deployment: Deployment, pictures: Path
) -> None:
    _ingest(deployment, pictures)
    embedder = deployment.embedder("colour_grid")
    embedder.fingerprint = "of other weights"
    with pytest.raises(FingerprintMismatch, match="of other weights"):
        ingest(FolderReader(pictures), deployment.ingest_context([embedder]))
    with deployment.database.transaction() as session:
        assert len(jobs.listing(session)) == 1


@pytest.mark.slow
def test_an_interrupted_job_finishes_its_batch_and_is_resumed(
    deployment: Deployment, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class AfterTheFirstBatch(Interruption):
        def __init__(self) -> None:
            super().__init__()
            upsert = deployment.index.upsert

            def request_afterwards(points: list[object]) -> None:
                upsert(points)  # type: ignore[arg-type]
                self.requested = True

            monkeypatch.setattr(deployment.index, "upsert", request_afterwards)

    monkeypatch.setattr(job_loop, "Interruption", AfterTheFirstBatch)
    summary = _ingest(deployment, pictures)
    assert summary.interrupted
    # The batch in hand and the one being decoded are finished; the third is left.
    assert summary.embedded["colour_grid"] in (8, 16)
    # What is left has not been found unchanged.
    assert _counts(summary) == (24, summary.embedded["colour_grid"], 0, 0, 0)
    assert summary.left == 24 - summary.added
    monkeypatch.undo()
    again = _ingest(deployment, pictures)
    assert again.embedded["colour_grid"] == 24 - summary.embedded["colour_grid"]
    with deployment.database.transaction() as session:
        states = session.scalars(select(Job.state).order_by(Job.started_at)).all()
    assert states == [JobState.INTERRUPTED, JobState.DONE]


@pytest.mark.slow
def test_what_a_worker_of_another_machine_holds_is_left_and_said(
    deployment: Deployment, pictures: Path
) -> None:
    _ingest(deployment, pictures)
    with deployment.database.transaction() as session:
        held = session.scalars(select(EmbeddingTask).limit(2)).all()
        for task in held:
            task.state = TaskState.CLAIMED
            task.claimed_by = "another-machine:1"
            task.lease_expires_at = now() + timedelta(minutes=5)
    assert _ingest(deployment, pictures).left == len({task.artwork_id for task in held})
    with deployment.database.transaction() as session:
        session.execute(update(EmbeddingTask).values(lease_expires_at=now() - timedelta(minutes=5)))
    assert _ingest(deployment, pictures).left == 0


@pytest.mark.slow
def test_one_picture_without_an_embedding_does_not_take_its_batch_along(
    deployment: Deployment, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = deployment.embedder("colour_grid")
    target = embedder.prepare(draw(3))
    real = type(embedder).embed_with_features

    def without_the_third(self: object, batch: object) -> object:
        if any(abs(picture.astype(int) - target).mean() < 3 for picture in batch):  # type: ignore[attr-defined]
            raise ValueError("zero output for rows 3")
        return real(self, batch)  # type: ignore[arg-type]

    monkeypatch.setattr(type(embedder), "embed_with_features", without_the_third)
    summary = ingest(FolderReader(pictures), deployment.ingest_context([embedder]))
    assert _counts(summary) == (24, 23, 0, 0, 1)
    assert [(group.stage, group.count) for group in summary.failures] == [("embed", 1)]


def test_a_retry_of_no_such_job_is_refused(deployment: Deployment) -> None:
    context = deployment.ingest_context([deployment.embedder("colour_grid")])
    with pytest.raises(jobs.UnknownJob, match="jobs list"):
        retry(context, job_id="nonsense")


@pytest.mark.slow
def test_a_job_keeps_its_counts_in_the_book(deployment: Deployment, pictures: Path) -> None:
    summary = _ingest(deployment, pictures)
    with deployment.database.transaction() as session:
        job = jobs.show(session, summary.job)
    assert (job.kind, job.state, job.seen, job.added) == ("ingest folder", "done", 24, 24)
    assert job.embedded == summary.embedded
    assert job.ended_at is not None
    assert job.ended_at >= job.started_at


@pytest.mark.slow
def test_a_running_job_tells_another_terminal_how_much_is_left_and_how_fast_it_goes(
    deployment: Deployment, pictures: Path
) -> None:
    told: list[jobs.JobFacts] = []

    class Onlooker(NullProgress):
        def finished(self, works: int, failed: int) -> None:
            if not works:
                return
            with deployment.database.transaction() as session:
                told.append(jobs.show(session, jobs.listing(session)[0].id))

    (pictures / "images" / "002.jpg").write_bytes(b"")
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    ingest(FolderReader(pictures), deployment.ingest_context(embedders), Onlooker())
    assert [job.left for job in told] == [16, 8, 0]
    assert [job.seen - (job.left or 0) - job.failed for job in told] == [
        job.embedded["colour_grid"] for job in told
    ]
    assert all(job.images_per_second and job.seconds_left is not None for job in told)
    (group,) = told[-1].failures
    assert (group.count, group.examples[0].item) == (1, "images/002.jpg")
    with deployment.database.transaction() as session:
        ended = jobs.show(session, told[-1].id)
    assert ended.left is None
