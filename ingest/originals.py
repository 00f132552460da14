"""Downloaded images, by the SHA-256 of their bytes, and what is known of each address."""

import hashlib
import json
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ingest.web_address import without_signature

_STALE_SECONDS = 24 * 3600
"""An unfinished download this old is abandoned."""


@dataclass(frozen=True, kw_only=True)
class KnownAddress:
    """What an address answered when it was last asked.

    Args:
        sha256: of the image.
        signature: what the source said of the image then; another one now means another image.
        etag, last_modified: of the answer.
        asked_at: seconds since 1970.
    """

    sha256: str
    signature: str | None
    etag: str | None
    last_modified: str | None
    asked_at: float


class Originals:
    """A folder of downloaded images. No path in it comes from a user: names are hashes.

    Several processes may share it: a file appears whole or not at all.

    Args:
        folder: made when it is first written to.
        keep: whether images stay once they have been read. Without them, a model that is added
            later has every image downloaded again.
    """

    def __init__(self, folder: Path, *, keep: bool = True) -> None:
        self.folder = folder
        self.keep = keep

    def path(self, sha256: str) -> Path:
        """Return where an image lies, or would lie."""
        return self.folder / "images" / sha256[:2] / sha256

    def new_file(self) -> Path:
        """Return an empty file for a download to be written to."""
        folder = self.folder / "unfinished"
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder)
        os.close(handle)
        return Path(name)

    def clear_unfinished(self) -> None:
        """Remove what killed processes left behind."""
        oldest = time.time() - _STALE_SECONDS
        for file in (self.folder / "unfinished").glob("*"):
            try:
                if file.stat().st_mtime < oldest:
                    file.unlink()
            except FileNotFoundError:  # another process was faster
                continue

    def accept(self, file: Path, sha256: str) -> None:
        """Take in a downloaded image that has been found good."""
        if not self.keep:
            file.unlink()
            return
        place = self.path(sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        file.replace(place)

    def remember(self, url: str, known: KnownAddress) -> None:
        """Write down what an address answered."""
        self._write(self._note(url), json.dumps(asdict(known)))

    def known(self, url: str) -> KnownAddress | None:
        """Return what an address answered last; ``None`` where it never did."""
        try:
            fields: dict[str, Any] = json.loads(self._note(url).read_text("utf-8"))
            return KnownAddress(**fields)
        except (FileNotFoundError, ValueError, TypeError):  # or written by another version
            return None

    def notes(self) -> Iterator[tuple[str, str]]:
        """Go through what is known of all addresses: the name of each note, and its text."""
        for note in sorted((self.folder / "addresses").glob("*/*.json")):
            with suppress(FileNotFoundError):  # forgotten meanwhile
                yield note.stem, note.read_text("utf-8")

    def take_note(self, name: str, text: str) -> None:
        """Write down what another collection knows of an address.

        Raises:
            ValueError: no note is called so.
        """
        if re.fullmatch("[0-9a-f]{64}", name) is None:
            raise ValueError(f"{name!r} is not the name of a note")
        self._write(self.folder / "addresses" / name[:2] / f"{name}.json", text)

    def forget(self, url: str) -> None:
        """Have an address asked anew: the image that is kept of it is damaged."""
        known = self.known(url)
        if known is not None:
            self.path(known.sha256).unlink(missing_ok=True)
        self._note(url).unlink(missing_ok=True)

    def _write(self, note: Path, text: str) -> None:
        note.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.new_file()
        unfinished.write_text(text, "utf-8")
        unfinished.replace(note)

    def _note(self, url: str) -> Path:
        # By hash, as addresses may be long, hold credentials, and name no path. An address that is
        # signed anew is still that of the same image.
        name = hashlib.sha256(without_signature(url).encode()).hexdigest()
        return self.folder / "addresses" / name[:2] / f"{name}.json"
