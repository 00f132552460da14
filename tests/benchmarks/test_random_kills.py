"""A small campaign of kills; `benchmarks.random_kills` is the large one."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_commands_that_were_killed_are_run_again_to_the_same_end() -> None:
    line = [sys.executable, "-m", "benchmarks.random_kills", "--seed", "3", "--n", "1"]
    done = subprocess.run(
        [*line, *(f"--only={name}" for name in ("ingest", "delete", "backup-again", "restore"))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search("with [1-9]", done.stdout)
