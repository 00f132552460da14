"""Keypoints on disk: a cache of bounded size, of which what was not used for longest goes first."""

import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from embedders.atomic_file import atomic_file
from search.identification.local_features import (
    COLLECTION_KEYPOINTS,
    COLLECTION_SIDE,
    LocalFeatures,
    extract,
)
from search.index.disk_space import ask_for_room

FORMAT = "sift-1"
"""Changes with what is kept or how it is found; the files of another format are not read."""

TYPICAL_BYTES = 62_000
"""Of a file. Few are larger by more than a tenth, since few works have fewer than 800 keypoints."""

LEFT_FREE_BYTES = 1 << 30
"""Of the disk, which a cache leaves to all that cannot be had again."""

FOLDERS = 256

_LEVELS = 64
"""Of a descriptor's value: with 64 rather than 256, a file takes three fifths, and of a photo's
matches with its own work 0.3 % are lost and others won."""

_STEP = 256 // _LEVELS

_PARTS_OF_A_PIXEL = 8

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SUFFIX = ".npz"


@dataclass(frozen=True)
class KeypointFiles:
    """A folder of keypoints, by the SHA-256 of the image that they were found in.

    Several processes may share it. A file appears under its name only when it is complete. It may
    be gone at any time: whoever misses it makes it again.

    A hash is as likely to begin with one byte as with any other, so each of the 256 folders has an
    equal part of the room: to keep all of them within theirs, only the one that is written to has
    to be looked at, and no process has to know what others have written.

    Args:
        folder: made if it is not there.
        most_bytes: of all files together.
    """

    folder: Path
    most_bytes: int

    def path(self, sha256: str) -> Path:
        """Return where the keypoints of an image lie, or would lie.

        Raises:
            ValueError: not a SHA-256 in lower-case hexadecimal.
        """
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self.folder / FORMAT / sha256[:2] / f"{sha256}{_SUFFIX}"

    def hashes(self) -> Iterator[str]:
        """Go through the images whose keypoints are kept."""
        for path in (self.folder / FORMAT).glob(f"[0-9a-f][0-9a-f]/*{_SUFFIX}"):
            if _SHA256.fullmatch(path.stem):
                yield path.stem

    def total_bytes(self) -> int:
        """Return what all files take."""
        folders = (self.folder / FORMAT).glob("[0-9a-f][0-9a-f]")
        return sum(size for folder in folders for _, size, _ in _held(folder))

    def has_room(self, sha256: str) -> bool:
        """Tell whether an image's keypoints can be kept and no others have to go for it."""
        used = sum(size for _, size, _ in _held(self.path(sha256).parent))
        return used + TYPICAL_BYTES <= self.most_bytes // FOLDERS

    def keep(self, sha256: str, picture: Image.Image) -> None:
        """Find the keypoints of an image in its stored RGB picture, and write them.

        Raises:
            DiskFull: there is no room on the disk.
            OSError: they cannot be written.
        """
        self.write(sha256, found_in(picture))

    def read(self, sha256: str) -> LocalFeatures:
        """Read the keypoints of an image.

        Raises:
            FileNotFoundError: there is no file, or none that can be used.
        """
        path = self.path(sha256)
        try:
            # A zip file has a checksum of each part, so that a damaged one is noticed.
            with np.load(path, allow_pickle=False) as held:
                points, descriptors, size = held["points"], held["descriptors"], held["size"]
        except FileNotFoundError:
            raise
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise FileNotFoundError(f"{path} is damaged") from error
        right = (
            points.dtype == np.float32
            and descriptors.dtype == np.uint8
            and points.ndim == 2
            and points.shape[1:] == (2,)
            and descriptors.shape == (len(points), 128)
            and size.shape == (2,)
            and size.min() > 0
        )
        if not right:
            raise FileNotFoundError(f"{path} holds something else")
        return LocalFeatures(
            points=points, descriptors=descriptors, width=int(size[0]), height=int(size[1])
        )

    def note_use(self, sha256: str) -> None:
        """Have an image's keypoints stay for longer; nothing happens where they are gone."""
        with suppress(OSError):
            os.utime(self.path(sha256))

    def write(self, sha256: str, features: LocalFeatures) -> None:
        """Write the keypoints of an image; beyond the bound, those not used for longest go.

        Raises:
            DiskFull: there is no room on the disk.
            OSError: they cannot be written.
        """
        path = self.path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        ask_for_room(path.parent, LEFT_FREE_BYTES)
        with atomic_file(path) as unfinished, unfinished.open("wb") as file:
            np.savez_compressed(
                file,
                points=features.points,
                descriptors=features.descriptors,
                size=np.array([features.width, features.height], np.int32),
            )
        self._make_room(path)

    def remove(self, sha256: str) -> None:
        """Remove the keypoints of an image, if they are there."""
        self.path(sha256).unlink(missing_ok=True)

    def _make_room(self, newest: Path) -> None:
        """Remove files of one folder beyond its part of the bound; the newest always stays."""
        held = sorted(_held(newest.parent))
        excess = sum(size for _, size, _ in held) - self.most_bytes // FOLDERS
        for _, size, path in held:
            if excess <= 0:
                return
            if path != str(newest):
                Path(path).unlink(missing_ok=True)
                excess -= size


def found_in(picture: Image.Image) -> LocalFeatures:
    """Return the keypoints of a work's stored RGB picture, exactly as they are kept."""
    pixels = np.asarray(picture, dtype=np.uint8)
    found = extract(pixels, side=COLLECTION_SIDE, most=COLLECTION_KEYPOINTS)
    levels = np.round(found.descriptors / _STEP).clip(max=_LEVELS - 1)
    return replace(
        found,
        points=np.round(found.points * _PARTS_OF_A_PIXEL) / np.float32(_PARTS_OF_A_PIXEL),
        descriptors=(levels * _STEP).astype(np.uint8),
    )


def _held(folder: Path) -> list[tuple[float, int, str]]:
    """Return the files of one folder: when each was last used, its bytes, and where it is."""
    held = []
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):  # another process was faster
                status = entry.stat()
                held.append((status.st_mtime, status.st_size, entry.path))
    return held
