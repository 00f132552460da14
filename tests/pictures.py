"""Small pictures that the tests draw, each unlike the others, and the CSV that describes them."""

import csv
from pathlib import Path

import numpy as np
from PIL import Image

ARTISTS = ("Łucja Nowak", "Илья Репин", "Søren Ægir", "Ada Example")
STYLES = ("Grid", "Wave", "Dots")
GENRES = ("landscape", "portrait", "")
SOURCES = ("north", "south")


def draw(seed: int, *, width: int = 160, height: int = 120) -> Image.Image:
    """Draw one picture: smooth random colours with a few hard-edged blocks."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (5, 6, 3), dtype=np.uint8))
    pixels = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).copy()
    for _ in range(4):
        left, top = int(rng.integers(0, width - 30)), int(rng.integers(0, height - 30))
        pixels[top : top + 25, left : left + 25] = rng.integers(0, 256, 3)
    return Image.fromarray(pixels)


def facts(number: int) -> dict[str, str]:
    """Return the CSV row of one picture."""
    return {
        "file": f"images/{number:03d}.jpg",
        "title": f"Picture {number}",
        "artist": ARTISTS[number % len(ARTISTS)],
        "style": STYLES[number % len(STYLES)],
        "genre": GENRES[number % len(GENRES)],
        "year": "" if number % 5 == 4 else str(1850 + number),
        "source": SOURCES[number % len(SOURCES)],
        "inventory": f"INV.{number}",
    }


def make_folder(folder: Path, count: int) -> Path:
    """Draw a folder of pictures and its ``works.csv``."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    rows = [facts(number) for number in range(count)]
    for number, row in enumerate(rows):
        draw(number).save(folder / row["file"], quality=95)
    write_table(folder / "works.csv", rows)
    return folder


def write_table(path: Path, rows: list[dict[str, str]]) -> None:
    """Write rows as a CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
