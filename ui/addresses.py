"""Where works are found, on the page and in the API."""

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from catalog.artworks import ArtworkFacts

VERSION_LETTERS = 16
"""Of the hash of an image, which tell it from an earlier one of the work."""

WORK_PATH = "work"
"""Of the page of a work."""

BROWSE_PATH = "browse"

COMPARE_PATH = "compare"
"""Of the comparison of works."""

PUBLIC_PATHS = (
    "/",
    "/map",
    "/identify",
    "/models",
    f"/{BROWSE_PATH}",
    f"/{WORK_PATH}",
    f"/{COMPARE_PATH}",
)
"""Of the pages for everybody."""

ImageSize = Literal["thumbnail", "128", "256", "512"]


def work_address(work: UUID) -> str:
    """Return the address of the page of a work."""
    return f"/{WORK_PATH}?id={work}"


def comparison_address(works: Iterable[UUID]) -> str:
    """Return the address of the comparison of works."""
    return f"/{COMPARE_PATH}?{'&'.join(f'id={work}' for work in works)}"


def image_address(work: ArtworkFacts, size: ImageSize) -> str | None:
    """Return the address of a work's picture, good for ever; ``None`` where there is none.

    Args:
        size: the longest side in pixels, or the picture as it is kept.
    """
    if work.image_sha256 is None:
        return None
    return f"/images/{work.id}/{size}?v={work.image_sha256[:VERSION_LETTERS]}"


def record_address(work: UUID) -> str:
    """Return the address of all that is known of a work, as JSON."""
    return f"/api/artworks/{work}"


def image_service_address(work: UUID) -> str:
    """Return the address of the IIIF image service of a work's picture."""
    return f"/iiif/{work}"


def manifest_address(work: UUID) -> str:
    """Return the address of a work's IIIF manifest."""
    return f"/iiif/{work}/manifest"


def report_address(run: str) -> str:
    """Return the address of the report of an evaluation that was kept."""
    return f"/api/evaluations/{run}/report"
