"""Commands in forked children: a process of their own without the seconds that one takes to begin.

What they import is imported once, before any fork, and not used: threads and engines that have been
begun do not outlive a fork.
"""

import importlib
import json
import os
import re
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from ui.catch_all import MISUSED, REFUSED
from ui.cli import app
from ui.interrupts import EXIT_CODE as INTERRUPTED

DOCUMENTED = {0, REFUSED, MISUSED, INTERRUPTED}
"""Exit codes that are no finding; a fault of Vasari is one."""

MOST_MEMORY = 4 * 2**30
SLOW_MODULES = (
    "torch",
    "search.index.edge",
    "search.identification.identify",
    "ui.reports.charts",
    "sklearn.ensemble",
)
"""What commands import as they need it."""

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Ended:
    """How a command ended; ``code`` is ``None`` where it was not waited for any longer."""

    code: int | None
    output: str
    messages: str


def warm_up() -> None:
    """Import what commands import as they need it."""
    for module in SLOW_MODULES:
        importlib.import_module(module)


def environment_of(home: Path) -> dict[str, str]:
    """Return the settings of a home with models that need no weights."""
    return {
        "VASARI_HOME": str(home),
        "VASARI_MODELS": "colour_grid,edge_grid",
        "VASARI_WEIGHTS_DIR": str(home / "weights"),
        "VASARI_DOWNLOAD_ATTEMPTS": "1",
        # Nothing is downloaded: no npm, no hub, and a proxy that is not there.
        "PATH": "/nowhere",
        "HF_HUB_OFFLINE": "1",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "HTTPS_PROXY": "http://127.0.0.1:1",
        "HOME": str(home.parent),
        "TMPDIR": str(home.parent),
    }


def run_command(
    arguments: list[str],
    environment: Mapping[str, str],
    place: Path,
    *,
    seconds: float,
    beforehand: Callable[[], None] = lambda: None,
) -> Ended:
    """Run a command in a child whose working folder is ``place``, for a bounded time.

    Args:
        beforehand: called in the child.
    """
    child = os.fork()
    if child == 0:
        _be_the_command(arguments, environment, place, beforehand)
    code = _wait_for(child, seconds)
    read = [(place / name).read_text(errors="replace") for name in ("stdout", "stderr")]
    return Ended(code, *read)


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


def what_is_wrong(ended: Ended, *, as_json: bool) -> Iterator[str]:
    """Yield what no command may do, whatever it is given."""
    if ended.code is None:
        yield "does not end, or takes too much memory"
        return
    if ended.code not in DOCUMENTED:
        yield f"exit code {ended.code}"
    said = ended.output + ended.messages
    if "Traceback" in said or "Exception ignored" in said:
        yield "traceback"
    if _CONTROLS.search(said):
        yield "control character"
    if as_json:
        try:
            json.loads(ended.output, parse_constant=_refuse)
        except ValueError:
            yield "stdout is not one JSON document"


def kept_traceback(said: str) -> str:
    """Return the end of the traceback that a message names the file of, or the message."""
    found = re.search(r"/\S+\.log", said)
    if found is None:
        return repr(said)
    return "\n  ".join(Path(found[0]).read_text("utf-8").splitlines()[-14:])


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


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
