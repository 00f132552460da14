"""Runs a command with a Qdrant and a Postgres whose data stays in a folder from run to run.

    python -m benchmarks.servers FOLDER COMMAND [ARGUMENT...]

The command finds them as any deployment finds its servers, by ``VASARI_QDRANT_URL`` and
``VASARI_DATABASE_URL``. They are the programs that the tests run, on loopback.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from settings import Settings
from tests.servers.postgres import PostgresServer, postgres_from_the_wheel
from tests.servers.qdrant import QdrantServer, qdrant_from_the_registry


@contextmanager
def empty_collection(
    qdrant: QdrantServer, postgres: PostgresServer, **more: Any
) -> Iterator[Settings]:
    """Give the settings of an empty collection on two servers, which is gone after the block."""
    with qdrant.unique_alias() as alias, postgres.fresh_database() as url:
        yield Settings(
            qdrant_url=qdrant.url, qdrant_alias=alias, database_url=SecretStr(url), **more
        )


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
