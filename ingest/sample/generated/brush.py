"""The loaded brush: a picture laid down stroke by stroke, with the ridges that bristles leave."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ingest.sample.generated.picture import Field, Pixels

_SCALE = 2  # strokes are drawn at twice the size and averaged, for soft edges
_STEPS = 5  # points of a stroke: enough for the curls that a wrist makes


@dataclass(frozen=True)
class Brush:
    """A brush and how it is used. Lengths in pixels."""

    width: float
    length: float
    cover: float = 2.5  # how often the strokes cover the canvas, on average
    uneven: float = 0.05  # how far a stroke's colour strays, 0 to 1
    bristles: int = 2  # streaks within a stroke


def laid_down(
    target: Pixels, direction: Field, brush: Brush, rng: np.random.Generator
) -> tuple[Pixels, Field]:
    """Paint ``target`` in strokes that follow ``direction`` (radians, a pixel each).

    Returns the picture and the height of its paint (0 to 1), both of the target's size. Every
    stroke takes its colour near its start, so small things need a small brush.
    """
    rows, columns = direction.shape
    count = int(brush.cover * rows * columns / (brush.width * brush.length))
    paths = _paths(direction, brush.length, count, rng)
    start = paths[:, 1].astype(int)
    tone = target[np.clip(start[:, 1], 0, rows - 1), np.clip(start[:, 0], 0, columns - 1)]
    tone = (
        tone + rng.normal(0, brush.uneven, (count, 1)) + rng.normal(0, brush.uneven / 2, (count, 3))
    )
    height = rng.uniform(0.35, 0.8, count)
    widths = brush.width * rng.uniform(0.7, 1.3, count)

    # Colour and height go through one pen: Pillow's four plain channels are those of CMYK, and
    # red, green, blue and height travel in them (RGBA would weigh the colour by the height).
    under = np.dstack([np.clip(target, 0, 1), np.full(direction.shape, 0.3)])
    image = Image.frombytes(
        "CMYK", (columns, rows), (under * 255).astype(np.uint8).tobytes()
    ).resize((columns * _SCALE, rows * _SCALE), Image.Resampling.BILINEAR)
    pen = ImageDraw.Draw(image)
    layers = [_drawable(paths, widths, tone, height)]
    across = _normals(paths)
    for _ in range(brush.bristles):
        aside = (rng.uniform(-0.42, 0.42, count) * widths)[:, None, None]
        load = rng.normal(0, 1, count)
        ink = tone * (1 + 0.07 * load)[:, None]
        layers.append(_drawable(paths + aside * across, widths * 0.22, ink, height + 0.22 * load))
    for marks in zip(*layers, strict=True):  # each stroke with its bristles, then the next
        for path, width, ink in marks:
            pen.line(path, fill=ink, width=width)
    painted = np.asarray(image.reduce(_SCALE), np.float32) / 255
    return painted[..., :3].copy(), painted[..., 3].copy()


def _paths(
    direction: Field, length: float, count: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """``count`` strokes that follow the field: float32 of shape (count, steps, 2)."""
    rows, columns = direction.shape
    place = rng.uniform((0, 0), (columns, rows), (count, 2))
    step = length * rng.uniform(0.6, 1.3, (count, 1)) / (_STEPS - 1)
    paths = np.empty((count, _STEPS, 2), np.float32)
    for index in range(_STEPS):
        paths[:, index] = place
        column = np.clip(place[:, 0].astype(int), 0, columns - 1)
        row = np.clip(place[:, 1].astype(int), 0, rows - 1)
        angle = direction[row, column]
        place = place + step * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return paths


def _normals(paths: NDArray[np.float32]) -> NDArray[np.float32]:
    """For each stroke the unit vector across it, shape (count, 1, 2)."""
    along = paths[:, -1] - paths[:, 0]
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-6
    return np.stack([-along[:, 1], along[:, 0]], axis=1)[:, None]


def _drawable(
    paths: NDArray[np.floating[Any]],
    widths: NDArray[np.floating[Any]],
    tone: NDArray[np.floating[Any]],
    height: NDArray[np.floating[Any]],
) -> Iterator[tuple[list[float], int, tuple[int, ...]]]:
    """For every stroke what Pillow's pen wants: its points, its width and its four channels."""
    points = (paths * _SCALE).reshape(len(paths), -1).tolist()
    thick = np.maximum(1, np.round(widths * _SCALE)).astype(int).tolist()
    inks = np.clip(np.column_stack([tone, height]) * 255, 0, 255).astype(int).tolist()
    return zip(points, thick, map(tuple, inks), strict=True)
