"""What grows with a collection: commands of each kind, on collections of several sizes.

Each command is a process of its own, as a curator or a timer starts it. For each are printed the
seconds, the processor time and the most memory that was resident (mapped files of the index among
it), and in the end by how much the processor time grows for each doubling of the works: 1 is
nothing, 2 as the collection does, 4 as its square.

    python -m benchmarks.growth HOME_OF_10,000 HOME_OF_100,000 [--only reconcile]
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import Annotated

import typer

COMMANDS = {
    "start-up and first search": ["search", "WORK", "--json"],
    "browse a page": ["artworks", "list", "--limit", "48", "--json"],
    "browse by words": ["artworks", "list", "--limit", "48", "--text", "self portrait", "--json"],
    "facets": ["artworks", "facets", "--json"],
    "index status": ["index", "status", "--json"],
    "reconcile": ["reconcile", "--json"],
    "duplicates": ["duplicates", "--json"],
    "artists suggest": ["artists", "suggest", "--json"],
    "backup": ["backup", "FOLDER", "--json"],
}


@dataclass(frozen=True)
class Cost:
    """What one command took."""

    seconds: float
    cpu_seconds: float
    memory_bytes: int


def main(
    homes: Annotated[list[Path], typer.Argument(help="Embedded collections, the smallest first.")],
    only: Annotated[list[str] | None, typer.Option(help=", ".join(COMMANDS))] = None,
) -> None:
    """Print a table for each command."""
    works = [_count(home) for home in homes]
    for name, arguments in COMMANDS.items():
        if only and name not in only:
            continue
        costs = [_cost(home, arguments) for home in homes]
        print(name)
        for number, cost in zip(works, costs, strict=True):
            print(
                f"  {number:>9,} works {cost.seconds:8.2f} s {cost.cpu_seconds:8.2f} CPU s "
                f"{cost.memory_bytes / 1e6:8,.0f} MB",
                flush=True,
            )
        if len(costs) > 1:
            grown = log2(costs[-1].cpu_seconds / costs[0].cpu_seconds)
            print(f"  × {2 ** (grown / log2(works[-1] / works[0])):.2f} for each doubling")


def _count(home: Path) -> int:
    return int(json.loads(_output(home, ["artworks", "list", "--limit", "1", "--json"]))["total"])


def _cost(home: Path, arguments: list[str]) -> Cost:
    work = json.loads(_output(home, ["artworks", "list", "--limit", "1", "--json"]))
    named = {"WORK": work["artworks"][0]["id"], "FOLDER": str(home / "growth-backup")}
    began = time.perf_counter()
    process = subprocess.Popen(
        _command(home, [named.get(item, item) for item in arguments]),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    code = os.waitstatus_to_exitcode(status)
    # 1 says that something was found, of which a made-up collection has much.
    if code not in (0, 1):
        raise RuntimeError(f"{' '.join(arguments)} ended with {code}")
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def _output(home: Path, arguments: list[str]) -> bytes:
    return subprocess.run(_command(home, arguments), capture_output=True, check=True).stdout


def _command(home: Path, arguments: list[str]) -> list[str]:
    return [sys.executable, "-m", "ui.main", "--home", str(home), *arguments]


if __name__ == "__main__":
    typer.run(main)
