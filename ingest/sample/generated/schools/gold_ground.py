"""Gold Ground: still heads against worn gold leaf, saints and sitters."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from ingest.sample.generated.colour import (
    colour,
    gradient,
    lighter,
    mix,
    over,
    palette,
    pick,
    varied,
)
from ingest.sample.generated.face import HeadPlace, both_sides, painted_face
from ingest.sample.generated.ground import (
    craquelure,
    noise,
    raking_light,
    smoothstep,
    unit_grid,
    varnished,
    vignetted,
)
from ingest.sample.generated.picture import Colour, Field, Picture, Pixels, Points, Size
from ingest.sample.generated.rota import turn
from ingest.sample.generated.sheet import Sheet, curve, stencil


@dataclass(frozen=True, kw_only=True)
class GoldGround:
    """Haloed saints one at a time or in a row, or a sitter in a dress of gold tesserae."""

    style: ClassVar[str] = "Gold Ground"

    manner: Literal["saint", "row", "sitter"]
    # Gold, robe, mantle, flesh, hair, trim.
    palettes: tuple[str, ...]
    titles: tuple[str, ...]
    slender: float = 0.70  # width of a face divided by its height
    wear: float = 0.5  # how far the leaf is rubbed off the red clay under it

    def paint(self, size: Size, number: int, rng: np.random.Generator) -> Picture:
        """A work of this hand; see :class:`~ingest.sample.generated.picture.Hand`."""
        _width, _height = size
        colours = palette(turn(self.palettes, number))
        pixels = _leaf(size, colours[0], rng, self.wear)
        for figure in self._places(size, number, rng):
            pixels = self._figure(pixels, figure, colours, rng)
        if self.manner != "sitter":
            pixels = _framed(pixels, size, colours)
        cracks = craquelure(size, rng, cell=30 if self.manner == "saint" else 22)
        pixels = pixels * (1 - 0.2 * cracks)[..., None]
        pixels = raking_light(pixels, noise(size, rng, 4, octaves=2), 0.025)
        pixels = vignetted(varnished(pixels, "ffefcc", amount=0.8), 0.25)
        genre = "portrait" if self.manner == "sitter" else "religious"
        return Picture(pixels, self.titles[number % len(self.titles)], genre)

    def _places(self, size: Size, number: int, rng: np.random.Generator) -> list[HeadPlace]:
        width, height = size
        if self.manner == "row":
            count = 3 + number % 3
            step = width / count
            tall = min(0.24 * height, 0.42 * step)
            return [(step * (k + 0.5), 0.25 * height, tall) for k in range(count)]
        if self.manner == "saint":
            tall = rng.uniform(0.27, 0.33) * height
            return [(width * 0.5, height * rng.uniform(0.2, 0.25), tall)]
        tall = rng.uniform(0.21, 0.27) * height
        return [(width * rng.uniform(0.42, 0.58), height * rng.uniform(0.12, 0.18), tall)]

    def _figure(
        self,
        pixels: Pixels,
        figure: HeadPlace,
        colours: tuple[Colour, ...],
        rng: np.random.Generator,
    ) -> Pixels:
        middle, top, tall = figure
        gold, robe, mantle, flesh, hair, trim = colours
        if self.manner == "row":
            robe, mantle = (
                varied(pick((robe, mantle, trim), rng), rng, 0.06),
                varied(mantle, rng, 0.08),
            )
        height, width = pixels.shape[:2]
        wide = tall * self.slender * rng.uniform(0.94, 1.06)
        tilt = rng.choice([-1, 1]) * rng.uniform(0.03, 0.1)
        if self.manner != "sitter":
            pixels = _halo(pixels, (middle, top + 0.45 * tall, 0.86 * tall), gold)
        bottom = height + 4.0
        shoulder = top + 1.42 * tall
        spread = {"row": 1.2, "saint": 1.45, "sitter": 1.2}[self.manner] * tall
        flank = [(0.3 * tall, top + 0.98 * tall), (0.3 * tall, shoulder - 0.12 * tall)]
        flank += [(0.75 * spread, shoulder), (spread, bottom)]
        body = np.minimum(curve(both_sides(flank)) + np.array([middle, 0]), [[1e9, bottom]])
        if self.manner == "sitter":
            pixels = _tesserae(pixels, body, (gold, robe, mantle, trim), rng, tall * 0.16)
            sheet = Sheet.over(pixels)
            sheet.line(body, 0.014 * tall, lighter(robe, -0.2))
            pixels = sheet.pixels()
        else:
            pixels = over(
                pixels,
                _draped(pixels, (middle, shoulder, tall), robe, rng),
                stencil((width, height), [body]),
            )
        hood = self.manner != "sitter" and rng.random() < 0.6
        crown = 1.0 if hood else 0.86
        fall = shoulder + 0.25 * tall if hood else top + rng.choice([0.78, 1.15]) * tall
        side = 0.67 * wide * crown
        shape = [(0.2 * wide, top - 0.1 * tall), (side, top + 0.25 * tall)]
        shape += [(side, top + 0.7 * tall), (0.85 * wide * crown, fall)]
        hooded = curve(both_sides(shape) + np.array([middle, 0]), closed=True)
        cloth = mantle if hood else hair
        pixels = over(
            pixels,
            _draped(pixels, (middle, top, tall), cloth, rng),
            stencil((width, height), [hooded]),
        )
        if hood:
            sheet = Sheet.over(pixels)
            sheet.line(hooded, 0.02 * tall, mix(gold, trim, 0.3))
            pixels = sheet.pixels()
        return painted_face(pixels, (middle, top, tall), wide, tilt, (flesh, hair, mantle, robe))


def _leaf(size: Size, gold: Colour, rng: np.random.Generator, wear: float) -> Pixels:
    """Gold leaf laid in squares over red clay, burnished and rubbed."""
    width, height = size
    square = 0.17 * max(size)
    x, y = unit_grid(size)
    sheen = 0.35 * noise(size, rng, 130, octaves=4) + 0.12 * noise(size, rng, 3, stretch=(3, 1))
    tilted = rng.normal(0, 0.10, (int(height / square) + 2, int(width / square) + 2))
    rows, columns = (y * height / square).astype(int), (x * width / square).astype(int)
    sheen = sheen + tilted[rows, columns] + 0.25 * (0.5 - y) + 0 * x
    pixels = gradient(
        (lighter(gold, -0.42), gold, lighter(gold, 0.35)), np.clip(0.5 + 0.55 * sheen, 0, 1)
    )
    seams = np.minimum(np.abs(x * width / square % 1 - 0.5), np.abs(y * height / square % 1 - 0.5))
    pixels = pixels * (1 - 0.07 * smoothstep(0.012, 0.0, seams))[..., None]
    rubbed = smoothstep(1.6 - wear, 2.3 - wear, noise(size, rng, 30, octaves=5))
    return over(pixels, colour("8a3a24"), 0.55 * rubbed)


def _halo(pixels: Pixels, at: tuple[float, float, float], gold: Colour) -> Pixels:
    """A disc of brighter gold, ringed and punched with rows of dots."""
    middle, level, radius = at
    height, width = pixels.shape[:2]
    x, y = unit_grid((width, height))
    across, down = x * width - middle, y * height - level
    distance = np.hypot(across, down) / radius
    # Burnished gold shines in a double fan from the centre.
    fan = 0.5 + 0.5 * np.cos(2 * np.arctan2(down, across) - 0.9)
    shine = gradient((lighter(gold, -0.12), lighter(gold, 0.5)), fan)
    pixels = over(pixels, shine, 0.7 * smoothstep(1.01, 0.99, distance.astype(np.float32)))
    sheet = Sheet.over(pixels)
    turn = np.linspace(0, 2 * np.pi, 91)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    centre = np.array([middle, level])
    dark = lighter(gold, -0.55)
    for ring, thick in ((1.0, 0.022), (0.94, 0.008), (0.8, 0.008)):
        sheet.line(circle * radius * ring + centre, thick * radius, dark)
    for index, place in enumerate(circle[:-1:2] * radius * 0.87 + centre):
        sheet.disc(place[0], place[1], radius * (0.026 if index % 3 else 0.04), dark)
        sheet.disc(place[0] - 0.6, place[1] - 0.6, radius * 0.016, lighter(gold, 0.6))
    return sheet.pixels()


def _draped(pixels: Pixels, at: HeadPlace, tone: Colour, rng: np.random.Generator) -> Pixels:
    """Cloth of one colour in long folds that fan out from the neck."""
    middle, level, tall = at
    height, width = pixels.shape[:2]
    x, y = unit_grid((width, height))
    across, down = x * width - middle, y * height - level + 0.9 * tall
    fan = np.arctan2(across, np.maximum(down, 1))
    folds = np.sin(
        fan * rng.uniform(14, 22) + 1.1 * noise((width, height), rng, tall * 0.7, octaves=2)
    )
    light = np.clip(0.5 + 0.36 * folds - 0.25 * across / (2 * tall), 0, 1)
    return gradient((lighter(tone, -0.5), lighter(tone, -0.12), tone, lighter(tone, 0.28)), light)


def _tesserae(
    pixels: Pixels, body: Points, tones: tuple[Colour, ...], rng: np.random.Generator, unit: float
) -> Pixels:
    """A dress without folds, all ornament: blocks, discs and spirals of gold and colour."""
    height, width = pixels.shape[:2]
    size = (width, height)
    gold, *others = tones
    sheet = Sheet(size, gold)
    y = float(body[:, 1].min())
    while y < height:
        x, deep = -unit * rng.random(), unit * rng.uniform(0.6, 1.1)
        while x < width:
            long = unit * rng.uniform(0.35, 1.2)
            tone = varied(pick((gold, gold, lighter(gold, 0.3), *others), rng), rng, 0.03)
            sheet.rectangle(x + 0.6, y + 0.6, x + long - 0.6, y + deep - 0.6, tone)
            accent = pick((*others, lighter(gold, 0.5)), rng)
            kind = rng.integers(4)
            for ring in range(int(kind > 0) * int(rng.integers(1, 4))):
                scale = (1 - 0.3 * ring) * 0.4 * min(long, deep)
                ink = accent if ring % 2 == 0 else tone
                if kind == 1:
                    sheet.disc(x + long / 2, y + deep / 2, scale, ink)
                elif kind == 2:
                    sheet.ellipse(x + long / 2, y + deep / 2, scale * 0.45, scale, ink)
                else:
                    sheet.rectangle(
                        x + long / 2 - scale,
                        y + deep / 2 - scale * 0.5,
                        x + long / 2 + scale,
                        y + deep / 2 + scale * 0.5,
                        ink,
                    )
            x += long
        y += deep
    dress = sheet.pixels() * (1 + 0.07 * noise(size, rng, 40, octaves=4))[..., None]
    mask: Field = stencil(size, [body])
    return over(pixels, dress.astype(np.float32), mask)


def _framed(pixels: Pixels, size: Size, colours: tuple[Colour, ...]) -> Pixels:
    """The painted border of a panel: a band of the robe's colour between two lines."""
    width, height = size
    x, y = unit_grid(size)
    inside = np.minimum(np.minimum(x, 1 - x) * width, np.minimum(y, 1 - y) * height)
    pixels = over(pixels, lighter(colours[1], -0.25), smoothstep(13, 12, inside))
    pixels = over(pixels, lighter(colours[0], -0.1), smoothstep(1.2, 0.4, np.abs(inside - 14)))
    return over(pixels, lighter(colours[0], -0.2), smoothstep(1.2, 0.4, np.abs(inside - 4)))
