"""Quiet Still Life: a few vessels on a shelf, a bowl of fruit, flowers in a jug."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from ingest.sample.generated.brush import Brush, laid_down
from ingest.sample.generated.colour import gradient, lighter, mix, over, palette, pick, varied
from ingest.sample.generated.ground import (
    noise,
    on_canvas,
    raking_light,
    smoothstep,
    unit_grid,
    varnished,
    vignetted,
)
from ingest.sample.generated.picture import Colour, Picture, Size
from ingest.sample.generated.rota import turn
from ingest.sample.generated.table_things import VESSELS, Scene, ball, flower, turned_vessel

_TITLES = {
    "shelf": (
        "Vessels in a Row",
        "Bottles and Tins",
        "The Studio Shelf",
        "Dust",
        "Vessels, Grey Day",
        "Table Edge",
        "A Family of Jars",
    ),
    "fruit": (
        "Harvest Fruit",
        "Fruit on a Dark Cloth",
        "The Winter Table",
        "Fruit and Pewter",
        "Market Day's End",
        "Bowl by Candlelight",
        "Before Supper",
    ),
    "flowers": (
        "Peonies",
        "Flowers from the Ditch",
        "Asters in a Jug",
        "Dahlias, September",
        "Sunday Bouquet",
        "Ranunculus",
        "Zinnias",
    ),
}


@dataclass(frozen=True, kw_only=True)
class QuietStillLife:
    """Vessels in a row, fruit out of the dark, or a heavy-headed bunch of flowers."""

    style: ClassVar[str] = "Quiet Still Life"

    manner: Literal["shelf", "fruit", "flowers"]
    # Wall, table, shadow, light, then the things.
    palettes: tuple[str, ...]
    brush: float = 6.0
    stray: float = 0.018

    def paint(self, size: Size, number: int, rng: np.random.Generator) -> Picture:
        """A work of this hand; see :class:`~ingest.sample.generated.picture.Hand`."""
        colours = palette(turn(self.palettes, number))
        arrange = {"shelf": _shelf, "fruit": _fruit, "flowers": _flowers}[self.manner]
        target, direction = arrange(size, colours, rng)
        direction = direction + 0.35 * noise(size, rng, 40, octaves=2)
        broad = Brush(self.brush, self.brush * 3.6, cover=1.5, uneven=self.stray, bristles=1)
        fine = Brush(self.brush * 0.55, self.brush * 2.4, cover=0.7, uneven=self.stray, bristles=0)
        under, first = laid_down(target, direction, broad, rng)
        pixels, height = laid_down(0.3 * under + 0.7 * target, direction, fine, rng)
        pixels = raking_light(0.7 * pixels + 0.3 * target, 0.6 * first + 0.5 * height, 0.2)
        dark = 0.42 if self.manner == "fruit" else 0.16
        pixels = vignetted(varnished(on_canvas(pixels, rng, strength=0.014), "fff4dc"), dark)
        titles = _TITLES[self.manner]
        return Picture(pixels, titles[number % len(titles)], "still life")


def _room(size: Size, colours: tuple[Colour, ...], rng: np.random.Generator, edge: float) -> Scene:
    """A wall in uneven light and the top of a table that ends at ``edge`` (0 to 1)."""
    wall, table, shadow, light = colours[:4]
    x, y = unit_grid(size)
    glow = 0.7 - 0.55 * x - 0.25 * y + 0.1 * noise(size, rng, 160, octaves=3)
    pixels = gradient(
        (mix(wall, shadow, 0.5), wall, mix(wall, light, 0.4)), np.clip(glow + 0.25, 0, 1)
    )
    top = gradient(
        (mix(table, light, 0.35), table, mix(table, shadow, 0.45)),
        np.clip(0.7 * x + 0.6 * (y - edge) + 0.1 * noise(size, rng, 90), 0, 1),
    )
    pixels = over(pixels, top, smoothstep(edge - 0.004, edge + 0.004, y) + 0 * x)
    return pixels, np.where(y > edge, 0.0, 0.9).astype(np.float32) + 0 * x


def _shelf(size: Size, colours: tuple[Colour, ...], rng: np.random.Generator) -> Scene:
    width, height = size
    edge = rng.uniform(0.6, 0.7)
    scene = _room(size, colours, rng, edge)
    count = int(rng.integers(4, 8))
    unit = min(0.58 * height, 1.15 * width / np.sqrt(count))
    places = width * (
        0.5 + (np.arange(count) - (count - 1) / 2) * rng.uniform(0.095, 0.12) * 5.2 / count
    )
    order = sorted(range(count), key=lambda _: rng.random())
    kinds = rng.permutation([0, 1, 2, 3, 2, 0, 4, 1])
    for depth, index in enumerate(order):  # back to front
        kind = int(kinds[index])
        tall = unit * (1.0, 1.05, 0.6, 0.62, 0.2)[kind] * rng.uniform(0.85, 1.1)
        foot = height * (edge + 0.05 + 0.09 * depth / count)
        tone = varied(colours[4 + index % (len(colours) - 4)], rng, 0.02)
        scene = turned_vessel(
            scene, VESSELS[kind], (float(places[index]), foot, tall), tone, colours
        )
    return scene


def _fruit(size: Size, colours: tuple[Colour, ...], rng: np.random.Generator) -> Scene:
    width, height = size
    edge = rng.uniform(0.55, 0.66)
    scene = _room(size, colours, rng, edge)
    unit = min(size)
    middle, foot = width * rng.uniform(0.38, 0.62), height * (edge + 0.16)
    radius = unit * rng.uniform(0.075, 0.095)
    tones = colours[5:]
    if rng.random() < 0.6:
        side = width * (0.2 if middle > width / 2 else 0.8)
        scene = turned_vessel(
            scene,
            VESSELS[int(rng.choice([0, 1, 3]))],
            (side, foot - 0.06 * height, 0.55 * height),
            colours[4],
            colours,
        )
    bowl = unit * 0.19
    heap = [(-1.5, 0.4), (0, 0.2), (1.5, 0.4), (-0.8, -0.75), (0.75, -0.8), (0, -1.75)]
    for aside, up in heap[: int(rng.integers(3, 7))]:
        at = (
            middle + aside * radius,
            foot - bowl * 0.95 + (up - 0.2) * radius,
            radius * rng.uniform(0.9, 1.1),
        )
        scene = ball(scene, at, varied(pick(tones, rng), rng, 0.03), colours, tones[0])
    scene = turned_vessel(
        scene, VESSELS[4], (middle, foot, bowl), colours[4], colours, open_mouth=False
    )
    for _ in range(int(rng.integers(2, 5))):
        aside = rng.choice([-1, 1]) * rng.uniform(0.26, 0.44) * width
        at = (
            float(np.clip(middle + aside, 1.2 * radius, width - 1.2 * radius)),
            foot + rng.uniform(-0.02, 0.1) * height,
            radius * rng.uniform(0.85, 1.1),
        )
        scene = ball(scene, at, varied(pick(tones, rng), rng, 0.03), colours, tones[0])
    return scene


def _flowers(size: Size, colours: tuple[Colour, ...], rng: np.random.Generator) -> Scene:
    width, height = size
    edge = rng.uniform(0.72, 0.8)
    pixels, direction = _room(size, colours, rng, edge)
    unit = min(size)
    leaf, *petals = colours[5:]
    middle, foot = width * rng.uniform(0.44, 0.56), height * (edge + 0.09)
    tall = 0.3 * height
    heart = np.array([middle, foot - tall - 0.2 * unit])
    x = np.arange(width, dtype=np.float32)[None, :]
    y = np.arange(height, dtype=np.float32)[:, None]
    bush = np.hypot(
        (x - heart[0]) / (0.38 * unit), (y - heart[1] - 0.04 * unit) / (0.31 * unit)
    ) + 0.2 * noise(size, rng, 30, octaves=3)
    greens = gradient(
        (lighter(leaf, -0.55), leaf, lighter(leaf, 0.25)),
        np.clip(0.45 + 0.4 * noise(size, rng, 14, octaves=2), 0, 1),
    )
    mask = smoothstep(1.05, 0.9, bush)
    pixels = over(pixels, greens, mask)
    direction = np.where(mask > 0.5, np.arctan2(y - foot + tall, x - middle), direction).astype(
        np.float32
    )
    scene = turned_vessel(
        (pixels, direction),
        VESSELS[int(rng.choice([1, 3, 3]))],
        (middle, foot, tall),
        colours[4],
        colours,
    )
    count = int(rng.integers(13, 22))
    for index in range(count):  # sunflower spacing, so that heads crowd but do not hide each other
        reach, turn = np.sqrt((index + 0.5) / count), index * 2.39996 + rng.normal(0, 0.2)
        place = heart + np.array([np.cos(turn) * 0.34, np.sin(turn) * 0.27]) * unit * reach
        radius = unit * rng.uniform(0.05, 0.085) * (1.15 - 0.35 * reach)
        scene = flower(
            scene,
            (float(place[0]), float(place[1]), radius),
            varied(pick(petals, rng), rng, 0.04),
            rng,
        )
    return scene
