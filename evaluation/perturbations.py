"""What happens to a painting's picture between the collection and a visitor's photo.

Each perturbation takes a clean picture and a random generator and returns the photo of it. They
are made for measuring, so the same generator state gives the same photo.
"""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Pixels = NDArray[np.uint8]
Rng = np.random.Generator
Perturbation = Callable[[Image.Image, Rng], Image.Image]

USUAL_DEGREES = 15.0
USUAL_BLUR = 2.0

LONGEST_SIDE = 800
"""Of a hard photo, in pixels."""

CROP_SHARE = (0.5, 0.8)
FRAME_SHARE = (0.02, 0.10)
WALL_SHARE = (0.05, 0.30)
CORNER_SHIFT = 0.08
HARD_DEGREES = 30.0
NOISE = (3.0, 12.0)
JPEG_QUALITY = 30


def usual(picture: Image.Image, rng: Rng) -> Image.Image:
    """Turn by up to 15° either way, the corners black, and blur: the test of most papers."""
    seen = turned(picture, rng.uniform(-USUAL_DEGREES, USUAL_DEGREES))
    return blurred(seen, rng.uniform(0, USUAL_BLUR))


def hard(picture: Image.Image, rng: Rng) -> Image.Image:
    """Photograph a part of the picture, framed, on a wall, from the side, in poor light.

    A crop to 50–80 % of the area; a frame and a wall around; perspective, with corners moved by up
    to 8 % of the side; a turn by up to 30° either way; brightness and colour cast; noise; JPEG of
    quality 30.
    """
    return _photograph(picture, rng, rng.uniform(-HARD_DEGREES, HARD_DEGREES))


def hard_any_angle(picture: Image.Image, rng: Rng) -> Image.Image:
    """Do the same with a turn by any angle."""
    return _photograph(picture, rng, rng.uniform(-180, 180))


PERTURBATIONS: Mapping[str, Perturbation] = {
    "usual": usual,
    "hard": hard,
    "hard-any-angle": hard_any_angle,
}


def turned(picture: Image.Image, degrees: float) -> Image.Image:
    """Turn counter-clockwise within the picture's own edges, the corners black."""
    return picture.rotate(degrees, resample=Image.Resampling.BICUBIC)


def blurred(picture: Image.Image, radius: float) -> Image.Image:
    """Blur by a Gaussian with a standard deviation of ``radius`` pixels."""
    return picture.filter(ImageFilter.GaussianBlur(radius))


def _photograph(picture: Image.Image, rng: Rng, degrees: float) -> Image.Image:
    pixels = np.asarray(picture.convert("RGB"))
    share = rng.uniform(*CROP_SHARE)
    # A side keeps at least the whole share, so that the other can be whole.
    across = rng.uniform(share, 1.0)
    framed = _framed(cropped(pixels, across, share / across, rng), rng)
    seen = _seen_from_the_side(framed, rng, degrees)
    lit = _in_poor_light(seen, rng)
    return as_jpeg(lit, JPEG_QUALITY)


def cropped(pixels: Pixels, across: float, down: float, rng: Rng) -> Pixels:
    """Keep these shares of the width and of the height, anywhere in the picture."""
    height, width = pixels.shape[:2]
    new_width = max(8, min(width, round(width * across)))
    new_height = max(8, min(height, round(height * down)))
    left = int(rng.integers(0, width - new_width + 1))
    top = int(rng.integers(0, height - new_height + 1))
    return pixels[top : top + new_height, left : left + new_width]


def _framed(pixels: Pixels, rng: Rng) -> Pixels:
    """Put a bevelled frame around the picture."""
    thickness = max(2, round(rng.uniform(*FRAME_SHARE) * max(pixels.shape[:2])))
    colour = rng.integers(20, 220, 3)
    framed = pixels
    steps = min(4, thickness)
    for step in range(steps):
        shade = np.clip(colour * rng.uniform(0.6, 1.4), 0, 255)
        width = thickness // steps + (step < thickness % steps)
        framed = np.asarray(
            cv2.copyMakeBorder(
                framed, width, width, width, width, cv2.BORDER_CONSTANT, value=shade.tolist()
            ),
            dtype=np.uint8,
        )
    return framed


def _seen_from_the_side(framed: Pixels, rng: Rng, degrees: float) -> Pixels:
    """Hang the picture on a wall, and see it from the side and turned."""
    height, width = framed.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    side = np.array([width, height])
    shifted = corners + rng.uniform(-CORNER_SHIFT, CORNER_SHIFT, (4, 2)) * side
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = (shifted - side / 2) @ turn.T
    margins = rng.uniform(*WALL_SHARE, 4) * max(width, height)
    turned -= turned.min(axis=0) - margins[:2]
    canvas = turned.max(axis=0) + margins[2:]
    scale = min(1.0, LONGEST_SIDE / canvas.max())
    shape = np.maximum(np.round(canvas * scale).astype(int), 8)
    across = cv2.getPerspectiveTransform(
        corners.astype(np.float32), (turned * scale).astype(np.float32)
    )
    size = (int(shape[0]), int(shape[1]))
    seen = cv2.warpPerspective(framed, across, size, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.ones((height, width), np.float32), across, size)[..., None]
    return np.asarray(seen * mask + wall(size, rng) * (1 - mask), dtype=np.uint8)


def wall(size: tuple[int, int], rng: Rng) -> NDArray[np.float64]:
    """Paint a wall: one colour, lit unevenly, a little rough."""
    width, height = size
    colour = rng.uniform(60, 240, 3)
    light = cv2.resize(rng.uniform(0.8, 1.1, (2, 2)), size, interpolation=cv2.INTER_LINEAR)
    rough = rng.normal(0, 3, (height, width))
    return np.clip(colour * light[..., None] + rough[..., None], 0, 255)


def _in_poor_light(pixels: Pixels, rng: Rng) -> Pixels:
    """Change the brightness and the colour of the light, and add the sensor's noise."""
    cast = rng.uniform(0.7, 1.25) * rng.uniform(0.85, 1.15, 3)
    noise = rng.normal(0, rng.uniform(*NOISE), pixels.shape)
    lit: NDArray[Any] = np.clip(pixels * cast + rng.uniform(-15, 15) + noise, 0, 255)
    return lit.astype(np.uint8)


def as_jpeg(pixels: Pixels, quality: int) -> Image.Image:
    """Return what is left after saving as JPEG of a quality from 1 to 95."""
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    with Image.open(BytesIO(buffer.getvalue())) as saved:
        return saved.convert("RGB")
