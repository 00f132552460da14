"""From an image's location to the arrays that the models take: what runs ahead on threads."""

import hashlib
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from catalog.jobs import Failure
from embedders import Preparation, UnreadableImage, decode_image
from ingest.image_store import ImageStore


@dataclass(frozen=True)
class LoadedImage:
    """An image ready for the models.

    Args:
        prepared: a uint8 array (size, size, 3) for each preparation; empty where the image is the
            one that was embedded before.
    """

    artwork_id: UUID
    sha256: str
    width: int | None
    height: int | None
    prepared: Mapping[Preparation, NDArray[np.uint8]]


@dataclass(frozen=True)
class ImageLimits:
    """The largest image that is read and decoded."""

    file_bytes: int
    pixels: int


class _NotLoaded(Exception):
    def __init__(self, stage: str, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.stage, self.reason, self.detail = stage, reason, detail


def load_image(
    artwork_id: UUID,
    *,
    item: str,
    location: str,
    embedded_sha256: str | None,
    preparations: Collection[Preparation],
    store: ImageStore,
    limits: ImageLimits,
) -> LoadedImage | Failure:
    """Read, check and decode one image, save its thumbnail, and prepare it for the models.

    Args:
        item: the image as its source names it, for the failure.
        embedded_sha256: hash of the image that all wanted embeddings were made of, if they were:
            the same bytes are then not decoded again.
    """
    try:
        data = _read(Path(location), limits.file_bytes)
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 == embedded_sha256 and store.thumbnail_path(sha256).exists():
            return LoadedImage(artwork_id, sha256, None, None, {})
        try:
            picture = decode_image(data, max_pixels=limits.pixels)
        except UnreadableImage as error:
            raise _NotLoaded("decode", error.reason, str(error)) from error
        store.save_thumbnail(sha256, picture)
        prepared = {preparation: preparation.apply(picture) for preparation in preparations}
    except _NotLoaded as error:
        return Failure(
            item=item,
            stage=error.stage,
            reason=error.reason,
            detail=error.detail,
            artwork_id=artwork_id,
        )
    return LoadedImage(artwork_id, sha256, picture.width, picture.height, prepared)


def _read(path: Path, limit: int) -> bytes:
    try:
        found = path.stat()
        # A pipe or a device would be waited on for ever.
        if not stat.S_ISREG(found.st_mode):
            raise _NotLoaded("fetch", "not a regular file", str(path))
        if found.st_size > limit:
            detail = f"{found.st_size:,} bytes, and {limit:,} are allowed"
            raise _NotLoaded("fetch", "file too large", detail)
        if found.st_size == 0:
            raise _NotLoaded("fetch", "empty file", str(path))
        return path.read_bytes()
    except FileNotFoundError as error:
        raise _NotLoaded("fetch", "file not found", str(path)) from error
    except PermissionError as error:
        raise _NotLoaded("fetch", "permission denied", str(path)) from error
    except OSError as error:
        raise _NotLoaded("fetch", "unreadable file", str(error)) from error
