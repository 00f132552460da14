"""From an image's location to the arrays that the models take: what runs ahead on threads."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from catalog.jobs import Failure
from embedders import Preparation, UnreadableImage, decode_image, read_image_file
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
    stage = "fetch"
    try:
        data = read_image_file(Path(location), max_bytes=limits.file_bytes)
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 == embedded_sha256 and store.thumbnail_path(sha256).exists():
            return LoadedImage(artwork_id, sha256, None, None, {})
        stage = "decode"
        picture = decode_image(data, max_pixels=limits.pixels, max_bytes=limits.file_bytes)
    except UnreadableImage as error:
        return Failure(
            item=item,
            stage=stage,
            reason=error.reason,
            detail=error.details,
            artwork_id=artwork_id,
        )
    store.save_thumbnail(sha256, picture)
    prepared = {preparation: preparation.apply(picture) for preparation in preparations}
    return LoadedImage(artwork_id, sha256, picture.width, picture.height, prepared)
