"""Drawn paintings with enough detail to be recognised by, and photos of them."""

import csv
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.pictures import facts, write_table

WALL = (188, 182, 170)


def paint(seed: int, *, width: int = 360, height: int = 280) -> Image.Image:
    """Draw one painting: a hundred random triangles and discs, unlike those of any other seed."""
    rng = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), rng.integers(40, 220, 3), np.uint8)
    for _ in range(100):
        colour = tuple(int(value) for value in rng.integers(0, 256, 3))
        middle = rng.uniform(0, 1, 2) * (width, height)
        if rng.random() < 0.7:
            corners = middle + rng.normal(0, 30, (3, 2))
            cv2.fillPoly(pixels, [corners.round().astype(np.int32)], colour, cv2.LINE_AA)
        else:
            place = (int(middle[0]), int(middle[1]))
            cv2.circle(pixels, place, int(rng.integers(4, 18)), colour, -1, cv2.LINE_AA)
    return Image.fromarray(pixels)


def make_gallery(folder: Path, count: int) -> Path:
    """Paint a folder of works and its ``works.csv``."""
    (folder / "images").mkdir(parents=True)
    rows = [facts(number) for number in range(count)]
    for number, row in enumerate(rows):
        paint(number).save(folder / row["file"], quality=92)
    write_table(folder / "works.csv", rows)
    return folder


def hang(paintings: Sequence[Image.Image], *, columns: int = 1, frame: int = 10) -> Image.Image:
    """Photograph framed paintings on a plain wall, side by side."""
    width = max(item.width for item in paintings) + 2 * frame
    height = max(item.height for item in paintings) + 2 * frame
    gap = 60
    rows = -(-len(paintings) // columns)
    size = (gap + columns * (width + gap), gap + rows * (height + gap))
    wall = Image.new("RGB", size, WALL)
    for number, painting in enumerate(paintings):
        left = gap + number % columns * (width + gap)
        top = gap + number // columns * (height + gap)
        framed = (left, top, left + painting.width + 2 * frame, top + painting.height + 2 * frame)
        wall.paste((70, 45, 25), framed)
        wall.paste(painting, (left + frame, top + frame))
    return wall


def slanted(picture: Image.Image, shift: float = 0.06) -> Image.Image:
    """See a picture from the side."""
    width, height = picture.size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + np.array([[1, 1], [-1, 0.5], [-0.5, -1], [1, -0.2]], np.float32) * (
        shift * min(width, height)
    )
    change = cv2.getPerspectiveTransform(corners, moved)
    pixels: NDArray[np.uint8] = np.asarray(picture, dtype=np.uint8)
    seen = cv2.warpPerspective(pixels, change, picture.size, borderValue=WALL)
    return Image.fromarray(np.asarray(seen, dtype=np.uint8))


def write_same_works(path: Path, rows: Sequence[tuple[str, str, str]]) -> Path:
    """Write a CSV of works that show the same: group, file, relation."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("group", "file", "relation"))
        writer.writerows(rows)
    return path
