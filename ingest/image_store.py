"""Thumbnails, by the SHA-256 of the image that they show."""

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

_SHA256 = re.compile(r"[0-9a-f]{64}")


class ImageStore:
    """A folder of thumbnails. No path in it comes from a user: names are hashes.

    Args:
        folder: made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def thumbnail_path(self, sha256: str) -> Path:
        """Return where the thumbnail of an image lies, or would lie.

        Raises:
            ValueError: not a SHA-256 in lower-case hexadecimal.
        """
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self.folder / sha256[:2] / f"{sha256}.jpg"

    def hashes(self) -> Iterator[str]:
        """Go through the images that have a thumbnail."""
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.glob("*.jpg")):
                if _SHA256.fullmatch(path.stem):
                    yield path.stem

    def is_whole(self, sha256: str) -> bool:
        """Tell whether a thumbnail that is there is as it was written."""
        try:
            data = self.thumbnail_path(sha256).read_bytes()
        except FileNotFoundError:
            return True
        except OSError:
            return False
        if data[2:4] == _COMMENT:
            return data == _signed(_START + data[len(_signed(_START)) :])
        # Made before thumbnails were signed: what does not even decode is all that can be told.
        try:
            with Image.open(io.BytesIO(data), formats=["JPEG"]) as picture:
                picture.load()
        except (OSError, SyntaxError, ValueError):
            return False
        return True

    def remove(self, sha256: str) -> None:
        """Remove the thumbnail of an image, if it is there."""
        self.thumbnail_path(sha256).unlink(missing_ok=True)

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
        if path.exists():
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        if thumbnail[2:4] != _COMMENT:
            thumbnail = _signed(thumbnail)
        ask_for_room(path.parent, len(thumbnail))
        # Under another name first: a killed process leaves no half thumbnail. Whose it is can be
        # read off it.
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=this_process().replace(":", "@") + "@", suffix=_UNFINISHED
        )
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(thumbnail)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return path


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
