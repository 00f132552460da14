"""Jobs that curators start: each is a command in a process of its own, beside the server's.

So a job takes no time of those who search, ends for itself, and leaves in the job log what a
command at a shell leaves there. Commands that write to an embedded collection wait for one another.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import IO, Any

from catalog.jobs import new_job_id
from errors import VasariError
from redaction import redact

ENDING_SECONDS = 30.0
"""For a job to end its batch, when the server ends."""

DRY_RUN_SECONDS = 300.0


class UnknownRun(VasariError):
    """No job of this server has this id."""

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
        error: what the command said when it failed.
        result: its JSON document, once it has succeeded.
    """

    id: str
    arguments: tuple[str, ...]
    is_over: bool
    error: str | None = None
    result: Any = None

    def document(self) -> dict[str, Any]:
        """Return the job as far as the job log does not know it: before it begins, or without."""
        state = "starting" if not self.is_over else "failed" if self.error else "done"
        return {
            "job": self.id,
            "kind": self.arguments[0],
            "state": state,
            "error": self.error,
            "result": self.result,
        }


class JobRunner:
    """Starts and cancels jobs on one collection.

    Args:
        home: of the collection.
        env_file: a file of settings that the server was given.
    """

    def __init__(self, home: Path, *, env_file: Path | None = None) -> None:
        self._before = ["--home", str(home)]
        if env_file is not None:
            self._before += ["--env-file", str(env_file)]
        self._started: dict[str, tuple[tuple[str, ...], subprocess.Popen[bytes], IO[bytes]]] = {}
        self._lock = Lock()

    def start(self, arguments: Sequence[str]) -> Run:
        """Start a command, and return at once.

        Args:
            arguments: of ``vasari``, without its name; they ask for JSON.
        """
        job = new_job_id()
        said = TemporaryFile()  # noqa: SIM115 - read as long as the server runs
        process = self._process(arguments, stdout=said, job=job)
        with self._lock:
            for _, earlier, _ in self._started.values():
                earlier.poll()  # or those that have ended, and nobody asks after, stay zombies
            self._started[job] = (tuple(arguments), process, said)
        return self.run(job)

    def run(self, job: str) -> Run:
        """Return a job that this server has started.

        Raises:
            UnknownRun: it has started none of this id.
        """
        arguments, process, said = self._find(job)
        code = process.poll()
        if code is None:
            return Run(id=job, arguments=arguments, is_over=False)
        document = _document(said)
        # A check that has found something ends with 1, and says what.
        if code == 0 or (code == 1 and isinstance(document, dict) and "error" not in document):
            return Run(id=job, arguments=arguments, is_over=True, result=document)
        return Run(id=job, arguments=arguments, is_over=True, error=_error(document, code))

    def cancel(self, job: str) -> None:
        """Ask a job to end with the batch that it is at; what is done is kept.

        Raises:
            UnknownRun: this server has started none of this id.
        """
        _, process, _ = self._find(job)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)

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
            processes = [process for _, process, _ in self._started.values()]
        for process in processes:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        for process in processes:
            try:
                process.wait(ENDING_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()

    def _find(self, job: str) -> tuple[tuple[str, ...], "subprocess.Popen[bytes]", IO[bytes]]:
        with self._lock:
            found = self._started.get(job)
        if found is None:
            raise UnknownRun(f"this server has started no job {job!r}")
        return found

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
