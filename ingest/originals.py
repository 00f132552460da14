"""Downloaded images, by the SHA-256 of their bytes, and what is known of each address.

They lie in a folder of the home, in front of the place where several machines keep them together.
"""

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

from ingest.place import Place
from ingest.web_address import without_signature

_FOLDER = "originals"

_SHA256 = re.compile("[0-9a-f]{64}")

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
        shared: the place where all machines keep images and what is known of addresses. Every
            method that asks it may raise ``PlaceRefused``.
    """

    def __init__(self, folder: Path, *, keep: bool = True, shared: Place | None = None) -> None:
        self.folder = folder
        self.keep = keep
        self._shared = shared

    def path(self, sha256: str) -> Path:
        """Return where an image lies in the folder, or would lie."""
        return self.folder / "images" / sha256[:2] / sha256

    def fetched(self, sha256: str) -> Path:
        """Return where an image lies, or would if it were kept, to be read.

        One that another machine downloaded is fetched first.
        """
        path = self.path(sha256)
        if self._shared is not None and not path.exists():
            self._shared.fetch(self._name(path), path)
        return path

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
        if self._shared is not None:
            self._shared.put(self._name(place), file)
        file.replace(place)

    def remember(self, url: str, known: KnownAddress) -> None:
        """Write down what an address answered."""
        self._write(self._note(url), json.dumps(asdict(known)))

    def known(self, url: str) -> KnownAddress | None:
        """Return what an address answered last; ``None`` where it never did."""
        try:
            fields: dict[str, Any] = json.loads(self._text(self._note(url)))
            known = KnownAddress(**fields)
            return known if _SHA256.fullmatch(known.sha256) else None
        except (FileNotFoundError, ValueError, TypeError):  # or written by another version
            return None

    def _text(self, note: Path) -> str:
        if self._shared is None:
            return note.read_text("utf-8")
        # Never one of this machine's own: another may have downloaded a newer image meanwhile.
        data = self._shared.read(self._name(note))
        if data is None:
            raise FileNotFoundError(note)
        return data.decode("utf-8")

    def notes(self) -> Iterator[tuple[str, str]]:
        """Go through what is known of all addresses: the name of each note, and its text."""
        if self._shared is not None:
            for name in self._shared.names_by_hash(f"{_FOLDER}/addresses"):
                stem, data = Path(name).stem, self._shared.read(name)
                if data is not None and _SHA256.fullmatch(stem):
                    yield stem, data.decode("utf-8")
            return
        for note in sorted((self.folder / "addresses").glob("*/*.json")):
            with suppress(FileNotFoundError):  # forgotten meanwhile
                yield note.stem, note.read_text("utf-8")

    def take_note(self, name: str, text: str) -> None:
        """Write down what another collection knows of an address.

        Raises:
            ValueError: no note is called so.
        """
        if _SHA256.fullmatch(name) is None:
            raise ValueError(f"{name!r} is not the name of a note")
        self._write(self.folder / "addresses" / name[:2] / f"{name}.json", text)

    def forget(self, url: str) -> None:
        """Have an address asked anew: the image that is kept of it is damaged."""
        known = self.known(url)
        if known is not None:
            self._remove(self.path(known.sha256))
        self._remove(self._note(url))

    def _remove(self, file: Path) -> None:
        if self._shared is not None:
            self._shared.remove(self._name(file))
        file.unlink(missing_ok=True)

    def _write(self, note: Path, text: str) -> None:
        unfinished = self.new_file()
        unfinished.write_text(text, "utf-8")
        if self._shared is not None:
            self._shared.put(self._name(note), unfinished)
            unfinished.unlink()
            return
        note.parent.mkdir(parents=True, exist_ok=True)
        unfinished.replace(note)

    def _name(self, file: Path) -> str:
        """Return what a file of the folder is called in the shared place."""
        return f"{_FOLDER}/{file.relative_to(self.folder).as_posix()}"

    def _note(self, url: str) -> Path:
        # By hash, as addresses may be long, hold credentials, and name no path. An address that is
        # signed anew is still that of the same image.
        name = hashlib.sha256(without_signature(url).encode()).hexdigest()
        return self.folder / "addresses" / name[:2] / f"{name}.json"
