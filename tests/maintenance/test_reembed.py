"""A model's vectors made anew by other weights, while what is in use is searched."""

from datetime import UTC, datetime, tzinfo
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from catalog import jobs, models
from catalog.filters import Filter
from catalog.models import EmbeddingTask, TaskState
from catalog.projections import load_projection, save_projection
from deployment import Deployment
from embedders import Embedder
from ingest.interruption import Interruption
from ingest.job import ingest
from ingest.progress import NullProgress
from ingest.readers.folder import FolderReader
from maintenance.curation import edit
from maintenance.drift import find_drift
from maintenance.reembed import ReembedSummary, reembed
from maintenance.rollback import roll_back
from search.background import current_backgrounds
from search.index.contract import IndexFault
from settings import Settings
from tests.pictures import draw

pytestmark = pytest.mark.slow

MODEL = "colour_grid"
OTHER = "of other weights"


def _ingest(deployment: Deployment, folder: Path) -> dict[str, int]:
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    return dict(ingest(FolderReader(folder), deployment.ingest_context(embedders)).embedded)


def _give_other_weights(embedder: Embedder) -> None:
    """Make a model see all in another order, as other weights would."""
    real = embedder.embed_with_features
    real(embedder.prepare(draw(0))[None])  # loaded before it is given another fingerprint

    def reversed_rows(batch: Any) -> Any:
        return {name: np.ascontiguousarray(rows[:, ::-1]) for name, rows in real(batch).items()}

    embedder.embed_with_features = reversed_rows  # type: ignore[method-assign]
    embedder.fingerprint = OTHER


def _reembed(deployment: Deployment) -> ReembedSummary:
    return reembed(deployment.ingest_context([deployment.embedder(MODEL)]))


def _finds_itself(deployment: Deployment, pictures: Path, number: int = 0) -> float:
    """Return the cosine of a work with its own picture, as the models at hand see it."""
    embedder = deployment.embedder(MODEL)
    picture = embedder.prepare(draw(number))
    query = embedder.embed_with_features(picture[None])[MODEL][0]
    return deployment.index.nearest(MODEL, query, wanted=Filter(), top=1)[0].cosine


@pytest.fixture
def filled(deployment: Deployment, pictures: Path) -> Deployment:
    _ingest(deployment, pictures)
    return deployment


def test_a_running_reembedding_tells_another_terminal_how_far_it_is(
    filled: Deployment, pictures: Path
) -> None:
    told: list[jobs.JobFacts] = []

    class Onlooker(NullProgress):
        def finished(self, works: int, failed: int) -> None:
            with filled.database.transaction() as session:
                told.append(jobs.show(session, jobs.listing(session)[0].id))

    (pictures / "images" / "002.jpg").write_bytes(b"")
    _give_other_weights(filled.embedder(MODEL))
    summary = reembed(filled.ingest_context([filled.embedder(MODEL)]), Onlooker())
    assert (summary.works, summary.failed, summary.switched) == (23, 1, True)
    assert {job.seen for job in told} == {24}
    assert all(job.left == 24 - job.updated - job.failed for job in told)
    assert [job.updated for job in told][-1] == 23
    assert all(
        job.images_per_second and job.seconds_left is not None for job in told if job.updated
    )
    with filled.database.transaction() as session:
        ended = jobs.show(session, summary.job)
    assert (ended.seen, ended.updated, ended.failed, ended.left) == (24, 23, 1, None)
    (group,) = ended.failures
    assert (group.count, group.examples[0].item) == (1, "images/002.jpg")


def test_other_weights_replace_a_models_vectors_and_leave_the_others(
    filled: Deployment, pictures: Path
) -> None:
    ids = list(filled.index.ids())
    edges = filled.index.vectors("edge_grid", ids)
    _give_other_weights(filled.embedder(MODEL))
    summary = _reembed(filled)
    assert (summary.works, summary.embedded, summary.failed, summary.switched) == (24, 24, 0, True)
    assert filled.index.specs[MODEL].fingerprint == OTHER
    status = filled.index.status()
    assert {status.points, *(held.points for held in status.vectors.values())} == {24}
    again = filled.index.vectors("edge_grid", ids)
    assert all(np.allclose(edges[item], again[item], atol=1e-6) for item in ids)
    assert _finds_itself(filled, pictures) > 0.99
    # And an ingest with these weights has nothing more to do.
    assert _ingest(filled, pictures) == {"colour_grid": 0, "edge_grid": 0}


def test_a_rollback_puts_the_former_vectors_in_use_without_embedding(
    filled: Deployment, settings: Settings, pictures: Path
) -> None:
    before = filled.index.vectors(MODEL, list(filled.index.ids()))
    embedder = filled.embedder(MODEL)
    former = embedder.fingerprint
    _give_other_weights(embedder)
    _reembed(filled)
    draw(99).save(pictures / "images" / "003.jpg")
    _ingest(filled, pictures)
    assert roll_back(filled.ingest_context([])) == 1
    assert filled.index.specs[MODEL].fingerprint == former
    after = filled.index.vectors(MODEL, list(before))
    assert all(np.allclose(before[item], after[item], atol=1e-6) for item in before)
    filled.close()
    with Deployment(settings) as reopened:
        assert _ingest(reopened, pictures) == {"colour_grid": 1, "edge_grid": 1}


def test_who_began_with_the_former_weights_stays_with_the_former_projection(
    filled: Deployment,
) -> None:
    picture = filled.embedder(MODEL).prepare(draw(0))[None]
    visitor = filled.embedder("colour_grid_identity")
    before = visitor.embed_with_features(picture)
    with filled.database.transaction() as session:
        stored = load_projection(session, visitor.name)
        assert stored is not None
        save_projection(
            session,
            model=stored.model,
            fingerprint=OTHER,
            works=stored.works,
            collection=stored.collection,
            mean=stored.mean + 1,
            matrix=stored.matrix[:, ::-1],
        )
    after = visitor.embed_with_features(picture)
    assert np.allclose(before[visitor.name], after[visitor.name])


def test_a_model_can_be_added_beside_what_is_in_use(settings: Settings, pictures: Path) -> None:
    with Deployment(settings.model_copy(update={"models": ("edge_grid",)})) as deployment:
        _ingest(deployment, pictures)
        assert _reembed(deployment).embedded == 24
        points = {name: held.points for name, held in deployment.index.status().vectors.items()}
        assert points == dict.fromkeys(("colour_grid", "colour_grid_identity", "edge_grid"), 24)
        with pytest.raises(IndexFault, match="nothing to embed anew"):
            _reembed(deployment)


def test_what_was_added_changed_or_deleted_meanwhile_is_in_the_new_generation_too(
    filled: Deployment, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _give_other_weights(filled.embedder(MODEL))
    ids = list(filled.index.ids())
    gone, real = ids[-1], filled.index.next_generation

    def deleted_once_begun(specs: Any) -> Any:
        begun = real(specs)
        points = begun.upsert

        def upsert(given: Any) -> None:
            points(given)
            filled.index.delete([gone])

        monkeypatch.setattr(begun, "upsert", upsert)
        return begun

    monkeypatch.setattr(filled.index, "next_generation", deleted_once_begun)
    assert _reembed(filled).switched
    assert set(filled.index.ids()) == set(ids) - {gone}


def _set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Clock":
            return cls.fromtimestamp(moment.timestamp(), tz)

    monkeypatch.setattr(models, "datetime", Clock)


@pytest.mark.parametrize("clock", ["2026-01-01", "1969-07-20", "1901-12-01"])
def test_a_correction_made_after_the_clock_was_set_back_is_in_the_new_generation_too(
    filled: Deployment, monkeypatch: pytest.MonkeyPatch, clock: str
) -> None:
    _give_other_weights(filled.embedder(MODEL))
    work, real = next(filled.index.ids()), filled.index.next_generation

    def corrected_once_begun(specs: Any) -> Any:
        begun = real(specs)
        points = begun.upsert

        def upsert(given: Any) -> None:
            points(given)
            _set_clock(monkeypatch, datetime.fromisoformat(clock).replace(tzinfo=UTC))
            edit(filled.database, filled.index, work, {"genre": "set right"})

        monkeypatch.setattr(begun, "upsert", upsert)
        return begun

    monkeypatch.setattr(filled.index, "next_generation", corrected_once_begun)
    assert _reembed(filled).switched
    drift = find_drift(filled.database, filled.index, filled.image_store, filled.registry)
    assert drift.other_payloads == ()


def test_the_latest_job_is_the_one_begun_last_though_the_clock_was_set_back(
    filled: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set_clock(monkeypatch, datetime(1969, 7, 20, tzinfo=UTC))
    with filled.database.transaction() as session:
        begun = jobs.start(session, kind="ingest", arguments={})
        assert jobs.listing(session, limit=9)[0].id == begun


def test_an_interrupted_reembedding_changes_nothing_and_is_gone_on_with(
    filled: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = filled.embedder(MODEL).fingerprint
    _give_other_weights(filled.embedder(MODEL))

    class AfterTheFirstBatch(Interruption):
        def __init__(self) -> None:
            super().__init__()
            real = filled.index.vectors

            def request_afterwards(model: str, ids: Any) -> Any:
                self.requested = True
                return real(model, ids)

            monkeypatch.setattr(filled.index, "vectors", request_afterwards)

    monkeypatch.setattr("maintenance.reembed.Interruption", AfterTheFirstBatch)
    first = _reembed(filled)
    assert (first.embedded, first.switched) == (8, False)
    assert filled.index.specs[MODEL].fingerprint == former
    monkeypatch.undo()
    second = _reembed(filled)
    assert (second.embedded, second.works, second.switched) == (16, 24, True)
    with filled.database.transaction() as session:
        states = [job.state for job in jobs.listing(session) if job.kind == "reembed"]
    assert states == ["done", "interrupted"]


class Killed(BaseException):
    """Stands for a kill: nothing that Vasari does answers it."""


@pytest.mark.parametrize(
    "step",
    [
        "maintenance.reembed.mark_reembedded",
        "maintenance.reembed._Reembedding._switch_once",
        "search.index.edge.generations.Generations.sweep",
        "maintenance.reembed.keep",
        "maintenance.reembed.refresh_projections",
        "maintenance.reembed.refresh_backgrounds",
    ],
)
def test_a_reembedding_killed_at_its_end_is_completed_by_the_same_command(
    tiny_settings: Settings, pictures: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise Killed

    with Deployment(tiny_settings) as deployment:
        _ingest(deployment, pictures)
        _give_other_weights(deployment.embedder(MODEL))
        real = deployment.index.switch

        def switch() -> None:
            monkeypatch.setattr(step, killed)
            real()

        if "sweep" in step:
            monkeypatch.setattr(deployment.index, "switch", switch)
        else:
            monkeypatch.setattr(step, killed)
        monkeypatch.setattr("catalog.jobs.save_counts", lambda *_, **__: None)
        with pytest.raises(Killed):
            _reembed(deployment)
        monkeypatch.undo()
    with Deployment(tiny_settings) as deployment:
        _give_other_weights(deployment.embedder(MODEL))
        summary = _reembed(deployment)
        assert (summary.works, summary.failed, summary.switched) == (24, 0, True)
        assert deployment.index.specs[MODEL].fingerprint == OTHER
        assert set(current_backgrounds(deployment.database, deployment.index)) == {
            spec.model for spec in deployment.index.specs.values() if spec.role != "feature"
        }
        visitor = deployment.embedder("colour_grid_identity")
        query = visitor.embed_with_features(visitor.prepare(draw(0))[None])[visitor.name][0]
        hits = deployment.index.nearest(visitor.name, query, wanted=Filter(), top=1)
        assert hits[0].cosine > 0.99
        assert not find_drift(
            deployment.database, deployment.index, deployment.image_store, deployment.registry
        )
        with pytest.raises(IndexFault, match="nothing to embed anew"):
            _reembed(deployment)
        with deployment.database.transaction() as session:
            states = [job.state for job in jobs.listing(session) if job.kind == "reembed"]
        assert states[0] == "done"


def test_a_work_whose_picture_is_gone_stays_searchable_by_the_other_models(
    filled: Deployment, pictures: Path
) -> None:
    (pictures / "images" / "005.jpg").unlink()
    _give_other_weights(filled.embedder(MODEL))
    summary = _reembed(filled)
    assert (summary.failed, summary.switched) == (1, True)
    points = {name: held.points for name, held in filled.index.status().vectors.items()}
    assert (points["edge_grid"], points[MODEL]) == (24, 23)
    with filled.database.transaction() as session:
        failed = session.scalars(
            select(EmbeddingTask.model).where(EmbeddingTask.state == TaskState.FAILED)
        ).all()
    assert failed == [MODEL]


def test_too_many_failures_leave_the_former_vectors_in_use(
    filled: Deployment, pictures: Path
) -> None:
    former = filled.embedder(MODEL).fingerprint
    for number in range(5):
        (pictures / "images" / f"00{number}.jpg").unlink()
    _give_other_weights(filled.embedder(MODEL))
    with pytest.raises(IndexFault, match="5 of 24"):
        _reembed(filled)
    assert filled.index.specs[MODEL].fingerprint == former


def test_searches_go_on_while_a_model_is_made_anew_and_never_mix_two_generations(
    tiny_settings: Settings,
    qdrant_url: str,
    qdrant_alias: str,
    postgres_url: str,
    pictures: Path,
) -> None:
    served = tiny_settings.model_copy(
        update={
            "qdrant_url": qdrant_url,
            "qdrant_alias": qdrant_alias,
            "database_url": SecretStr(postgres_url),
        }
    )
    cosines: list[float] = []
    ended, searched = Event(), Event()
    faults: list[Exception] = []
    with Deployment(served) as visitor, Deployment(served) as curator:
        _ingest(curator, pictures)
        visitor.index.refresh()

        def search_on_and_on() -> None:
            number = 0
            while not ended.is_set():
                try:
                    cosines.append(_finds_itself(visitor, pictures, number % 24))
                except Exception as fault:
                    faults.append(fault)
                number += 1
                searched.set()

        visitor.embedder(MODEL)
        searching = Thread(target=search_on_and_on)
        searching.start()
        _give_other_weights(curator.embedder(MODEL))
        assert _reembed(curator).switched
        searched.clear()
        before = len(cosines)
        assert searched.wait(10)  # and after the switch
        ended.set()
        searching.join()
        assert faults == []
        assert before > 5
        # The weights that the visitor has at hand, asked of vectors by others, would find less.
        assert min(cosines) > 0.99
        assert _finds_itself(curator, pictures) > 0.99
