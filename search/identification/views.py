"""Views of a photo: the parts of it, turned and squared, that may be a painting as it hangs.

A network's vector of a painting survives little of what a photo does to it: a wall around, a turn,
a slant. So a photo is looked at in several ways, the likeliest first; the local features then say
which was right.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
Quad = NDArray[np.float64]
"""Four corners in pixels, float64 [4, 2], clockwise from the one nearest to the upper left."""

MOST_OUTLINES = 8
LIKELY_OUTLINES = 2
"""Outlines that are looked at before all else."""

LEAST_OUTLINE_SHARE = 0.01
"""Of the photo's area: a smaller thing is not taken for a painting."""

LEAST_PART_SHARE = 0.08
"""Of the photo's area: what is left beside a work is looked at if it is this large."""

INSET = 0.08
"""Of an outline's half-widths, cut off at each side: most frames, and little of a painting."""

CENTRE_CROPS = (0.12, 0.22)
"""Cut off at each side. Where a wall could not be told from the painting, it is at the margins."""

TURNS = (-30, -20, -10, 10, 20, 30)
QUARTERS = (0, 90, 180, 270)

_SEARCH_SIDE = 320
"""Longest side, in pixels, of the picture in which outlines are looked for."""

_WALLS = ((3, False), (6, False), (3, True))
"""What is taken for the same wall: differences between neighbouring pixels, of 255, and whether
edges bound it besides. Walls differ: one is soft at the painting's edge, another has a pattern."""

_EDGES = (60, 140)
"""Thresholds of Canny's edges: where such an edge goes on, and where it begins."""


@dataclass(frozen=True, kw_only=True)
class View:
    """One way to look at a photo.

    Args:
        kind: ``whole``, ``outline`` (a part with four corners, squared), ``centre`` or ``turned``.
        pixels: uint8 [height, width, 3].
        quad: the part of the photo that it shows, for an outline.
        degrees: how far the photo was turned, counter-clockwise.
    """

    kind: Literal["whole", "outline", "centre", "turned"]
    pixels: Pixels
    quad: Quad | None = None
    degrees: float = 0.0

    @property
    def picture(self) -> Image.Image:
        """The view as an RGB picture."""
        return Image.fromarray(self.pixels)


def views_in_stages(pixels: Pixels, outlines: Sequence[Quad]) -> Iterator[list[View]]:
    """Go through the views of a photo, in stages from the likely and cheap to the rest.

    First the photo as it is; then what looks like a framed picture in it; then these upside down
    and on their sides, and the photo's centre; then the photo turned upright by its own strongest
    edges; last, turned by 10 to 30 degrees either way. Each stage is made when it is asked for.
    """
    yield [View(kind="whole", pixels=pixels)]
    if outlines:
        yield [quartered(pixels, quad, 0) for quad in outlines[:LIKELY_OUTLINES]]
    yield [
        *(quartered(pixels, quad, 0) for quad in outlines[LIKELY_OUTLINES:]),
        *(
            quartered(pixels, quad, quarter)
            for quad in outlines[:LIKELY_OUTLINES]
            for quarter in QUARTERS[1:]
        ),
        *(_centre(pixels, share) for share in CENTRE_CROPS),
    ]
    upright = -edge_direction(pixels)
    turned = [_turned(pixels, upright + quarter) for quarter in QUARTERS]
    yield turned if abs(upright) >= 4 else turned[1:]
    yield [_turned(pixels, turn) for turn in TURNS]


def quartered(pixels: Pixels, quad: Quad, degrees: int) -> View:
    """Return the view of an outline, squared, then turned counter-clockwise by right angles."""
    upright = squared(pixels, quad, inset=INSET)
    turned = np.ascontiguousarray(np.rot90(upright, degrees // 90))
    return View(kind="outline", pixels=turned, quad=quad, degrees=degrees)


def parts_beside(
    done: Sequence[Quad],
    size: tuple[int, int],
    points: NDArray[np.float32],
    outlines: Sequence[Quad],
) -> list[Quad]:
    """Return parts of a photo, left, right, above and below what is done, that may hold more.

    Only those with as many keypoints to the pixel as half of the photo's mean, and where no outline
    was found.

    Args:
        size: width and height of the photo.
        points: its keypoints, float32 [n, 2].
    """
    width, height = size
    if not done:
        return []
    placed = np.concatenate([np.clip(quad, 0, [width, height]) for quad in done])
    (left, top), (right, bottom) = placed.min(axis=0), placed.max(axis=0)
    boxes = [(0, 0, left, height), (right, 0, width, height)]
    boxes += [(left, 0, right, top), (left, bottom, right, height)]
    middles = np.array([quad.mean(axis=0) for quad in outlines]).reshape(-1, 2)
    found = []
    for x0, y0, x1, y1 in boxes:
        share = (x1 - x0) * (y1 - y0) / (width * height)
        if share < LEAST_PART_SHARE or min(x1 - x0, y1 - y0) < 0.1 * min(size):
            continue
        within = _inside(points, x0, y0, x1, y1)
        if within.mean() < 0.5 * share or _inside(middles, x0, y0, x1, y1).any():
            continue
        found.append(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=np.float64))
    return found


def _inside(
    points: NDArray[np.floating], x0: float, y0: float, x1: float, y1: float
) -> NDArray[np.bool_]:
    x, y = points[:, 0], points[:, 1]
    return np.asarray((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1))


def outlines_in(pixels: Pixels) -> list[Quad]:
    """Find what stands out from the wall around it, as quadrilaterals, the largest first.

    The wall is what can be reached from the photo's margin without a jump in colour.
    """
    scale = min(1.0, _SEARCH_SIDE / max(pixels.shape[:2]))
    size = (max(8, round(pixels.shape[1] * scale)), max(8, round(pixels.shape[0] * scale)))
    smaller = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    small = np.asarray(cv2.medianBlur(smaller, 5), dtype=np.uint8)
    area = size[0] * size[1]
    found: list[Quad] = []
    for step, bounded in _WALLS:
        contours, _ = cv2.findContours(
            _beside_the_wall(small, step, bounded=bounded),
            cv2.RETR_EXTERNAL,
            cv2.CHAIN_APPROX_SIMPLE,
        )
        for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:MOST_OUTLINES]:
            quad = _quadrilateral(np.asarray(contour))
            share = cv2.contourArea(quad.astype(np.float32)) / area
            if share >= LEAST_OUTLINE_SHARE and not any(_alike(quad, other) for other in found):
                found.append(quad)
    found.sort(key=lambda quad: -cv2.contourArea(quad.astype(np.float32)))
    per_pixel = np.array([pixels.shape[1] / size[0], pixels.shape[0] / size[1]])
    return [quad * per_pixel for quad in found[:MOST_OUTLINES]]


def squared(pixels: Pixels, quad: Quad, *, inset: float = 0.0) -> Pixels:
    """Return what a quadrilateral shows, seen from the front.

    Args:
        inset: share of its half-widths cut off at each side.
    """
    change, size = squaring(quad, inset=inset)
    shown = cv2.warpPerspective(
        pixels, change, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(shown, dtype=np.uint8)


def squaring(quad: Quad, *, inset: float = 0.0) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """Return the homography from the photo to what a quadrilateral shows, and that one's size."""
    middle = quad.mean(axis=0)
    inner = middle + (quad - middle) * (1 - inset)
    across, down = np.roll(inner, -1, axis=0) - inner, np.roll(inner, 1, axis=0) - inner
    width = max(8, round(float(np.linalg.norm(across[[0, 2]], axis=1).mean())))
    height = max(8, round(float(np.linalg.norm(down[[0, 2]], axis=1).mean())))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    change = cv2.getPerspectiveTransform(inner.astype(np.float32), corners)
    return np.asarray(change, dtype=np.float64), (width, height)


def edge_direction(pixels: Pixels) -> float:
    """Return by how many degrees the photo's edges are off level and plumb, in [-45, 45).

    The strongest direction of the brightness' gradient, modulo a right angle.
    """
    scale = min(1.0, _SEARCH_SIDE / max(pixels.shape[:2]))
    size = (max(8, round(pixels.shape[1] * scale)), max(8, round(pixels.shape[0] * scale)))
    grey = cv2.cvtColor(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    grey = cv2.GaussianBlur(grey, (5, 5), 0)
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    weight, angle = cv2.cartToPolar(across, down, angleInDegrees=True)
    histogram, _ = np.histogram(angle % 90, bins=90, range=(0, 90), weights=weight**2)
    around = np.concatenate([histogram[-2:], histogram, histogram[:2]])
    smooth = np.convolve(around, [1, 2, 3, 2, 1], mode="valid")
    strongest = (int(smooth.argmax()) + 0.5) % 90
    return float(strongest - 90 if strongest >= 45 else strongest)


def _beside_the_wall(small: Pixels, step: int, *, bounded: bool) -> Pixels:
    height, width = small.shape[:2]
    mask = np.zeros((height + 2, width + 2), np.uint8)
    # A soft edge is many small steps: the wall must not get across it.
    for channel in cv2.split(small) if bounded else ():
        mask[1:-1, 1:-1] |= np.asarray(cv2.Canny(channel, *_EDGES), dtype=np.uint8) // 255
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | (255 << 8)
    pace = max(4, (height + width) // 40)
    margin = [(x, y) for x in range(1, width - 1, pace) for y in (1, height - 2)]
    margin += [(x, y) for y in range(1, height - 1, pace) for x in (1, width - 2)]
    for x, y in margin:
        if not mask[y + 1, x + 1]:
            cv2.floodFill(small, mask, (x, y), (0,), (step,) * 3, (step,) * 3, flags)
    standing_out = np.where(mask[1:-1, 1:-1] == 255, 0, 255).astype(np.uint8)
    opened = cv2.morphologyEx(standing_out, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    return np.asarray(opened, dtype=np.uint8)


def _quadrilateral(contour: NDArray[np.integer[Any]]) -> Quad:
    hull = cv2.convexHull(contour)
    length = cv2.arcLength(hull, True)
    for tolerance in (0.01, 0.02, 0.03, 0.05, 0.08):
        simpler = cv2.approxPolyDP(hull, tolerance * length, True)
        if len(simpler) == 4 and cv2.contourArea(simpler) > 0.85 * cv2.contourArea(hull):
            return _ordered(simpler[:, 0])
        if len(simpler) <= 4:
            break
    return _ordered(cv2.boxPoints(cv2.minAreaRect(hull)))


def _ordered(corners: NDArray[np.generic]) -> Quad:
    points = np.asarray(corners, dtype=np.float64)
    away = points - points.mean(axis=0)
    clockwise = points[np.argsort(np.arctan2(away[:, 1], away[:, 0]))]
    return np.roll(clockwise, -int(clockwise.sum(axis=1).argmin()), axis=0)


def _alike(one: Quad, other: Quad) -> bool:
    """Tell whether two outlines overlap so far that they must be of the same thing."""
    first, second = one.astype(np.float32), other.astype(np.float32)
    common, _ = cv2.intersectConvexConvex(first, second)
    return bool(common > 0.7 * max(cv2.contourArea(first), cv2.contourArea(second)))


def _centre(pixels: Pixels, share: float) -> View:
    height, width = pixels.shape[:2]
    top, left = int(height * share), int(width * share)
    return View(kind="centre", pixels=pixels[top : height - top, left : width - left])


def _turned(pixels: Pixels, degrees: float) -> View:
    """Turn the photo about its middle, and keep what surely lies within it."""
    height, width = pixels.shape[:2]
    change = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0), np.float64)
    turn = np.radians(degrees)
    wide = abs(width * np.cos(turn)) + abs(height * np.sin(turn))
    high = abs(width * np.sin(turn)) + abs(height * np.cos(turn))
    kept = 0.7
    size = (max(8, round(kept * wide)), max(8, round(kept * high)))
    change[:, 2] += np.array(size) / 2 - np.array([width, height]) / 2
    shown = cv2.warpAffine(
        pixels, change, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    return View(kind="turned", pixels=np.asarray(shown, dtype=np.uint8), degrees=degrees)
