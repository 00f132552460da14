"""A sheet to draw flat, clean-edged shapes on."""

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageDraw

from ingest.sample.generated.picture import Colour, Field, Pixels, Points, Size

_SCALE = 2  # Pillow draws without antialiasing: draw at twice the size, then average


def to_image(pixels: Pixels) -> Image.Image:
    """The picture as an 8-bit RGB image, values out of range cut off."""
    return Image.fromarray((np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8))


class Sheet:
    """Shapes laid over each other, the latest on top. All measures are pixels of the result."""

    def __init__(self, size: Size, ground: Colour) -> None:
        self.size = size
        self._image = Image.new("RGB", (size[0] * _SCALE, size[1] * _SCALE), _ink(ground))
        self._pen = ImageDraw.Draw(self._image)

    @classmethod
    def over(cls, pixels: Pixels) -> Self:
        """A sheet that already shows a picture, to go on drawing on it."""
        height, width = pixels.shape[:2]
        sheet = cls((width, height), np.zeros(3, np.float32))
        sheet._image = to_image(pixels).resize(
            (width * _SCALE, height * _SCALE),
            Image.Resampling.NEAREST,  # so it reduces unchanged
        )
        sheet._pen = ImageDraw.Draw(sheet._image)
        return sheet

    def polygon(self, points: ArrayLike, paint: Colour) -> None:
        """Fill the polygon through ``points``, shape (n, 2)."""
        self._pen.polygon(_flat(points), fill=_ink(paint))

    def rectangle(
        self, left: float, top: float, right: float, bottom: float, paint: Colour
    ) -> None:
        """Fill a rectangle; an empty one draws nothing."""
        if right > left and bottom > top:
            corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
            self.polygon(corners, paint)

    def disc(self, x: float, y: float, radius: float, paint: Colour) -> None:
        """Fill a circle."""
        self.ellipse(x, y, radius, radius, paint)

    def ellipse(self, x: float, y: float, across: float, down: float, paint: Colour) -> None:
        """Fill an upright ellipse with the two half-axes ``across`` and ``down``."""
        box = [
            (x - across) * _SCALE,
            (y - down) * _SCALE,
            (x + across) * _SCALE,
            (y + down) * _SCALE,
        ]
        self._pen.ellipse(box, fill=_ink(paint))

    def line(self, points: ArrayLike, width: float, paint: Colour) -> None:
        """Draw a line through ``points``, shape (n, 2), with round turns."""
        thick = max(1, round(width * _SCALE))
        self._pen.line(
            _flat(points), fill=_ink(paint), width=thick, joint="curve" if thick > 3 else None
        )

    def pixels(self) -> Pixels:
        """What the sheet shows, float32 of shape (height, width, 3)."""
        return np.asarray(self._image.reduce(_SCALE), np.float32) / 255


def stencil(size: Size, polygons: Sequence[ArrayLike]) -> Field:
    """A mask, 1 within any of the polygons (each of shape (n, 2)), antialiased at their edges."""
    image = Image.new("L", (size[0] * _SCALE, size[1] * _SCALE), 0)
    pen = ImageDraw.Draw(image)
    for points in polygons:
        pen.polygon(_flat(points), fill=255)
    return np.asarray(image.reduce(_SCALE), np.float32) / 255


def turned(points: ArrayLike, angle: float, about: tuple[float, float] = (0, 0)) -> Points:
    """The points turned clockwise by ``angle`` (radians) about a place."""
    centre = np.asarray(about, np.float32)
    cosine, sine = np.cos(angle), np.sin(angle)
    spin = np.array([[cosine, sine], [-sine, cosine]], np.float32)
    return ((np.asarray(points, np.float32) - centre) @ spin + centre).astype(np.float32)


def curve(knots: ArrayLike, *, closed: bool = False, steps: int = 12) -> Points:
    """A smooth line through ``knots``, shape (n, 2): a Catmull-Rom spline, ``steps`` a span."""
    places = np.asarray(knots, np.float32)
    if closed:
        places = np.concatenate([places[-1:], places, places[:2]])
    else:
        places = np.concatenate([places[:1], places, places[-1:]])
    before, start, end, after = places[:-3], places[1:-2], places[2:-1], places[3:]
    t = np.linspace(0, 1, steps, endpoint=False, dtype=np.float32)[None, :, None]
    bent = 0.5 * (
        2 * start[:, None]
        + (end - before)[:, None] * t
        + (2 * before - 5 * start + 4 * end - after)[:, None] * t**2
        + (3 * start - before - 3 * end + after)[:, None] * t**3
    )
    return np.concatenate([bent.reshape(-1, 2), end[-1:]]).astype(np.float32)


def _flat(points: ArrayLike) -> list[float]:
    return (np.asarray(points, np.float32) * _SCALE).ravel().tolist()


def _ink(paint: Colour) -> tuple[int, int, int]:
    red, green, blue = (int(min(max(float(value), 0), 1) * 255 + 0.5) for value in paint)
    return red, green, blue
