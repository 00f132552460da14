"""The evidence for an identification, drawn: matched points and the works' outlines."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from search.identification.identify import FoundWork

HEIGHT = 640
"""Of the drawing, in pixels."""

MOST_LINES = 80
"""More would hide the pictures."""

_GAP = 16
_BACKGROUND = (255, 255, 255)
_OUTLINE = (0, 190, 120)
_OTHER_OUTLINE = (255, 160, 0)


def draw_matches(
    photo: Image.Image,
    work_picture: Image.Image,
    works: Sequence[FoundWork],
    *,
    photo_width: int | None = None,
) -> Image.Image:
    """Draw the photo beside the first work, lines between their matching points, and outlines.

    Args:
        photo: as it was given to ``identify``, decoded.
        work_picture: the stored picture of the first work, in which its keypoints were found.
        works: found in the photo; the outlines of all are drawn.
        photo_width: of the photo as it was given, where it was decoded smaller.

    Raises:
        ValueError: there is no work.
    """
    if not works:
        raise ValueError("no work was found, so there is nothing to draw")
    left, right = _fitted(photo), _fitted(work_picture)
    match = works[0].match
    photo_scale = left.shape[1] / (photo_width or photo.width)
    work_scale = right.shape[1] / match.work_size[0]
    offset = left.shape[1] + _GAP
    canvas = np.full((HEIGHT, offset + right.shape[1], 3), _BACKGROUND, np.uint8)
    canvas[: left.shape[0], : left.shape[1]] = left
    canvas[: right.shape[0], offset:] = right
    photo_points = match.photo_points * photo_scale
    work_points = match.work_points * work_scale + [offset, 0]
    for place in np.linspace(0, len(photo_points) - 1, min(MOST_LINES, len(photo_points))):
        start, end = photo_points[int(place)], work_points[int(place)]
        colour = _colour_of(start, left.shape[0])
        cv2.line(canvas, _pixel(start), _pixel(end), colour, 1, cv2.LINE_AA)
        for point in (start, end):
            cv2.circle(canvas, _pixel(point), 3, colour, -1, cv2.LINE_AA)
    # Outlines may reach beyond the photo, where they are not drawn.
    within = np.ascontiguousarray(canvas[: left.shape[0], : left.shape[1]])
    for number, work in enumerate(works):
        if work.match.outline is not None:
            corners = np.round(work.match.outline * photo_scale).astype(np.int32)
            colour = _OUTLINE if number == 0 else _OTHER_OUTLINE
            cv2.polylines(within, [corners], True, colour, 3, cv2.LINE_AA)
    canvas[: left.shape[0], : left.shape[1]] = within
    return Image.fromarray(canvas)


def _fitted(picture: Image.Image) -> NDArray[np.uint8]:
    scale = min(HEIGHT / picture.height, 2 * HEIGHT / picture.width)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return np.asarray(picture.convert("RGB").resize(size, Image.Resampling.BICUBIC), np.uint8)


def _pixel(point: NDArray[np.floating]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _colour_of(point: NDArray[np.floating], height: int) -> tuple[int, int, int]:
    """Return a colour by the height of the point, so that lines can be told apart."""
    hue = int(np.clip(point[1] / max(1, height), 0, 1) * 179)
    pixel = cv2.cvtColor(np.array([[[hue, 200, 230]]], np.uint8), cv2.COLOR_HSV2RGB)[0, 0]
    return int(pixel[0]), int(pixel[1]), int(pixel[2])
