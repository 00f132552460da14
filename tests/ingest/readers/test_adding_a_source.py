"""A source is added and removed as docs/how-to/add-a-source.md says, in a copy of the project."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NEEDED = ("catalog", "embedders", "search", "ingest", "evaluation", "ui", "migrations", "tests")
NEW = ("ingest/readers/jsonlines.py", "tests/ingest/readers/test_jsonlines.py")


def _copy_of_the_project(place: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", "*.png", "*.jpg")
    for name in NEEDED:
        shutil.copytree(ROOT / name, place / name, ignore=ignored)
    for name in ("settings.py", "deployment.py", "pyproject.toml"):
        shutil.copy(ROOT / name, place / name)
    return place


def _run(project: Path, *arguments: str) -> str:
    run = subprocess.run(
        [sys.executable, *arguments], cwd=project, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@pytest.mark.slow
def test_a_source_is_one_file_and_its_test(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "how-to" / "add-a-source.md").read_text("utf-8")
    codes = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(codes) == len(NEW)
    assert all(name in text for name in NEW)
    project = _copy_of_the_project(tmp_path)
    for name, code in zip(NEW, codes, strict=True):
        (project / name).write_text(code, "utf-8")
    vasari = ("-c", "from ui.cli import app; app()", "ingest")
    tested = ("-m", "pytest", "-q", "-p", "no:cacheprovider", NEW[1])
    assert "failed" not in _run(project, *tested, "tests/ingest/readers/test_registry.py")
    assert "--source" in _run(project, *vasari, "jsonlines", "--help")
    for name in NEW:
        (project / name).unlink()
    assert "jsonlines" not in _run(project, *vasari, "--help")
    assert _run(project, "-m", "pytest", "-q", "tests/ingest/readers/test_registry.py")
