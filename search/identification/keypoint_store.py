"""The keypoints of the collection's works, found once and kept.

Finding them takes as long as embedding a picture does, and ingest must not wait for it: a work's
keypoints are found when a photo is first compared with it.
"""

import re
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from uuid import UUID

import numpy as np

from catalog.artworks import ArtworkFacts
from embedders import UnreadableImage
from embedders.atomic_file import atomic_file
from search.identification.local_features import (
    COLLECTION_KEYPOINTS,
    COLLECTION_SIDE,
    LocalFeatures,
    extract,
)
from search.pictures import PictureOf

FORMAT = "sift-1"
"""Changes with what is kept or how it is found; the files of another format are not read."""

REMEMBERED = 500
"""Works whose keypoints stay in memory: 100 KB each."""

THREADS = 2
"""That find keypoints at a time."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class KeypointStore:
    """A folder of keypoints, by the SHA-256 of the image that they were found in.

    Several processes may share it. A file appears under its name only when it is complete, and one
    that does not hold what it should is made again.

    Args:
        folder: made if it is not there.
        picture_of: gives a work's picture.
    """

    def __init__(self, folder: Path, picture_of: PictureOf) -> None:
        self.folder = folder / FORMAT
        self._picture_of = picture_of
        self._remembered = lru_cache(REMEMBERED)(self._read)

    def path(self, sha256: str) -> Path:
        """Return where the keypoints of an image lie, or would lie.

        Raises:
            ValueError: not a SHA-256 in lower-case hexadecimal.
        """
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self.folder / sha256[:2] / f"{sha256}.npz"

    def features(self, works: Sequence[ArtworkFacts]) -> dict[UUID, LocalFeatures]:
        """Return the keypoints of works; works whose picture can't be had are left out."""
        if not works:
            return {}
        with ThreadPoolExecutor(THREADS) as threads:
            found = threads.map(self._of, works)
            return {
                work.id: features
                for work, features in zip(works, found, strict=True)
                if features is not None
            }

    def _of(self, work: ArtworkFacts) -> LocalFeatures | None:
        if work.image_sha256 is None:
            return None
        try:
            return self._remembered(work.image_sha256)
        except FileNotFoundError:
            pass
        try:
            picture = self._picture_of(work)
        except UnreadableImage:
            return None
        features = extract(
            np.asarray(picture, dtype=np.uint8), side=COLLECTION_SIDE, most=COLLECTION_KEYPOINTS
        )
        self._write(work.image_sha256, features)
        return features

    def _read(self, sha256: str) -> LocalFeatures:
        """Read a file; raises FileNotFoundError where there is none, or none that can be used."""
        try:
            # A zip file has a checksum of each part, so that a damaged one is noticed.
            with np.load(self.path(sha256), allow_pickle=False) as held:
                points, descriptors, size = held["points"], held["descriptors"], held["size"]
        except FileNotFoundError:
            raise
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise FileNotFoundError(f"{self.path(sha256)} is damaged") from error
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
            raise FileNotFoundError(f"{self.path(sha256)} holds something else")
        return LocalFeatures(
            points=points, descriptors=descriptors, width=int(size[0]), height=int(size[1])
        )

    def _write(self, sha256: str, features: LocalFeatures) -> None:
        # A home that cannot be written to is slow, not broken.
        with (
            suppress(OSError),
            atomic_file(self.path(sha256)) as unfinished,
            unfinished.open("wb") as file,
        ):
            np.savez(
                file,
                points=features.points,
                descriptors=features.descriptors,
                size=np.array([features.width, features.height], np.int32),
            )
