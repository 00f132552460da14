"""Keypoints of a picture and what each looks like: SIFT, with square-root descriptors.

SIFT: Lowe, "Distinctive image features from scale-invariant keypoints", 2004. Square roots of its
descriptors compare by the Hellinger kernel: Arandjelović and Zisserman, "Three things everyone
should know to improve object retrieval", 2012.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

COLLECTION_SIDE = 512
"""Longest side, in pixels, at which a work of the collection is looked at: that of a thumbnail."""

QUERY_SIDE = 720
"""That of a photo, in which the work may be small."""

COLLECTION_KEYPOINTS = 800
QUERY_KEYPOINTS = 1_600

LEAST_LEVELS = 4.0
"""Between the darkest and the brightest percentile, of 255: fewer, stretched, are steps."""

_CONTRAST_THRESHOLD = 0.02
"""Half of OpenCV's: faint works have keypoints too, and of the others only the best are kept."""

_CODE_SCALE = 512.0
"""A unit descriptor's values, rarely above a half, as bytes."""


@dataclass(frozen=True, kw_only=True)
class LocalFeatures:
    """The keypoints of one picture, the most pronounced first.

    Args:
        points: float32 [n, 2], x and y in pixels of the picture that they were found in.
        descriptors: uint8 [n, 128], 512 times the unit-length square-root descriptor.
        width, height: of that picture.
        mirrored: they are what its mirror image would have.
    """

    points: NDArray[np.float32]
    descriptors: NDArray[np.uint8]
    width: int
    height: int
    mirrored: bool = False

    def __len__(self) -> int:
        return len(self.points)

    def unit_descriptors(self) -> NDArray[np.float32]:
        """Return the descriptors as float32 [n, 128] of length one, but for rounding."""
        return self.descriptors.astype(np.float32) / np.float32(_CODE_SCALE)

    def share_spanned(self, points: NDArray[np.float32]) -> float:
        """Return the share of the picture that points in it, float32 [n, 2], span."""
        if len(points) < 3:
            return 0.0
        return cv2.contourArea(cv2.convexHull(points)) / (self.width * self.height)

    def strongest(self, most: int) -> "LocalFeatures":
        """Return only the most pronounced keypoints."""
        return replace(self, points=self.points[:most], descriptors=self.descriptors[:most])


def extract(pixels: NDArray[np.uint8], *, side: int, most: int) -> LocalFeatures:
    """Find the keypoints of a picture.

    Args:
        pixels: RGB, uint8 [height, width, 3].
        side: a larger picture is first shrunk to this longest side; the points are given in the
            pixels of the picture as it came.
        most: keypoints kept.
    """
    height, width = pixels.shape[:2]
    grey = _evenly_lit(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8))
    scale = min(1.0, side / max(grey.shape))
    if scale < 1:
        size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    detector = cv2.SIFT.create(nfeatures=most, contrastThreshold=_CONTRAST_THRESHOLD)
    keypoints, raw = detector.detectAndCompute(grey, None)
    if raw is None or not keypoints:
        return LocalFeatures(
            points=np.empty((0, 2), np.float32),
            descriptors=np.empty((0, 128), np.uint8),
            width=width,
            height=height,
        )
    strongest = np.argsort([-keypoint.response for keypoint in keypoints], kind="stable")[:most]
    points = np.array([keypoints[place].pt for place in strongest], np.float32)
    to_picture = np.array([width / grey.shape[1], height / grey.shape[0]], np.float32)
    rooted = np.sqrt(raw[strongest] / np.maximum(raw[strongest].sum(axis=1, keepdims=True), 1e-9))
    codes = np.clip(np.round(rooted * _CODE_SCALE), 0, 255).astype(np.uint8)
    return LocalFeatures(points=points * to_picture, descriptors=codes, width=width, height=height)


def mirrored(features: LocalFeatures) -> LocalFeatures:
    """Return what the features of the mirror image would be, without looking at it.

    A mirror swaps the two sides of a keypoint's own direction: of the 4 × 4 cells of 8 directions
    that SIFT counts in, the rows across that direction change places and angles their sign.
    """
    cells = features.descriptors.reshape(-1, 4, 4, 8)
    turned = cells[:, ::-1, :, (-np.arange(8)) % 8].reshape(-1, 128)
    points = features.points * np.array([-1, 1], np.float32)
    points[:, 0] += features.width - 1
    return replace(
        features,
        points=points,
        descriptors=np.ascontiguousarray(turned),
        mirrored=not features.mirrored,
    )


def _evenly_lit(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Stretch the brightness, so that a dark photo and a bright one have equal contrast."""
    dark, bright = np.percentile(grey[::4, ::4], (1, 99))
    if bright - dark < LEAST_LEVELS:
        return grey
    stretched = (grey.astype(np.float32) - np.float32(dark)) * np.float32(255 / (bright - dark))
    return np.asarray(np.clip(stretched, 0, 255), dtype=np.uint8)
