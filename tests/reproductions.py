"""Drawn paintings with much to see, and what becomes of them in reproductions and in prints."""

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]


def paint(seed: int, *, width: int = 420, height: int = 320) -> Pixels:
    """Draw a painting: rough colours at every scale, and shapes with edges; uint8 [h, w, 3]."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((height, width, 3), np.float32)
    for cells, weight in ((4, 1.0), (12, 0.8), (40, 0.6), (110, 0.4)):
        coarse = rng.normal(size=(cells * height // width + 1, cells, 3)).astype(np.float32)
        picture += weight * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    picture = 127 + 45 * picture
    for _ in range(40):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (int(rng.integers(5, 45)), int(rng.integers(5, 45)))
        colour = [int(value) for value in rng.integers(0, 256, 3)]
        cv2.ellipse(picture, centre, axes, int(rng.integers(180)), 0, 360, colour, -1)
    return np.clip(picture, 0, 255).astype(np.uint8)


def photographed(pixels: Pixels, *, crop: float = 0.0, warm: float = 1.0) -> Pixels:
    """Return another reproduction: smaller, cropped on each side, of other colours, recompressed.

    Args:
        crop: share of the width and height cut off at each side.
        warm: how much redder and less blue it is.
    """
    height, width = pixels.shape[:2]
    left, top = int(crop * width), int(crop * height)
    kept = pixels[top : height - top, left : width - left]
    small = cv2.resize(kept, None, fx=0.85, fy=0.85, interpolation=cv2.INTER_AREA)
    tinted = np.clip(small * np.array([warm, 1.0, 1 / warm]), 0, 255).astype(np.uint8)
    written = io.BytesIO()
    Image.fromarray(tinted).save(written, "JPEG", quality=45)
    return np.asarray(Image.open(written).convert("RGB"), np.uint8)


def sheet(seed: int, *, emblem: int) -> Pixels:
    """Draw a page of a book: an emblem that other pages have too, beside what this page alone has.

    The emblem covers a seventh of the page.
    """
    page = paint(seed)
    page[20:140, 30:190] = paint(emblem, width=160, height=120)
    return page


def finished(figure: int, *, ground: int) -> Pixels:
    """Draw a painting after a study: the figure of one on the ground of another."""
    study, painting = paint(figure), paint(ground)
    height, width = study.shape[:2]
    inside = np.zeros((height, width), np.uint8)
    cv2.ellipse(inside, (width // 2, height // 2), (width // 3, height // 3), 0, 0, 360, 1, -1)
    return np.where(inside[..., None] > 0, study, painting)
