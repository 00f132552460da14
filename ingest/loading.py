"""From an image's location to the arrays that the models take: what runs ahead on threads."""

import hashlib
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from catalog.artworks import ArtworkFacts
from catalog.jobs import Failure
from catalog.record import ArtworkRecord
from embedders import (
    ImageLimits,
    Preparation,
    UnreadableImage,
    decode_image,
    decoded,
    read_image_file,
)
from ingest.claims import ClaimedWork
from ingest.image_store import ImageStore
from ingest.web_address import is_web_address, without_credentials
from search.index.disk_space import DiskFull

if TYPE_CHECKING:
    from search.identification.keypoint_files import KeypointFiles

_SETTINGS_OF_REASONS = {
    "file too large": "max_image_bytes",
    "too many pixels": "max_image_pixels",
    "too much to decode": "max_decode_bytes",
}


@dataclass(frozen=True)
class LoadedImage:
    """An image ready for the models.

    Args:
        prepared: a uint8 array (size, size, 3) for each preparation; empty where the image is the
            one that was embedded before.
    """

    artwork_id: UUID
    sha256: str
    width: int | None = None
    height: int | None = None
    prepared: Mapping[Preparation, NDArray[np.uint8]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ImageLoader:
    """Reads, checks and decodes images, saves their thumbnails, and prepares them for the models.

    It waits for nothing but the disk and the place of shared thumbnails; downloads come before it.
    """

    preparations: Collection[Preparation]
    store: ImageStore
    limits: ImageLimits
    keypoints: "KeypointFiles | None" = None

    def load(self, work: ClaimedWork, file: Path) -> LoadedImage | Failure:
        """Load the image of a work from a file.

        The bytes that its embeddings were made of are not decoded again.
        """
        stage = "fetch"
        try:
            data = read_image_file(file, max_bytes=self.limits.file_bytes)
            sha256 = hashlib.sha256(data).hexdigest()
            if sha256 == self.settled(work):
                return LoadedImage(work.artwork.id, sha256)
            stage = "decode"
            with decoded(data, self.limits) as found:
                thumbnail = self.store.save_thumbnail(sha256, found.picture)
                prepared = {item: item.apply(found.picture) for item in self.preparations}
            self._find_keypoints(sha256, thumbnail)
            return LoadedImage(work.artwork.id, sha256, found.width, found.height, prepared)
        except UnreadableImage as error:
            return failure_of(
                work.artwork, stage=stage, reason=error.reason, detail=_with_setting(error)
            )

    def _find_keypoints(self, sha256: str, thumbnail: Path) -> None:
        """Find the keypoints of an image where that is wanted and they can be kept.

        In the thumbnail as it was written, where they are found on demand too: its pixels differ
        from those that it was made of. Whatever goes wrong is left to that, and fails no image.
        """
        kept = self.keypoints
        if kept is None or kept.path(sha256).exists():
            return
        with suppress(UnreadableImage, OSError, DiskFull):
            if kept.has_room(sha256):
                kept.keep(sha256, decode_image(thumbnail))

    def settled(self, work: ClaimedWork) -> str | None:
        """Return the SHA-256 of the image with which nothing remains to be done for a work."""
        sha256 = work.embedded_sha256
        return sha256 if sha256 is not None and self.store.holds(sha256) else None


def _with_setting(error: UnreadableImage) -> str:
    """Return what is wrong with an image, and which setting would let it in."""
    setting = _SETTINGS_OF_REASONS.get(error.reason)
    return f"{error.details} (by VASARI_{setting.upper()})" if setting else error.details


def failure_of(
    work: ArtworkFacts | ArtworkRecord, *, stage: str, reason: str, detail: str
) -> Failure:
    """Return the failure of a work's image; its file may be an address that holds secrets."""
    item = without_credentials(work.file) if is_web_address(work.file) else work.file
    return Failure(item=item, stage=stage, reason=reason, detail=detail, artwork_id=work.id)
