"""Runs a command with a Qdrant and a Postgres whose data stays in a folder from run to run.

    python -m benchmarks.servers FOLDER COMMAND [ARGUMENT...]

The command finds them as any deployment finds its servers, by ``VASARI_QDRANT_URL`` and
``VASARI_DATABASE_URL``. They are the programs that the tests run, on loopback.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.servers.postgres import postgres_from_the_wheel
from tests.servers.qdrant import qdrant_from_the_registry


def main(folder: Path, command: list[str]) -> int:
    """Run a command beside the two servers and return its exit code."""
    with (
        qdrant_from_the_registry(kept_in=folder) as qdrant,
        postgres_from_the_wheel(kept_in=folder) as postgres,
    ):
        addresses = {"VASARI_QDRANT_URL": qdrant.url, "VASARI_DATABASE_URL": postgres.url}
        return subprocess.run(command, env=os.environ | addresses, check=False).returncode


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
