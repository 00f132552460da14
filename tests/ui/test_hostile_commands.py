"""A small campaign of hostile commands; `benchmarks.hostile_commands` is the large one."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_no_hostile_command_gives_a_traceback_or_anything_but_one_document() -> None:
    line = [sys.executable, "-m", "benchmarks.hostile_commands", "--seed", "3", "--n", "40"]
    done = subprocess.run(
        [*line, "--real", "0"], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
