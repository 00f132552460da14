"""The CPU time of a command from its start to its end, beside an interpreter that does nothing.

    python -m benchmarks.start_up --home demo-home

The home is that of a filled collection on the embedded engines. Each command runs seven times; the
least is shown, since whatever else the machine does only adds.
"""

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

RUNS = 7


def cpu_seconds(command: list[str]) -> float:
    """Run a command and return the CPU time of its process, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(home: Annotated[Path, typer.Option()], runs: int = RUNS) -> None:
    """Print a table of CPU seconds, and their ratio to a bare interpreter's."""
    vasari = [sys.executable, "-m", "ui.main", "--home", str(home)]
    listed = subprocess.run(
        [*vasari, "artworks", "list", "--limit", "1", "--json"], capture_output=True, check=True
    )
    work = json.loads(listed.stdout)["artworks"][0]["id"]
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "import numpy, sqlalchemy": [sys.executable, "-c", "import numpy, sqlalchemy"],
        "vasari --help": [*vasari, "--help"],
        "vasari search --help": [*vasari, "search", "--help"],
        "vasari artworks list": [*vasari, "artworks", "list"],
        "vasari search WORK_ID": [*vasari, "search", work],
    }
    bare = 0.0
    for name, command in commands.items():
        least = min(cpu_seconds(command) for _ in range(runs))
        bare = bare or least
        print(f"{name:26} {least:6.3f} s {least / bare:6.1f} ×")


if __name__ == "__main__":
    typer.run(main)
