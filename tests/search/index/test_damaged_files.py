"""A small campaign of damaged files; `benchmarks.damaged_files` is the large one."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
def test_no_damaged_file_goes_unnoticed_or_breaks_a_command() -> None:
    line = [sys.executable, "-m", "benchmarks.damaged_files", "--seed", "3", "--n", "4"]
    ended = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "reported" in ended.stdout
