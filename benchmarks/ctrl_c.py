"""Ctrl-C at random moments of commands, from the first millisecond of their processes.

Each must end with exit code 130 and one line, or have been done already; nothing of Python's own
may be shown, and the same command must work afterwards: ``ingest`` each time, which begins in an
empty home, and the others, which share that home, after their last Ctrl-C.

    python -m benchmarks.ctrl_c --seed 7 --n 80

Exits with 1 if there is a finding.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tests.pictures import make_folder
from ui.interrupts import EXIT_CODE as INTERRUPTED
from ui.interrupts import SENTENCE

PATIENCE_SECONDS = 60.0
WORKS = 60

COMMANDS = {
    "ingest": ["ingest", "folder", "pictures"],
    "search": ["search", "pictures/images/000.jpg"],
    "identify": ["identify", "pictures/images/001.jpg"],
    "index check": ["index", "check"],
    "evaluate retrieval": ["evaluate", "retrieval", "--label", "style"],
    "duplicates": ["duplicates"],
    "export": ["export", "exported"],
    "artworks list": ["artworks", "list"],
}


@dataclass(frozen=True)
class Ended:
    """How a process ended, and how long it took after Ctrl-C."""

    code: int
    output: str
    messages: str
    seconds: float


def main(
    seed: Annotated[int, typer.Option(help="Of the moments.")] = 7,
    n: Annotated[int, typer.Option("--n", help="Ctrl-Cs.")] = 80,
) -> None:
    """Interrupt commands at random moments and say what was not clean."""
    with tempfile.TemporaryDirectory(prefix="vasari-ctrl-c-") as folder:
        findings = 0
        for finding in campaign(Path(folder), seed=seed, n=n):
            print(finding, end="\n\n", flush=True)
            findings += 1
    print(f"{n} Ctrl-Cs: {findings} findings")
    raise typer.Exit(1 if findings else 0)


def campaign(folder: Path, *, seed: int, n: int) -> Iterator[str]:
    """Interrupt commands at drawn moments; yield what was not clean."""
    make_folder(folder / "pictures", WORKS)
    randomness = random.Random(seed)
    usual = {name: _run(COMMANDS[name], folder) for name in COMMANDS}
    for name, ended in usual.items():
        if ended.code not in (0, 1) or (name != "index check" and ended.code):
            yield f"{name} does not work: {ended.messages[-300:]!r}"
    slowest = 0.0
    for number in range(n):
        name = list(COMMANDS)[number % len(COMMANDS)]
        # One in eight early, where most of the imports are.
        share = randomness.random() * (0.2 if randomness.random() < 1 / 8 else 1)
        moment = share * usual[name].seconds
        _clear(name, folder)
        ended = _run(COMMANDS[name], folder, interrupt_after=moment)
        slowest = max(slowest, ended.seconds)
        wrong = _what_is_wrong(ended, usual[name].code)
        if name == "ingest" or number >= n - len(COMMANDS):
            again = _run(COMMANDS[name], folder)
            if again.code != usual[name].code:
                wrong.append(f"and then exit code {again.code}: {again.messages[-300:]!r}")
        if wrong:
            said = f"{ended.messages[-600:]!r}"
            yield f"{number} {name} after {moment:.3f} s: {'; '.join(wrong)}\n  {said}"
        print(f"{number} {name}: {moment:.2f} s, {ended.code}", file=sys.stderr, flush=True)
    print(f"the longest wait after a Ctrl-C was {slowest:.1f} s")


def _what_is_wrong(ended: Ended, usual: int) -> list[str]:
    wrong = []
    if ended.code not in (INTERRUPTED, usual):
        wrong.append(f"exit code {ended.code}")
    if "Traceback" in ended.messages or "Exception ignored" in ended.messages:
        wrong.append("traceback")
    if ended.code == INTERRUPTED and SENTENCE.rstrip(".") not in ended.messages:
        wrong.append("nothing was said")
    return wrong


def _run(command: list[str], folder: Path, *, interrupt_after: float | None = None) -> Ended:
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", "from ui.main import main; main()", *command],
        cwd=folder,
        env=dict(os.environ)
        | {
            "VASARI_HOME": str(folder / "home"),
            "VASARI_MODELS": "colour_grid,edge_grid",
            "VASARI_WEIGHTS_DIR": str(folder / "weights"),
            "PATH": "/nowhere",
            "HF_HUB_OFFLINE": "1",
            "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    began = time.monotonic()
    if interrupt_after is not None:
        time.sleep(interrupt_after)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
    try:
        output, messages = process.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        output, messages = process.communicate()
        messages += "does not end"
    return Ended(process.returncode, output, messages, time.monotonic() - began)


def _clear(name: str, folder: Path) -> None:
    """Have a command begin where it has everything still to do."""
    if name == "ingest":
        shutil.rmtree(folder / "home", ignore_errors=True)
    if name == "export":
        shutil.rmtree(folder / "exported", ignore_errors=True)


if __name__ == "__main__":
    typer.run(main)
