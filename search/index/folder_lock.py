"""One process at a time in a folder, and a clear word to the second."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from embedders.file_lock import take_lock
from redaction import redact_command
from search.index.contract import IndexFault, IndexInUse
from search.index.disk_space import disk_full_named

PATIENCE_SECONDS = 5.0
"""Short commands follow one another; only a long job or a web page holds the folder longer."""


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold a folder for this process. The operating system lets go of it if the process dies.

    Raises:
        IndexInUse: another process has it; the message names that process and the way out.
        IndexFault: the folder cannot be written to.
        DiskFull: there is no room.
    """
    command = redact_command([Path(sys.argv[0]).name, *sys.argv[1:]])
    since = datetime.now(UTC).isoformat(timespec="seconds")
    holder = folder / "holder.json"
    try:
        with disk_full_named(folder):
            lock = take_lock(folder / "lock", seconds=PATIENCE_SECONDS)
    except TimeoutError:
        raise IndexInUse(_explanation(holder)) from None
    except OSError as error:
        raise IndexFault(
            f"the embedded index in {folder} cannot be opened: {error.strerror or error}. It "
            "needs a folder that this user may write to, even for searching: put that right, "
            "or name another home with --home"
        ) from error
    with lock:
        # The lock counts, not the note: on a full disk one can still search.
        with suppress(OSError):
            # Made anew, so that it is this account's alone whatever was there before.
            holder.unlink(missing_ok=True)
            holder.touch(mode=0o600)
            holder.write_text(json.dumps({"pid": os.getpid(), "command": command, "since": since}))
        yield
        # The next one writes its own.
        with suppress(OSError):
            holder.unlink(missing_ok=True)


def _explanation(holder: Path) -> str:
    try:
        told = json.loads(holder.read_text())
        who = f"process {told['pid']} (`{told['command']}`, since {told['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return (
        f"the embedded index in {holder.parent} is open in {who}, and one process at a time can "
        "have it. Wait for that process or stop it. Beside `vasari serve`, which shares it, "
        "commands work at any time; so they do with VASARI_QDRANT_URL and VASARI_DATABASE_URL "
        "set to servers"
    )
