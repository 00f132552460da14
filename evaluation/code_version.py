"""Which code is running, so that a figure can be traced to what produced it."""

import shutil
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from evaluation.runs import Code

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 5


def this_code() -> Code:
    """Return the version of the package and, in a source tree, the commit."""
    git = shutil.which("git")
    # An installed package may lie in a tree that is not its own.
    if git is None or not (ROOT / ".git").exists():
        return Code(version=_version())
    describe = ["describe", "--always", "--exclude=*", "--abbrev=40", "--dirty"]
    try:
        done = subprocess.run(  # noqa: S603
            [git, "-C", str(ROOT), *describe],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return Code(version=_version())
    commit, _, dirty = done.stdout.strip().partition("-")
    return Code(version=_version(), commit=commit, changed=bool(dirty))


def _version() -> str:
    try:
        return version("vasari")
    except PackageNotFoundError:
        # A source tree that is run without being installed.
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        return str(project["version"])
