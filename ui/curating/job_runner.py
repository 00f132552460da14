"""Jobs that curators start: each is a command in a process of its own, beside the server's.

So a job takes no time of those who search, ends for itself, and leaves in the job log what a
command at a shell leaves there. Commands that write to an embedded collection wait for one another.
"""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from time import monotonic
from typing import IO, Any

from catalog.jobs import new_job_id
from errors import VasariError
from redaction import redact

ENDING_SECONDS = 30.0
"""For all jobs to end their batches, when the server ends."""

DRY_RUN_SECONDS = 300.0

REMEMBERED = 200
"""Jobs that have ended and are still told of; each keeps a file open, and a process has but few."""

_log = logging.getLogger(__name__)

_KINDS = {"jobs": "retry", "index": "index-check"}
"""What jobs are called that are commands of two words."""


class UnknownRun(VasariError):
    """No job of this server has this id."""

    is_for_visitors = True


class TooManyJobs(VasariError):
    """As many jobs run or wait as the settings allow."""

    is_for_visitors = True


class DryRunFailed(VasariError):
    """A source cannot be read; the message says why."""

    is_for_visitors = True


@dataclass(frozen=True, kw_only=True)
class Run:
    """A job that this server has started.

    Args:
        arguments: of the command.
        is_over: whether its process has ended.
        is_cancelled: whether it was asked to end.
        error: what the command said when it failed.
        result: its JSON document, once it has succeeded.
    """

    id: str
    arguments: tuple[str, ...]
    is_over: bool
    is_cancelled: bool = False
    error: str | None = None
    result: Any = None

    @property
    def kind(self) -> str:
        """What it does, as whoever asked for it calls it."""
        return _KINDS.get(self.arguments[0], self.arguments[0])

    def document(self) -> dict[str, Any]:
        """Return the job as far as the job log does not know it: before it begins, or without."""
        state = "starting" if not self.is_over else "failed" if self.error else "done"
        return {
            "job": self.id,
            "kind": self.kind,
            "state": state,
            "error": self.error,
            "result": self.result,
        }


@dataclass
class _Started:
    arguments: tuple[str, ...]
    process: subprocess.Popen[bytes]
    said: IO[bytes]
    is_cancelled: bool = False

    @property
    def is_over(self) -> bool:
        return self.process.poll() is not None


class JobRunner:
    """Starts and cancels jobs on one collection.

    Args:
        home: of the collection.
        env_file: a file of settings that the server was given.
        most: jobs that run, or wait for one another, at once.
    """

    def __init__(self, home: Path, *, env_file: Path | None = None, most: int) -> None:
        self._most = most
        self._before = ["--home", str(home)]
        if env_file is not None:
            self._before += ["--env-file", str(env_file)]
        self._started: dict[str, _Started] = {}
        self._lock = Lock()

    def start(self, arguments: Sequence[str]) -> Run:
        """Start a command, and return at once.

        Args:
            arguments: of ``vasari``, without its name; they ask for JSON.

        Raises:
            TooManyJobs: others have to end first.
        """
        job = new_job_id()
        with self._lock:
            # Asks after each, or those that have ended, and nobody asks after, stay zombies.
            running = sum(not earlier.is_over for earlier in list(self._started.values()))
            if running >= self._most:
                raise TooManyJobs(
                    f"{running} jobs run or wait already; cancel one, or try again when one is done"
                )
            self._forget()
            said = TemporaryFile()  # noqa: SIM115 - read as long as the job is remembered
            process = self._process(arguments, stdout=said, job=job)
            self._started[job] = _Started(tuple(arguments), process, said)
        return self.run(job)

    def runs(self) -> list[Run]:
        """Return all jobs that this server has started, the latest first."""
        with self._lock:
            return [_run(job, self._started[job]) for job in reversed(self._started)]

    def run(self, job: str) -> Run:
        """Return a job that this server has started.

        Raises:
            UnknownRun: it has started none of this id, or long ago.
        """
        with self._lock:
            return _run(job, self._find(job))

    def cancel(self, job: str) -> None:
        """Ask a job to end with the batch that it is at; what is done is kept.

        Whoever asks again changes nothing: a second Ctrl-C would end it in the midst of the batch.

        Raises:
            UnknownRun: this server has started none of this id.
        """
        with self._lock:
            started = self._find(job)
            asked_before, started.is_cancelled = started.is_cancelled, True
        if not asked_before and not started.is_over:
            started.process.send_signal(signal.SIGINT)

    def dry_run(self, arguments: Sequence[str]) -> Any:
        """Return the document of a command that only looks.

        Raises:
            DryRunFailed: it cannot, or takes too long.
        """
        with TemporaryFile() as said:
            process = self._process([*arguments], stdout=said, job=new_job_id())
            try:
                code = process.wait(DRY_RUN_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise DryRunFailed("the source takes too long to read; try a part of it") from None
            document = _document(said)
            if code:
                raise DryRunFailed(_error(document, code))
            return document

    def close(self) -> None:
        """Have all jobs end with the batch that they are at."""
        with self._lock:
            running = {
                job: started.process
                for job, started in self._started.items()
                if not started.is_over
            }
        if running:
            _log.warning(
                "Ending %s with the work in hand, for up to %.0f seconds; what is done is kept.",
                "a job" if len(running) == 1 else f"{len(running)} jobs",
                ENDING_SECONDS,
            )
        for job in running:
            self.cancel(job)
        latest = monotonic() + ENDING_SECONDS
        for process in running.values():
            try:
                process.wait(max(0.0, latest - monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()

    def _find(self, job: str) -> _Started:
        found = self._started.get(job)
        if found is None:
            raise UnknownRun(f"this server has started no job {job!r}")
        return found

    def _forget(self) -> None:
        """Forget those that ended long ago; the job log knows of them what it knows."""
        over = [job for job, started in self._started.items() if started.is_over]
        for job in over[:-REMEMBERED]:
            self._started.pop(job).said.close()

    def _process(
        self, arguments: Sequence[str], *, stdout: IO[bytes], job: str
    ) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "ui.main", *self._before, "--job-id", job, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C at the server's terminal is the server's
        )


def _run(job: str, started: _Started) -> Run:
    run = Run(id=job, arguments=started.arguments, is_over=False, is_cancelled=started.is_cancelled)
    code = started.process.poll()
    if code is None:
        return run
    document = _document(started.said)
    # A check that has found something ends with 1, and says what.
    if code == 0 or (code == 1 and isinstance(document, dict) and "error" not in document):
        return replace(run, is_over=True, result=document)
    return replace(run, is_over=True, error=_error(document, code))


def _document(said: IO[bytes]) -> Any:
    """Return the JSON document that a command has printed; ``None`` without one."""
    # The process that wrote it moved the place that both share.
    data = os.pread(said.fileno(), os.fstat(said.fileno()).st_size, 0)
    try:
        return json.loads(data)
    except ValueError:
        return None


def _error(document: Any, code: int) -> str:
    """Return what a command said of its end, without secrets."""
    if isinstance(document, dict) and "error" in document:
        return redact(str(document["error"]))
    return f"the command ended with code {code}; run it at a shell to see why"
