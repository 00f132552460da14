"""Where works are found, on the page and in the API."""

from typing import Literal

from catalog.artworks import ArtworkFacts

VERSION_LETTERS = 16
"""Of the hash of an image, which tell it from an earlier one of the work."""

ImageSize = Literal["thumbnail", "128", "256", "512"]


def image_address(work: ArtworkFacts, size: ImageSize) -> str | None:
    """Return the address of a work's picture, good for ever; ``None`` where there is none.

    Args:
        size: the longest side in pixels, or the picture as it is kept.
    """
    if work.image_sha256 is None:
        return None
    return f"/images/{work.id}/{size}?v={work.image_sha256[:VERSION_LETTERS]}"
