"""What a photo lacks to show its work: whether a work could have been found by it at all.

That nothing matched proves that a work is absent only if a photo like this one would have matched.
The thresholds are from photos of 140 of 1,344 paintings, made worse in fourteen ways and each held
against its own work.
"""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from search.identification.local_features import LEAST_LEVELS, QUERY_SIDE, LocalFeatures

Shortcoming = Literal["few details", "too dark", "too grainy"]

LEAST_KEYPOINTS = 150
"""Of photos with 120 to 150 keypoints 12 % did not match their own work, of those with 150 to 200
4 %, and of all with more 1 %. Of good photos of works 1.4 % have fewer: of works without detail."""

MOST_GRAIN = 40.0
"""Standard deviation of the noise, of 255 levels of the photo's own contrast: of grainier photos
9 % did not match their own work, of others 1 %. Good photos have at most 10."""

DIM_LEVELS = 64.0
"""Photos with less contrast are brightened: networks have learned from well-lit pictures."""

_GRAIN = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
"""Blind to slopes and edges, so that what is left is noise: Immerkær, "Fast noise variance
estimation", 1996; by the median, which ignores texture."""


def shortcoming_of(pixels: NDArray[np.uint8], keypoints: LocalFeatures) -> Shortcoming | None:
    """Return why a photo would not show its work; ``None`` where it would.

    Args:
        pixels: RGB, uint8 [height, width, 3], as it was taken.
        keypoints: of the photo.
    """
    grey = _grey(pixels)
    dark, bright = _ends(grey)
    levels = bright - dark
    if levels < LEAST_LEVELS:
        return "too dark" if bright < DIM_LEVELS else "few details"
    if len(keypoints) < LEAST_KEYPOINTS:
        return "few details"
    if 255 * _grain(grey) / levels > MOST_GRAIN:
        return "too grainy"
    return None


def brightened(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a dim photo with the contrast of a well-lit one; any other as it is."""
    dark, bright = _ends(_grey(pixels))
    if not LEAST_LEVELS <= bright - dark < DIM_LEVELS:
        return pixels
    stretched = (pixels.astype(np.float32) - np.float32(dark)) * np.float32(255 / (bright - dark))
    return np.asarray(np.clip(stretched, 0, 255), dtype=np.uint8)


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _ends(grey: NDArray[np.uint8]) -> tuple[float, float]:
    """Return the brightness below which, and above which, lies one in a hundred pixels."""
    dark, bright = np.percentile(grey[::4, ::4], (1, 99))
    return float(dark), float(bright)


def _grain(grey: NDArray[np.uint8]) -> float:
    """Return the standard deviation of the noise, in levels of 255, as keypoints see the photo."""
    scale = min(1.0, QUERY_SIDE / max(grey.shape))
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    seen = cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    return float(np.median(np.abs(cv2.filter2D(seen, -1, _GRAIN))) / 0.6745 / 6)
