"""Thumbnails, by the SHA-256 of the image that they show.

They lie in a folder of the home. Where several machines share a collection, they are kept in a
place that all of them reach, and the folder holds those that were made or looked at here.
"""

import hashlib
import io
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from PIL import Image

from catalog.jobs import is_gone, this_process
from ingest.place import Place
from search.index.disk_space import ask_for_room

THUMBNAIL_PIXELS = 512
JPEG_QUALITY = 85

_UNFINISHED = ".part"
_STALE_SECONDS = 10 * 60
"""A thumbnail is written in milliseconds: an unfinished one this old is abandoned."""

_START = b"\xff\xd8"
_COMMENT = b"\xff\xfe"
_SIGNED = b"vasari blake2b "
_DIGEST_BYTES = 16

_FOLDER = "thumbnails"

_SHA256 = re.compile(r"[0-9a-f]{64}")


class ImageStore:
    """A folder of thumbnails. No path in it comes from a user: names are hashes.

    Args:
        folder: made if it is not there.
        shared: the place where all machines keep them, and which is right where the two differ. A
            file is in the folder only once it is there, so that what is here was never lost. Every
            method that asks it may raise ``PlaceRefused``.
    """

    def __init__(self, folder: Path, shared: Place | None = None) -> None:
        self.folder = folder
        self._shared = shared

    def thumbnail_path(self, sha256: str) -> Path:
        """Return where the thumbnail of an image lies in the folder, or would lie.

        Raises:
            ValueError: not a SHA-256 in lower-case hexadecimal.
        """
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self.folder / sha256[:2] / f"{sha256}.jpg"

    def fetched(self, sha256: str) -> Path:
        """Return where the thumbnail of an image lies, or would if there were one, to be read.

        One that another machine made is fetched first.
        """
        path = self.thumbnail_path(sha256)
        if self._shared is None or path.exists():
            return path
        data = self._shared.read(_name(sha256))
        if data is not None and is_as_written(data):
            self._write(path, data)
        return path

    def holds(self, sha256: str) -> bool:
        """Tell whether an image has a thumbnail."""
        if self.thumbnail_path(sha256).exists():
            return True
        return self._shared is not None and self._shared.holds(_name(sha256))

    def read(self, sha256: str) -> bytes | None:
        """Return a thumbnail as it is kept, damaged or not; ``None`` where there is none."""
        path = self.thumbnail_path(sha256)
        if self._shared is not None:
            return self._shared.read(_name(sha256))
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:  # it is there, and as good as damaged
            return b""

    def written_at(self, sha256: str) -> float:
        """Return when a thumbnail that is there was written, in seconds since 1970."""
        path = self.thumbnail_path(sha256)
        if self._shared is not None:
            return self._shared.written_at(_name(sha256))
        return path.stat().st_mtime

    def knock(self) -> None:
        """Write a file where thumbnails are kept, to see whether that is possible again."""
        if self._shared is not None:
            with tempfile.NamedTemporaryFile() as empty:
                self._shared.put(f"{_FOLDER}/written", Path(empty.name))

    def hashes(self) -> Iterator[str]:
        """Go through the images that have a thumbnail."""
        if self._shared is not None:
            for name in self._shared.names_by_hash(_FOLDER):
                sha256 = name.rpartition("/")[2].removesuffix(".jpg")
                if _SHA256.fullmatch(sha256):
                    yield sha256
            return
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.glob("*.jpg")):
                if _SHA256.fullmatch(path.stem):
                    yield path.stem

    def send_again(self, sha256: str) -> bool:
        """Bring a whole thumbnail from the folder to the shared place, where it is lost or damaged.

        Returns whether that was possible.
        """
        path = self.thumbnail_path(sha256)
        with suppress(OSError):
            if self._shared is not None and is_as_written(path.read_bytes()):
                self._shared.put(_name(sha256), path)
                return True
        return False

    def remove(self, sha256: str) -> None:
        """Remove the thumbnail of an image, if it is there."""
        path = self.thumbnail_path(sha256)
        if self._shared is not None:
            self._shared.remove(_name(sha256))
        path.unlink(missing_ok=True)

    def clear_unfinished(self) -> None:
        """Remove what killed processes left behind, and nothing that another may be writing."""
        oldest = time.time() - _STALE_SECONDS
        for file in self.folder.glob(f"[0-9a-f][0-9a-f]/*{_UNFINISHED}"):
            host, _, process = file.name.partition("@")
            worker = f"{host}:{process.partition('@')[0]}"
            with suppress(FileNotFoundError):  # another process was faster
                if is_gone(worker) or file.stat().st_mtime < oldest:
                    file.unlink()

    def save_thumbnail(self, sha256: str, picture: Image.Image) -> Path:
        """Write the thumbnail of an RGB picture, unless it is there, and return its path."""
        path = self.thumbnail_path(sha256)
        if path.exists():
            return path
        small = io.BytesIO()
        _fitted(picture).save(small, "JPEG", quality=JPEG_QUALITY)
        return self.put(sha256, small.getvalue())

    def put(self, sha256: str, thumbnail: bytes) -> Path:
        """Write the thumbnail of an image, a JPEG, unless it is there, and return its path.

        Raises:
            DiskFull: there is no room for it.
        """
        path = self.thumbnail_path(sha256)
        if not path.exists():
            if thumbnail[2:4] != _COMMENT:
                thumbnail = _signed(thumbnail)
            self._write(path, thumbnail, to_share=True)
        return path

    def _write(self, path: Path, thumbnail: bytes, *, to_share: bool = False) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        ask_for_room(path.parent, len(thumbnail))
        # Under another name first: a killed process leaves no half thumbnail. Whose it is can be
        # read off it.
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=this_process().replace(":", "@") + "@", suffix=_UNFINISHED
        )
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(thumbnail)
            if to_share and self._shared is not None:
                self._shared.put(_name(path.stem), Path(name))
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def is_as_written(thumbnail: bytes) -> bool:
    """Tell whether a thumbnail is as it was once written."""
    if thumbnail[2:4] == _COMMENT:
        return thumbnail == _signed(_START + thumbnail[len(_signed(_START)) :])
    # Made before thumbnails were signed: what does not even decode is all that can be told.
    try:
        with Image.open(io.BytesIO(thumbnail), formats=["JPEG"]) as picture:
            picture.load()
    except (OSError, SyntaxError, ValueError):
        return False
    return True


def _name(sha256: str) -> str:
    """Return what a thumbnail is called in the shared place."""
    return f"{_FOLDER}/{sha256[:2]}/{sha256}.jpg"


def _signed(thumbnail: bytes) -> bytes:
    """Return a JPEG with a comment that holds the checksum of all the rest."""
    checksum = hashlib.blake2b(thumbnail, digest_size=_DIGEST_BYTES).hexdigest().encode()
    comment = _SIGNED + checksum
    length = (len(comment) + 2).to_bytes(2, "big")
    return thumbnail[:2] + _COMMENT + length + comment + thumbnail[2:]


def _fitted(picture: Image.Image) -> Image.Image:
    scale = THUMBNAIL_PIXELS / max(picture.size)
    if scale >= 1:
        return picture
    width, height = (max(1, round(side * scale)) for side in picture.size)
    # Nearly as good as bicubic to look at, in half the time: an ingest makes one of each image.
    return picture.resize((width, height), Image.Resampling.HAMMING, reducing_gap=3.0)
