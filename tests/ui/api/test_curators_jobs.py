"""Jobs that curators start: how many at once, and how one is started again."""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import psutil  # type: ignore[import-untyped]
import pytest
from fastapi.testclient import TestClient

from deployment import Deployment
from settings import Settings
from tests.pictures import make_folder
from tests.ui.api.asking import refused
from ui.api.application import Operations, application
from ui.api.keys import Role, make_key
from ui.curating import job_runner
from ui.curating.changes import Changes, NotStartedHere
from ui.curating.job_requests import IngestJob, RetryJob
from ui.curating.job_runner import JobRunner, Run, UnknownRun


@pytest.mark.slow
def test_only_so_many_jobs_run_or_wait(tiny_settings: Settings) -> None:
    key, entry = make_key("registrar", Role.CURATOR)
    settings = tiny_settings.model_copy(update={"api_keys": (str(entry),), "curator_jobs": 1})
    asked = {"kind": "reconcile"}
    with Deployment(settings, serves=True) as deployment:
        operations = Operations(settings, lambda: deployment)
        with operations.kept_open():
            client = TestClient(application(operations), headers={"Authorization": f"Bearer {key}"})
            job = client.post("/api/jobs", json=asked).json()
            assert (job["kind"], job["state"]) == ("reconcile", "starting")
            answer = client.post("/api/jobs", json={"kind": "retry"})
            refused(answer, 429, "too-many-jobs")
            assert int(answer.headers["retry-after"]) > 0
            while not operations.runner.run(job["job"]).is_over:
                time.sleep(0.1)
            again = client.post("/api/jobs", json={"kind": "retry"})
            assert (again.status_code, again.json()["kind"]) == (202, "retry")


def test_jobs_that_ended_long_ago_keep_no_file_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ending(JobRunner):
        """Its jobs say their number and end."""

        def _process(
            self, arguments: Sequence[str], *, stdout: IO[bytes], job: str
        ) -> "subprocess.Popen[bytes]":
            process = subprocess.Popen(["echo", *arguments], stdout=stdout)
            process.wait()
            return process

    monkeypatch.setattr(job_runner, "REMEMBERED", 2)
    runner = Ending(tmp_path, most=1)
    first = runner.start(["1"])
    opened = psutil.Process().num_fds()
    for number in range(2, 9):
        runner.start([str(number)])
    assert [run.result for run in runner.runs()] == [8, 7, 6]
    assert psutil.Process().num_fds() <= opened + 2
    with pytest.raises(UnknownRun):
        runner.run(first.id)


def test_an_ingest_is_started_again_as_it_was_asked_for(
    tiny_settings: Settings, tmp_path: Path
) -> None:
    class Recorder(JobRunner):
        def start(self, arguments: Sequence[str]) -> Run:
            commands.append(list(arguments))
            return Run(id=f"job-{len(commands)}", arguments=tuple(arguments), is_over=False)

    commands: list[list[str]] = []
    folder = make_folder(tmp_path / "north", 1)
    settings = tiny_settings.model_copy(update={"ingest_folders": (tmp_path,)})
    job = IngestJob(source="folder", options={"folder": str(folder)}, limit=7)
    with Deployment(settings, serves=True) as deployment:
        changes, runner = Changes(deployment, "Ada"), Recorder(tmp_path, most=1)
        changes.log("cancel", job=changes.start(job, runner).id)
        changes.start(RetryJob(), runner)
        changes.resume("job-1", runner)
        assert commands[2] == commands[0]
        with pytest.raises(NotStartedHere):
            changes.resume("job-2", runner)
        with pytest.raises(NotStartedHere):
            changes.resume("job-9", runner)
