"""Laying one picture of a thing over another: the change of viewpoint between them.

Keypoints alone are right to a fifth of a pixel. Aligning all pixels after them (OpenCV's ECC) was
measured, and doubled the error: it is drawn aside where one picture is sharper than the other.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from search.identification.certainty import SAME_FROM, confidence
from search.identification.local_features import LocalFeatures, extract, mirrored
from search.identification.verification import Verification, verify

SIDE = 1_024
"""Longest side of the pictures that are laid over each other, in pixels; larger ones are shrunk."""

KEYPOINTS = 2_400


@dataclass(frozen=True, kw_only=True)
class Registration:
    """How one picture lies over another.

    Args:
        matches: keypoints of the two that look alike.
        inliers: matches that fit one change of viewpoint, counted once per spot.
        homography: float64 [3, 3], takes a place in the second picture to that in the first, both
            in shares of the pictures' sides, from the upper left; ``None`` where the two do not
            show the same thing.
        is_mirrored: the second shows the first's mirror image.
    """

    matches: int
    inliers: int
    homography: NDArray[np.float64] | None = None
    is_mirrored: bool = False


def register(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Registration:
    """Find how a picture is laid over another.

    Args:
        first, second: RGB, uint8 [height, width, 3].
    """
    first, second = _shrunk(first), _shrunk(second)
    seen, own = (extract(pixels, side=SIDE, most=KEYPOINTS) for pixels in (first, second))
    (straight,) = verify(seen, [own])
    found, is_mirrored = straight, False
    if not _is_sure(straight, seen, own):
        turned = mirrored(seen)
        (reflected,) = verify(turned, [own])
        if not _is_sure(reflected, turned, own):
            return Registration(matches=straight.matches, inliers=straight.inliers)
        found, is_mirrored = reflected, True
    if found.homography is None:  # it would not be sure
        return Registration(matches=found.matches, inliers=0)
    homography = _in_shares(found.homography, first, second)
    if is_mirrored:
        homography = np.array([[-1.0, 0, 1], [0, 1, 0], [0, 0, 1]]) @ homography
    return Registration(
        matches=found.matches,
        inliers=found.inliers,
        homography=homography / homography[2, 2],
        is_mirrored=is_mirrored,
    )


def _shrunk(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    scale = SIDE / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _is_sure(found: Verification, seen: LocalFeatures, own: LocalFeatures) -> bool:
    # Either may be a part of the other, of which the points then span little.
    spread = max(seen.share_spanned(found.photo_points), own.share_spanned(found.work_points))
    return found.homography is not None and confidence(found.inliers, spread=spread) >= SAME_FROM


def _in_shares(
    homography: NDArray[np.float64], first: NDArray[np.uint8], second: NDArray[np.uint8]
) -> NDArray[np.float64]:
    return _to_shares(first) @ homography @ np.linalg.inv(_to_shares(second))


def _to_shares(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return what takes the middles of pixels to shares of a picture's sides."""
    height, width = pixels.shape[:2]
    return np.array([[1 / width, 0, 0.5 / width], [0, 1 / height, 0.5 / height], [0, 0, 1]])
