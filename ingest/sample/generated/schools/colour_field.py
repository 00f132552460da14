"""Colour Field: large quiet areas that breathe at their edges."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from ingest.sample.generated.colour import glaze, gradient, lighter, over, palette
from ingest.sample.generated.ground import (
    noise,
    on_canvas,
    profile,
    smoothstep,
    unit_grid,
    vignetted,
)
from ingest.sample.generated.picture import Colour, Field, Picture, Pixels, Size
from ingest.sample.generated.rota import turn


@dataclass(frozen=True, kw_only=True)
class ColourField:
    """Stacked soft-edged bands, upright lines on one colour, or thin veils of stain."""

    style: ClassVar[str] = "Colour Field"

    manner: Literal["stacked", "zips", "veils"]
    palettes: tuple[str, ...]  # the ground first
    titles: tuple[str, ...]
    feather: float = 0.03  # how far an edge dissolves, as a share of the height

    def paint(self, size: Size, number: int, rng: np.random.Generator) -> Picture:
        """A work of this hand; see :class:`~ingest.sample.generated.picture.Hand`."""
        colours = palette(turn(self.palettes, number))
        compose = {"stacked": self._stacked, "zips": self._zips, "veils": self._veils}[self.manner]
        pixels = compose(size, colours, rng)
        pixels = on_canvas(pixels, rng, strength=0.018)
        return Picture(pixels, self.titles[number % len(self.titles)], "abstract")

    def _stacked(self, size: Size, colours: tuple[Colour, ...], rng: np.random.Generator) -> Pixels:
        width, height = size
        ground, *bands = colours
        pixels = _washed(size, ground, rng, depth=0.05)
        bands = [bands[i] for i in rng.permutation(len(bands))[: rng.integers(2, 4)]]
        shares = rng.dirichlet([2.2] * len(bands)) * 0.75 + 0.25 / len(bands)
        margin, gap = rng.uniform(0.055, 0.085), rng.uniform(0.015, 0.03)
        top = margin
        for band, share in zip(bands, shares, strict=True):
            bottom = top + share * (1 - 2 * margin)
            mask = self._soft_box(size, rng, (margin * height / width, top, bottom - gap))
            # An underlayer shows at the edge and glimmers through: that makes the band glow.
            under = lighter(band, rng.choice([-0.25, 0.18]))
            pixels = over(pixels, under, mask * 0.85)
            core = smoothstep(0.35, 1.0, mask) * (0.86 + 0.12 * _brushed(size, rng))
            pixels = over(pixels, _washed(size, band, rng, depth=0.06), np.clip(core, 0, 1))
            top = bottom
        return vignetted(pixels, 0.12)

    def _soft_box(
        self, size: Size, rng: np.random.Generator, edges: tuple[float, float, float]
    ) -> Field:
        width, height = size
        side, top, bottom = edges
        x, y = unit_grid(size)
        inside = np.minimum(
            np.minimum(x - side, 1 - side - x) * width / height, np.minimum(y - top, bottom - y)
        )
        frayed = noise(size, rng, 26, octaves=3) + 0.6 * noise(size, rng, 9, stretch=(4, 1))
        return smoothstep(-0.4, 1.5, inside / self.feather + 0.3 * frayed)

    def _zips(self, size: Size, colours: tuple[Colour, ...], rng: np.random.Generator) -> Pixels:
        width, height = size
        field, *lines = colours
        pixels = _washed(size, field, rng, depth=0.035)
        x, _ = unit_grid(size)
        # The picture is about where the lines stand: one is never in the middle.
        places = rng.permutation([0.085, 0.22, 0.36, 0.64, 0.79, 0.93])[: rng.integers(1, 4)]
        for index, place in enumerate(places):
            wide = rng.choice([0.008, 0.014, 0.03, 0.075]) * min(1.0, height / width + 0.3)
            torn = index % 2 * rng.uniform(0.1, 0.22) * min(wide, 0.02)
            edge = torn * profile(height, rng, 14, octaves=4)[:, None]
            other = torn * profile(height, rng, 9, octaves=4)[:, None]
            left, right = x - place - edge + wide / 2, place + wide / 2 + other - x
            sharp = 1.2 / width
            mask = smoothstep(-sharp, sharp, left) * smoothstep(-sharp, sharp, right)
            tone = lines[(index + int(rng.integers(2))) % len(lines)]
            dry = np.clip(0.97 + (0.25 * torn > 0) * 0.2 * _brushed(size, rng).T[:1].T, 0, 1)
            pixels = over(pixels, _washed(size, tone, rng, depth=0.04), mask * dry)
        return pixels

    def _veils(self, size: Size, colours: tuple[Colour, ...], rng: np.random.Generator) -> Pixels:
        width, height = size
        ground, *stains = colours
        pixels = _washed(size, ground, rng, depth=0.02)
        x, y = unit_grid(size)
        count = int(rng.integers(5, 9))
        lean = rng.uniform(-0.12, 0.12)
        order = rng.permutation(len(stains) * 2)
        for index in range(count):
            start = 0.16 + 0.68 * (index + rng.uniform(0.2, 0.8)) / count
            drift = 0.05 * profile(height, rng, height / 3)[:, None] + lean * (y - 0.5)
            centre = start + (start - 0.5) * 0.35 * y + drift
            half = rng.uniform(0.07, 0.17) * (0.55 + 0.6 * y)
            wobble = 0.02 * profile(height, rng, 60, octaves=3)[:, None]
            inside = (half + wobble - np.abs(x - centre)) * width
            end = rng.uniform(0.86, 1.06) - 0.6 * (x - centre) ** 2 / half**2 * 0.08
            begin = rng.uniform(-0.15, 0.1) + 0.06 * profile(width, rng, 60, octaves=2)[None, :]
            inside = np.minimum(inside, np.minimum((end - y) * height, (y - begin) * height))
            inside = inside + 3 * noise(size, rng, 30, octaves=3)
            body = smoothstep(-1, 5, inside) * (0.82 + 0.16 * noise(size, rng, 90, octaves=3))
            # Thin paint dries with a tide line: darker just inside its edge.
            tide = smoothstep(-1, 2, inside) * smoothstep(9, 2, inside)
            stain = stains[order[index % len(order)] % len(stains)]
            pixels = glaze(pixels, stain, np.clip(0.9 * body + 0.25 * tide, 0, 1.1))
        return pixels


def _washed(size: Size, tone: Colour, rng: np.random.Generator, *, depth: float) -> Pixels:
    """One colour in thin uneven washes."""
    uneven = 0.7 * noise(size, rng, 150, octaves=4) + 0.4 * _brushed(size, rng)
    where = np.clip(0.5 + 0.3 * uneven, 0, 1)
    return gradient((lighter(tone, -depth * 3), tone, lighter(tone, depth * 1.6)), where)


def _brushed(size: Size, rng: np.random.Generator) -> Field:
    """The sweep of a broad brush from side to side."""
    return noise(size, rng, 5, octaves=2, stretch=(16, 0.9))
