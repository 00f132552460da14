"""Whether two pictures show the same thing: keypoints that match under one change of viewpoint."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from search.identification.local_features import LocalFeatures

RATIO = 0.85
"""A match must be nearer than this times the next nearest, in distance (Lowe's test)."""

LEAST_MATCHES = 5
"""Four points always fit a homography."""

_TOLERANCE = 0.008
"""How far from its place a match may lie, as a share of the work's longest side: 4 px of 512."""

_SPOT = 0.006
"""Matches nearer to each other than this share of the longest side count once."""

_MOST_ITERATIONS = 2_000
_SCALES = (0.03, 10.0)
"""A photo's longest side is that of the work, times so much, at its work's place."""


def _no_points() -> NDArray[np.float32]:
    return np.empty((0, 2), np.float32)


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What the keypoints say of one candidate.

    Args:
        matches: that passed the ratio test.
        inliers: matches that fit one change of viewpoint, counted once per spot; 0 if none.
        homography: float64 [3, 3], from the work's stored picture to the photo, in pixels of each;
            ``None`` where none was found.
        photo_points, work_points: float32 [inliers, 2], the matches that fit.
    """

    matches: int
    inliers: int = 0
    homography: NDArray[np.float64] | None = None
    photo_points: NDArray[np.float32] = field(default_factory=_no_points)
    work_points: NDArray[np.float32] = field(default_factory=_no_points)


def verify(photo: LocalFeatures, works: Sequence[LocalFeatures]) -> list[Verification]:
    """Match a photo's keypoints with those of several works, and see which fit a viewpoint."""
    sought = photo.unit_descriptors()
    return [_fit(photo, work, *_matches(sought, work.unit_descriptors())) for work in works]


def corners(width: float, height: float) -> NDArray[np.float64]:
    """Return the corners of a picture, clockwise from the upper left; float64 [4, 2]."""
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)


def project(homography: NDArray[np.float64], points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return where a homography takes points; float64 [n, 2]."""
    ahead = np.c_[points, np.ones(len(points))] @ homography.T
    return np.asarray(ahead[:, :2] / ahead[:, 2:], dtype=np.float64)


def _matches(
    sought: NDArray[np.float32], offered: NDArray[np.float32]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the places of the matches that pass the ratio test, the surest first."""
    nothing = np.empty(0, np.intp)
    if len(sought) < LEAST_MATCHES or len(offered) < LEAST_MATCHES:
        return nothing, nothing
    cosines = sought @ offered.T
    rows = np.arange(len(sought))
    best = cosines.argmax(axis=1)
    nearest = cosines[rows, best]
    cosines[rows, best] = -1.0
    second = cosines.max(axis=1)
    # Of unit vectors, the squared distance is 2 (1 - cosine).
    ratio = (1 - nearest) / np.maximum(1 - second, 1e-6)
    passing = np.flatnonzero(ratio < RATIO**2)
    # PROSAC-like samplers, and the choice among matches at one spot, want the surest first.
    passing = passing[np.argsort(ratio[passing], kind="stable")]
    return passing, best[passing]


def _fit(
    photo: LocalFeatures,
    work: LocalFeatures,
    photo_places: NDArray[np.intp],
    work_places: NDArray[np.intp],
) -> Verification:
    seen, own = photo.points[photo_places], work.points[work_places]
    distinct = _one_per_spot(seen, own, photo, work)
    seen, own = seen[distinct], own[distinct]
    if len(seen) < LEAST_MATCHES:
        return Verification(matches=len(seen))
    # Found from the photo to the work, so that the tolerance is in the work's own pixels: the
    # photo may show it at any size.
    longest = max(work.width, work.height)
    # OpenCV gives None where nothing fits, which its types do not say.
    fitted: Any = cv2.findHomography(
        seen,
        own,
        cv2.USAC_MAGSAC,
        _TOLERANCE * longest,
        maxIters=_MOST_ITERATIONS,
        confidence=0.999,
    )
    back, mask = fitted
    if back is None:
        return Verification(matches=len(seen))
    inside = mask.ravel().astype(bool)
    homography = _inverse(np.asarray(back, dtype=np.float64))
    if homography is None or not _plausible(homography, seen[inside], own[inside], photo, work):
        return Verification(matches=len(seen))
    return Verification(
        inliers=int(inside.sum()),
        matches=len(seen),
        homography=homography,
        photo_points=seen[inside],
        work_points=own[inside],
    )


def _one_per_spot(
    seen: NDArray[np.float32],
    own: NDArray[np.float32],
    photo: LocalFeatures,
    work: LocalFeatures,
) -> NDArray[np.intp]:
    """Return the first of the matches that share a spot in the photo or in the work."""
    kept = np.arange(len(seen))
    for points, size in ((seen, (photo.width, photo.height)), (own, (work.width, work.height))):
        cells = np.floor(points[kept] / max(1.0, _SPOT * max(size))).astype(np.int64)
        _, first = np.unique(cells, axis=0, return_index=True)
        kept = kept[np.sort(first)]
    return kept


def _inverse(homography: NDArray[np.float64]) -> NDArray[np.float64] | None:
    determinant = np.linalg.det(homography)
    if not np.isfinite(determinant) or abs(determinant) < 1e-12:
        return None
    inverse = np.linalg.inv(homography)
    return inverse / inverse[2, 2] if abs(inverse[2, 2]) > 1e-12 else None


def _plausible(
    homography: NDArray[np.float64],
    seen: NDArray[np.float32],
    own: NDArray[np.float32],
    photo: LocalFeatures,
    work: LocalFeatures,
) -> bool:
    """Tell whether a camera could have seen it so: unfolded, not mirrored, of a sensible size.

    Looked at over the matched part only: what lies outside may be outside the photo, too.
    """
    if len(own) < LEAST_MATCHES - 1:
        return False
    low, high = own.min(axis=0), own.max(axis=0)
    box = corners(*(high - low)) + low
    depth = np.c_[box, np.ones(4)] @ homography[2]
    if depth.min() <= 0 or depth.max() > 4 * depth.min():
        return False
    if len(np.unique(np.round(seen), axis=0)) < LEAST_MATCHES - 1:
        return False
    placed = project(homography, box)
    sides = np.roll(placed, -1, axis=0) - placed
    following = np.roll(sides, -1, axis=0)
    turns = sides[:, 0] * following[:, 1] - sides[:, 1] * following[:, 0]
    if turns.min() <= 0:
        return False
    share = np.sqrt(np.prod(high - low) / (work.width * work.height))
    area = cv2.contourArea(placed.astype(np.float32))
    scale = np.sqrt(area / (photo.width * photo.height)) / max(share, 1e-6)
    return bool(_SCALES[0] <= scale <= _SCALES[1])
