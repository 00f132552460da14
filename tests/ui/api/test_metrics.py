"""What Prometheus is told, and the dashboard that shows it."""

import json
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client import generate_latest

from catalog import jobs
from catalog.models import JobState
from deployment import Deployment
from errors import VasariError
from ingest.progress import NullProgress
from tests.ui.api.asking import until_ready
from ui.api.application import Operations, application
from ui.worker_metrics import WorkerMetrics

DASHBOARD = Path(__file__).resolve().parents[3] / "deploy" / "grafana-dashboard.json"


def test_the_collection_is_counted_when_it_is_asked_for(client: TestClient) -> None:
    said = client.get("/metrics").text
    for line in (
        "vasari_up 1.0",
        'vasari_index_vectors{model="colour_grid"} 24.0',
        "vasari_works_waiting 0.0",
        'vasari_jobs{kind="ingest folder",state="done"} 1.0',
        'vasari_items_failed{kind="ingest folder"} 0.0',
        "vasari_questions_waiting 0.0",
    ):
        assert line in said.splitlines()


def test_a_collection_that_is_away_is_told_as_down(
    filled: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations = Operations(filled.settings, lambda: filled)
    with TestClient(application(operations)) as asking:
        assert "vasari_up 0.0" in asking.get("/metrics").text.splitlines()
        with operations.kept_open():
            until_ready(asking)

            def away() -> Deployment:
                raise VasariError("the database does not answer")

            monkeypatch.setattr(operations, "deployment", away)
            said = asking.get("/metrics").text.splitlines()
            assert "vasari_up 0.0" in said
            assert any(line.startswith("vasari_requests_total") for line in said)
            monkeypatch.undo()


def test_the_dashboard_shows_what_is_measured_and_all_of_it(client: TestClient) -> None:
    client.get("/api/models")
    client.get(f"/api/artworks/{client.get('/api/artworks').json()['artworks'][0]['id']}/similar")
    told = client.get("/metrics").text
    worker = WorkerMetrics("a job", NullProgress())
    worker.embedding(1, ["plain"])
    told += generate_latest(worker.registry).decode()
    measured = set(re.findall(r"^(vasari_\w+)", told, re.MULTILINE))
    dashboard = json.loads(DASHBOARD.read_text())
    shown = {
        name
        for panel in dashboard["panels"]
        for target in panel.get("targets", [])
        for name in re.findall(r"vasari_\w+", target["expr"])
    }
    assert shown <= measured
    bare = {re.sub("_(bucket|sum|count|created|total)$", "", name) for name in measured}
    assert bare == {re.sub("_(bucket|total)$", "", name) for name in shown}


def test_jobs_and_what_they_could_not_take_in_are_added_up(
    client: TestClient, filled: Deployment
) -> None:
    with filled.database.transaction() as session:
        for failed in (2, 3):
            job = jobs.start(session, kind="retry", arguments={})
            jobs.save_counts(session, job, failed=failed, state=JobState.FAILED)
    said = client.get("/metrics").text.splitlines()
    assert 'vasari_jobs{kind="retry",state="failed"} 2.0' in said
    assert 'vasari_items_failed{kind="retry"} 5.0' in said
