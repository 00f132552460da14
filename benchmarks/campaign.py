"""What campaigns share: the report, a home's settings, and what no command may do."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import typer
from pydantic import SecretStr

from settings import Settings
from ui.catch_all import FAULT, MISUSED, REFUSED
from ui.interrupts import EXIT_CODE as INTERRUPTED

ROOT = Path(__file__).resolve().parents[1]

DOCUMENTED = {0, REFUSED, MISUSED, INTERRUPTED}
"""Exit codes that are no finding; a fault of Vasari is one."""

PATIENCE_SECONDS = 20.0
"""For a command whose imports are done; one that is a process of its own has more."""

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Args:
        code: ``None`` where it was not waited for any longer.
        seconds: that it took; after Ctrl-C, if there was one.
    """

    code: int | None
    output: str
    messages: str
    seconds: float

    def tail(self) -> str:
        """Return the end of what it said; of a fault, of the traceback whose file it names."""
        log = re.search(r"/\S+\.log", self.messages) if self.code == FAULT else None
        if log is None:
            return repr((self.output + self.messages)[-600:])
        return "\n  ".join(Path(log[0]).read_text("utf-8").splitlines()[-14:])


def run(campaign: Callable[[Path], Iterable[str]], about: str) -> NoReturn:
    """Run a campaign in a folder of its own and print what it finds; exit with 1 if anything."""
    count = 0
    with tempfile.TemporaryDirectory(prefix="vasari-campaign-") as folder:
        for count, finding in enumerate(campaign(Path(folder)), 1):  # noqa: B007 - the last one
            print(finding, end="\n\n", flush=True)
    print(f"{about}: {count} findings")
    raise typer.Exit(1 if count else 0)


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


def run_process(
    arguments: list[str],
    home: Path,
    *,
    seconds: float = 6 * PATIENCE_SECONDS,
    interrupt_after: float | None = None,
    more: Mapping[str, str] | None = None,
) -> Ended:
    """Run a command as anybody does, in the folder of its home, for a bounded time.

    Args:
        interrupt_after: seconds after which Ctrl-C is pressed.
        more: settings beside those of the home.
    """
    settings = environment_of(home) | {"PYTHONPATH": str(ROOT)} | dict(more or {})
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", "from ui.main import main; main()", *arguments],
        env=os.environ | settings,
        cwd=home.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    if interrupt_after is not None:
        time.sleep(interrupt_after)
        process.send_signal(signal.SIGINT)
    began = time.monotonic()
    code: int | None
    try:
        said = process.communicate(timeout=seconds)
        code = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        said, code = process.communicate(), None
    return Ended(code, *said, time.monotonic() - began)


def start(settings: Settings, *arguments: str) -> "subprocess.Popen[str]":
    """Start a command as a process of its own, with the settings that were made and no others."""
    return subprocess.Popen(
        [sys.executable, "-m", "ui.main", *arguments],
        cwd=ROOT,
        env=environment_with(settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def environment_with(settings: Settings) -> dict[str, str]:
    """Return the environment with the settings that were made and no others."""
    made = {
        f"VASARI_{name.upper()}": _written(getattr(settings, name))
        for name in settings.model_fields_set
    }
    return {name: value for name, value in os.environ.items() if "VASARI" not in name} | made


def _written(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def what_is_wrong(ended: Ended, where: str, *, as_json: bool) -> Iterator[str]:
    """Yield what no command may do, whatever it is given."""
    for wrong in _faults(ended, as_json=as_json):
        yield f"{where}: {wrong}\n  {ended.tail()}"


def _faults(ended: Ended, *, as_json: bool) -> Iterator[str]:
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


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
