"""What is tried again by itself, and what only a curator has tried again."""

from pathlib import Path

import pytest

from catalog import jobs
from deployment import Deployment
from ingest.job import ingest, retry
from ingest.permanent_failures import PERMANENT_REASONS, is_permanent, last_error, stage_and_reason
from ingest.readers.folder import FolderReader
from ingest.summary import JobSummary
from settings import Settings
from tests.pictures import draw


def _ingest(deployment: Deployment, folder: Path) -> JobSummary:
    models = [deployment.embedder(name) for name in deployment.settings.models]
    return ingest(FolderReader(folder), deployment.ingest_context(models))


def _attempts(deployment: Deployment, summary: JobSummary) -> list[tuple[str, str, str]]:
    with deployment.database.transaction() as session:
        groups = jobs.failure_groups(session, summary.job)
    return [
        (group.reason, example.item, example.detail)
        for group in groups
        for example in group.examples
    ]


@pytest.mark.slow
def test_a_failure_that_lasts_is_passed_over_listed_and_tried_once_the_file_is_another(
    tiny_settings: Settings, pictures: Path
) -> None:
    broken = pictures / "images" / "002.jpg"
    broken.write_text("Dear museum, please find attached")
    with Deployment(tiny_settings) as deployment:
        [(reason, item, tried)] = _attempts(deployment, _ingest(deployment, pictures))
        assert (reason, item) == ("not an image", "images/002.jpg")
        again = _ingest(deployment, pictures)
        assert (again.unchanged, again.failed) == (23, 1)
        [(reason, item, passed_over)] = _attempts(deployment, again)
        assert (reason, item) == ("not an image", "images/002.jpg")
        assert "jobs retry" in passed_over

        models = [deployment.embedder(name) for name in deployment.settings.models]
        retried = retry(deployment.ingest_context(models), job_id=again.job)
        assert [(reason, item, tried)] == _attempts(deployment, retried)

        draw(2).save(broken)
        assert _ingest(deployment, pictures).added == 1


def test_what_a_task_remembers_tells_its_stage_and_reason() -> None:
    for stage, reason in PERMANENT_REASONS:
        remembered = last_error(stage, reason)
        assert stage_and_reason(remembered) == (stage, reason)
        assert is_permanent(remembered)
    assert not is_permanent("fetch: timed out")
    assert not is_permanent(None)
