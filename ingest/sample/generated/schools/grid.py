"""Grid: the picture plane divided, by black bars, by coloured traffic or into small squares."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from ingest.sample.generated.colour import colour, gradient, palette, pick, varied
from ingest.sample.generated.ground import noise, on_canvas, raking_light, varnished
from ingest.sample.generated.picture import Colour, Picture, Pixels, Size
from ingest.sample.generated.rota import turn
from ingest.sample.generated.sheet import Sheet

_Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Planes between black bars, lanes of coloured blocks, or a mosaic of watercolour squares."""

    style: ClassVar[str] = "Grid"

    manner: Literal["planes", "lanes", "mosaic"]
    palettes: tuple[str, ...]  # the light ground first
    titles: tuple[str, ...]
    bar: float = 0.016  # width of a bar as a share of the height
    cells: int = 9  # squares along the shorter side of a mosaic, lanes of traffic

    def paint(self, size: Size, number: int, rng: np.random.Generator) -> Picture:
        """A work of this hand; see :class:`~ingest.sample.generated.picture.Hand`."""
        colours = palette(turn(self.palettes, number))
        compose = {"planes": self._planes, "lanes": self._lanes, "mosaic": self._mosaic}
        pixels = compose[self.manner](size, colours, rng)
        return Picture(pixels, self.titles[number % len(self.titles)], "abstract")

    def _planes(self, size: Size, colours: tuple[Colour, ...], rng: np.random.Generator) -> Pixels:
        width, height = size
        ground, *accents = colours
        boxes = _divided((0, 0, width, height), rng, least=0.13 * min(size), depth=4)
        sheet = Sheet(size, colour("15140f"))
        bar = self.bar * height / 2
        by_area = sorted(boxes, key=lambda box: -(box[2] - box[0]) * (box[3] - box[1]))
        # Colour sits in one large plane and a few small ones at the rim; the rest stays light.
        rim = [box for box in by_area[1:] if _touches_rim(box, size)]
        chosen = {by_area[int(rng.integers(2))]: accents[int(rng.integers(2))]}
        for index, place in enumerate(rng.permutation(len(rim))[: int(rng.integers(2, 4))]):
            chosen[rim[place]] = accents[(index + 1) % len(accents)]
        for box in boxes:
            tone = chosen.get(box, varied(ground, rng, 0.012))
            left, top, right, bottom = box
            sheet.rectangle(
                left + bar * (left > 0),
                top + bar * (top > 0),
                right - bar * (right < width),
                bottom - bar * (bottom < height),
                tone,
            )
        pixels = raking_light(sheet.pixels(), _cross_brushed(size, rng), 0.022)
        return varnished(on_canvas(pixels, rng, strength=0.012), "fff8e6")

    def _lanes(self, size: Size, colours: tuple[Colour, ...], rng: np.random.Generator) -> Pixels:
        width, height = size
        ground, lane, *blocks = colours
        sheet = Sheet(size, ground)
        wide = self.bar * height
        columns = _spread(width, wide, self.cells, rng)
        rows = _spread(height, wide, max(4, round(self.cells * height / width)), rng)
        for _ in range(int(rng.integers(5, 9))):  # planes between the lanes
            left, right = np.sort(rng.choice(columns, 2, replace=False))
            top, bottom = np.sort(rng.choice(rows, 2, replace=False))
            if (right - left) * (bottom - top) < 0.09 * width * height:
                sheet.rectangle(left, top, right, bottom, varied(pick(blocks, rng), rng, 0.02))
        for x in columns:
            sheet.rectangle(x, 0, x + wide, height, lane)
            _traffic(sheet, rng, along=height, wide=wide, blocks=blocks, at=(x, None))
        for y in rows:
            sheet.rectangle(0, y, width, y + wide, lane)
            _traffic(sheet, rng, along=width, wide=wide, blocks=blocks, at=(None, y))
        for x in columns:
            for y in rows:
                sheet.rectangle(x, y, x + wide, y + wide, pick(blocks, rng))
        pixels = raking_light(sheet.pixels(), _cross_brushed(size, rng), 0.022)
        return on_canvas(pixels, rng, strength=0.012)

    def _mosaic(self, size: Size, colours: tuple[Colour, ...], rng: np.random.Generator) -> Pixels:
        width, height = size
        ground, *tones = colours
        step = min(size) / (self.cells + int(rng.integers(-2, 4)))
        columns, rows = round(width / step), round(height / step)
        knots = np.stack(
            np.meshgrid(np.linspace(0, width, columns + 1), np.linspace(0, height, rows + 1)), -1
        )
        knots += rng.normal(0, step * 0.06, knots.shape)
        # The scale of colours runs over the sheet like a tune, with a leap here and there.
        tune = noise((columns, rows), rng, max(columns, rows) / 2.2, octaves=2)
        where = np.clip(0.5 + 0.42 * tune + rng.normal(0, 0.07, tune.shape), 0, 1)
        scale = gradient(tones, where)
        sheet = Sheet(size, ground)
        for row in range(rows):
            for column in range(columns):
                corners = knots[row : row + 2, column : column + 2].reshape(4, 2)[[0, 1, 3, 2]]
                inset = corners + (corners.mean(axis=0) - corners) * rng.uniform(-0.02, 0.035)
                leap = rng.random() < 0.1
                tone = pick(tones, rng) if leap else scale[row, column]
                sheet.polygon(inset, varied(tone, rng, 0.025))
        pool = noise(size, rng, step, octaves=4)
        pixels = sheet.pixels() * (1 + 0.06 * pool)[..., None]
        pixels = raking_light(pixels, noise(size, rng, 3, octaves=2), 0.015)
        return on_canvas(pixels, rng, strength=0.022, thread=4)


def _divided(box: _Box, rng: np.random.Generator, *, least: float, depth: int) -> list[_Box]:
    """Cut a box in unequal parts again and again; no part is narrower than ``least`` pixels."""
    left, top, right, bottom = box
    upright = (right - left) * rng.uniform(0.7, 1.4) > bottom - top
    room = (right - left) if upright else (bottom - top)
    if depth == 0 or room < 2.4 * least or (depth < 3 and rng.random() < 0.25):
        return [box]
    share = rng.choice([0.24, 0.3, 0.68, 0.76]) + rng.uniform(-0.03, 0.03)
    cut = np.clip(share * room, least, room - least)
    if upright:
        parts: list[_Box] = [(left, top, left + cut, bottom), (left + cut, top, right, bottom)]
    else:
        parts = [(left, top, right, top + cut), (left, top + cut, right, bottom)]
    return [piece for part in parts for piece in _divided(part, rng, least=least, depth=depth - 1)]


def _touches_rim(box: _Box, size: Size) -> bool:
    left, top, right, bottom = box
    return left <= 0 or top <= 0 or right >= size[0] or bottom >= size[1]


def _spread(
    length: float, wide: float, count: int, rng: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Where lanes run: unevenly, but never on top of each other."""
    gaps = rng.dirichlet([1.6] * (count + 1)) * (length - count * 2.2 * wide)
    return np.cumsum(gaps[:-1] + 2.2 * wide) - 1.6 * wide


def _traffic(
    sheet: Sheet,
    rng: np.random.Generator,
    *,
    along: float,
    wide: float,
    blocks: list[Colour],
    at: tuple[float | None, float | None],
) -> None:
    """Small blocks of colour along one lane; ``at`` names the lane's x or its y."""
    x, y = at
    place = rng.uniform(0, 4 * wide)
    while place < along:
        tone = pick(blocks, rng)
        if x is not None:
            sheet.rectangle(x, place, x + wide, place + wide, tone)
        elif y is not None:
            sheet.rectangle(place, y, place + wide, y + wide, tone)
        place += wide * rng.choice([2, 2, 3, 4, 6])


def _cross_brushed(size: Size, rng: np.random.Generator) -> Pixels:
    """The height of paint brushed out along both sides of the canvas."""
    return noise(size, rng, 2.5, stretch=(12, 1)) + 0.8 * noise(size, rng, 2.5, stretch=(1, 12))
