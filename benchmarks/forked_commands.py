"""Commands in forked children: a process of their own without the seconds that one takes to begin.

What they import is imported once, before any fork, and not used: threads and engines that have been
begun do not outlive a fork.
"""

import importlib
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from benchmarks.campaign import PATIENCE_SECONDS, Ended, environment_of
from ui.cli import app

MOST_MEMORY = 4 * 2**30
SLOW_MODULES = (
    "torch",
    "search.index.edge",
    "search.identification.identify",
    "ui.reports.charts",
    "sklearn.ensemble",
    *(
        f"ui.commands.{name}"
        for name in ("artworks", "backup", "identify", "index", "ingest", "moving")
    ),
)
"""What commands import as they need it."""


def run_command(
    arguments: list[str],
    home: Path,
    *,
    seconds: float = PATIENCE_SECONDS,
    more: Mapping[str, str] | None = None,
    beforehand: Callable[[], None] = lambda: None,
) -> Ended:
    """Run a command in a child, in the folder of its home, for a bounded time.

    Args:
        more: settings beside those of the home.
        beforehand: called in the child.
    """
    for module in SLOW_MODULES:
        importlib.import_module(module)
    environment, place = environment_of(home) | dict(more or {}), home.parent
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        _be_the_command(arguments, environment, place, beforehand)
    code = _wait_for(child, seconds)
    output, messages = ((place / name).read_text(errors="replace") for name in ("stdout", "stderr"))
    return Ended(code, output, messages, time.monotonic() - began)


def must_run(arguments: list[str], home: Path, more: Mapping[str, str] | None = None) -> str:
    """Run a command that a campaign begins with, and return its output."""
    ended = run_command(arguments, home, seconds=600, more=more)
    if ended.code != 0:
        raise RuntimeError(f"{arguments} failed: {ended.messages}")
    return ended.output


def in_a_child(do: Callable[[], None], place: Path) -> str:
    """Do something in a child, and return what was wrong with it: a traceback, or nothing."""
    said = place / "said"
    said.write_text("")
    child = os.fork()
    if child == 0:
        code = 1
        try:
            do()
            code = 0
        except BaseException:
            said.write_text(traceback.format_exc())
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return said.read_text() or (f"exit code {code}" if code else "")


def _wait_for(child: int, seconds: float) -> int | None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and _memory(child) < MOST_MEMORY:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _memory(process: int) -> int:
    pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * resource.getpagesize()


def _be_the_command(
    arguments: list[str],
    environment: Mapping[str, str],
    place: Path,
    beforehand: Callable[[], None],
) -> NoReturn:
    code = 71
    try:
        os.chdir(place)
        os.environ |= environment
        for number, name in ((0, os.devnull), (1, "stdout"), (2, "stderr")):
            mode = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            os.dup2(os.open(name, mode), number)
        sys.argv = ["vasari", *arguments]
        beforehand()
        app()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 71
    finally:
        sys.stdout.flush()
        os._exit(code)
