"""Where in a photo a work was found."""

from dataclasses import dataclass, replace
from uuid import UUID

import cv2
import numpy as np
from numpy.typing import NDArray

from search.identification.local_features import LocalFeatures
from search.identification.verification import Verification, corners, project
from search.identification.views import Quad


@dataclass(frozen=True, kw_only=True)
class Match:
    """One work compared with the photo.

    Args:
        mirrored: the photo shows its mirror image. Points and outline are of the photo as it is.
        outline: where the work's corners lie in the photo, clockwise from its own upper left (or
            anticlockwise, mirrored), in pixels, float64 [4, 2]; ``None`` without inliers.
        rotation: degrees clockwise that the work is turned in the photo, in (-180, 180].
        photo_points, work_points: the matching points, float32 [inliers, 2], in pixels of the photo
            and of the work's stored picture.
        work_size: width and height of that stored picture.
        spread: share of the work's area that the matching points enclose, in [0, 1].
    """

    id: UUID
    inliers: int
    matches: int
    mirrored: bool
    outline: Quad | None
    rotation: float
    photo_points: NDArray[np.float32]
    work_points: NDArray[np.float32]
    work_size: tuple[int, int]
    spread: float

    def scaled(self, scale: float) -> "Match":
        """Return the match in a photo ``scale`` times as large."""
        return replace(
            self,
            outline=None if self.outline is None else self.outline * scale,
            photo_points=self.photo_points * np.float32(scale),
        )


def match_of(
    item: UUID, work: LocalFeatures, verified: Verification, photo: LocalFeatures
) -> Match:
    """Return a verification as a match in the photo as it is, though its mirror image was asked."""
    outline: Quad | None = None
    rotation, points = 0.0, verified.photo_points.astype(np.float64)
    if verified.homography is not None:
        outline = project(verified.homography, corners(work.width, work.height))
        middle = verified.work_points.mean(axis=0)
        ends = project(verified.homography, np.stack([middle, middle + np.array([1, 0])]))
        along = ends[1] - ends[0]
        rotation = float(np.degrees(np.arctan2(along[1], along[0])))
        if photo.mirrored:
            outline, points = _reflected(outline, photo.width), _reflected(points, photo.width)
            rotation = -rotation
    return Match(
        id=item,
        inliers=verified.inliers,
        matches=verified.matches,
        mirrored=photo.mirrored,
        outline=outline,
        rotation=rotation,
        photo_points=points.astype(np.float32),
        work_points=verified.work_points,
        work_size=(work.width, work.height),
        spread=min(1.0, work.share_spanned(verified.work_points)),
    )


def _reflected(points: NDArray[np.floating], width: int) -> NDArray[np.float64]:
    return np.asarray(points * [-1.0, 1.0] + [width - 1.0, 0.0], dtype=np.float64)


def same_place(match: Match, other: Match) -> bool:
    """Tell whether most of a match's points lie within another work's outline."""
    if other.outline is None:
        return False
    return _share_inside(match.photo_points, other.outline) > 0.5


def covers(done: Quad, quad: Quad) -> bool:
    """Tell whether what an outline encloses is for the most part in another's."""
    return _share_inside(quad * 0.5 + quad.mean(axis=0) * 0.5, done) > 0.5


def _share_inside(points: NDArray[np.floating], quad: Quad) -> float:
    shape = quad.astype(np.float32)
    inside = [
        cv2.pointPolygonTest(shape, (float(x), float(y)), measureDist=False) >= 0 for x, y in points
    ]
    return float(np.mean(inside)) if inside else 0.0
