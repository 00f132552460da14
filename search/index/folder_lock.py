"""One process at a time in a folder, and a clear word to the second."""

import json
import os
import sys
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

from embedders.file_lock import take_lock
from redaction import redact_command
from search.index.contract import IndexFault, IndexInUse
from search.index.disk_space import disk_full_named

PATIENCE_SECONDS = 5.0
"""Short commands follow one another; only a long job or a web page holds the folder longer."""


class FolderLock:
    """Holds a folder for this process. The operating system lets go of it if the process dies."""

    def __init__(self, folder: Path) -> None:
        self._lock = ExitStack()
        self._holder = folder / "holder.json"

    def acquire(self) -> None:
        """Take the folder.

        Raises:
            IndexInUse: another process has it; the message names that process and the way out.
            IndexFault: the folder cannot be written to.
            DiskFull: there is no room.
        """
        command = redact_command([Path(sys.argv[0]).name, *sys.argv[1:]])
        since = datetime.now(UTC).isoformat(timespec="seconds")
        folder = self._holder.parent
        try:
            with disk_full_named(folder):
                self._lock.enter_context(take_lock(folder / "lock", seconds=PATIENCE_SECONDS))
            # The lock counts, not the note: on a full disk one can still search.
            with suppress(OSError):
                # Made anew, so that it is this account's alone whatever was there before.
                self._holder.unlink(missing_ok=True)
                self._holder.touch(mode=0o600)
                self._holder.write_text(
                    json.dumps({"pid": os.getpid(), "command": command, "since": since})
                )
        except TimeoutError:
            raise IndexInUse(self._explanation()) from None
        except OSError as error:
            raise IndexFault(
                f"the embedded index in {folder} cannot be opened: {error.strerror or error}. It "
                "needs a folder that this user may write to, even for searching: put that right, "
                "or name another home with --home"
            ) from error

    def release(self) -> None:
        """Let go of the folder."""
        # The next one writes its own.
        with suppress(OSError):
            self._holder.unlink(missing_ok=True)
        self._lock.close()

    def _explanation(self) -> str:
        try:
            holder = json.loads(self._holder.read_text())
            who = f"process {holder['pid']} (`{holder['command']}`, since {holder['since']})"
        except (OSError, ValueError, KeyError, TypeError):
            who = "another process"
        return (
            f"the embedded index in {self._holder.parent} is open in {who}, and one process at a "
            "time can have it. Wait for that process or stop it. Beside `vasari serve`, which "
            "shares it, commands work at any time; so they do with VASARI_QDRANT_URL and "
            "VASARI_DATABASE_URL set to servers"
        )
