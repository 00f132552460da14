"""Ctrl-C at random moments of commands, from the first millisecond of their processes.

Each must end with exit code 130 and one line, or have been done already; nothing of Python's own
may be shown, and the same command must work afterwards: ``ingest`` each time, which begins in an
empty home, and the others, which share that home, after their last Ctrl-C.

    python -m benchmarks.ctrl_c --seed 7 --n 80

Exits with 1 if there is a finding.
"""

import random
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.campaign import Ended, run, run_process
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


def main(
    seed: Annotated[int, typer.Option(help="Of the moments.")] = 7,
    n: Annotated[int, typer.Option("--n", help="Ctrl-Cs.")] = 80,
) -> None:
    """Interrupt commands at random moments and say what was not clean."""
    run(partial(campaign, seed=seed, n=n), f"{n} Ctrl-Cs")


def campaign(folder: Path, *, seed: int, n: int) -> Iterator[str]:
    """Interrupt commands at drawn moments; yield what was not clean."""
    make_folder(folder / "pictures", WORKS)
    randomness = random.Random(seed)
    usual = {name: _run(name, folder) for name in COMMANDS}
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
        ended = _run(name, folder, interrupt_after=moment)
        slowest = max(slowest, ended.seconds)
        wrong = _what_is_wrong(ended, usual[name].code)
        if name == "ingest" or number >= n - len(COMMANDS):
            again = _run(name, folder)
            if again.code != usual[name].code:
                wrong.append(f"and then exit code {again.code}: {again.messages[-300:]!r}")
        if wrong:
            yield f"{number} {name} after {moment:.3f} s: {'; '.join(wrong)}\n  {ended.tail()}"
        print(f"{number} {name}: {moment:.2f} s, {ended.code}", file=sys.stderr, flush=True)
    print(f"the longest wait after a Ctrl-C was {slowest:.1f} s")


def _what_is_wrong(ended: Ended, usual: int | None) -> list[str]:
    wrong = []
    if ended.code not in (INTERRUPTED, usual):
        wrong.append(f"exit code {ended.code}")
    if "Traceback" in ended.messages or "Exception ignored" in ended.messages:
        wrong.append("traceback")
    if ended.code == INTERRUPTED and SENTENCE.rstrip(".") not in ended.messages:
        wrong.append("nothing was said")
    return wrong


def _run(name: str, folder: Path, *, interrupt_after: float | None = None) -> Ended:
    return run_process(
        COMMANDS[name], folder / "home", seconds=PATIENCE_SECONDS, interrupt_after=interrupt_after
    )


def _clear(name: str, folder: Path) -> None:
    """Have a command begin where it has everything still to do."""
    if name == "ingest":
        shutil.rmtree(folder / "home", ignore_errors=True)
    if name == "export":
        shutil.rmtree(folder / "exported", ignore_errors=True)


if __name__ == "__main__":
    typer.run(main)
