"""The keypoints of the collection's works: kept ones, and else found when they are first needed.

Finding them takes as long as embedding a picture does, and ingest does not wait for it unless it is
told to.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from uuid import UUID

from catalog.artworks import ArtworkFacts
from embedders import UnreadableImage
from search.identification.keypoint_files import KeypointFiles, found_in
from search.identification.local_features import LocalFeatures
from search.index.disk_space import DiskFull
from search.pictures import PictureOf

REMEMBERED = 500
"""Works whose keypoints stay in memory: 100 KB each."""

THREADS = 2
"""That find keypoints at a time."""


class KeypointStore:
    """Gives the keypoints of works, and keeps those that it had to find.

    Args:
        files: where they are kept.
        picture_of: gives a work's picture.
    """

    def __init__(self, files: KeypointFiles, picture_of: PictureOf) -> None:
        self.files = files
        self._picture_of = picture_of
        self._remembered = lru_cache(REMEMBERED)(files.read)

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
        sha256 = work.image_sha256
        if sha256 is None:
            return None
        try:
            features = self._remembered(sha256)
        except FileNotFoundError:
            pass
        else:
            self.files.note_use(sha256)
            return features
        try:
            features = found_in(self._picture_of(work))
        except UnreadableImage:
            return None
        # A home that cannot be written to is slow, not broken.
        with suppress(OSError, DiskFull):
            self.files.write(sha256, features)
        return features
