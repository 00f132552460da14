"""Woodblock: seas printed from wood, flat colour, a key line and a graded sky."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ingest.sample.generated.colour import colour, gradient, lighter, mix, over, palette
from ingest.sample.generated.ground import noise, on_paper, smoothstep, unit_grid
from ingest.sample.generated.picture import Colour, Field, Picture, Pixels, Points, Size
from ingest.sample.generated.rota import placed, turn
from ingest.sample.generated.scenery import disc_of_light
from ingest.sample.generated.sheet import Sheet, curve

_BY_DAY = (
    "Rough Sea off {}",
    "Boats Running for {}",
    "Clear Morning at {}",
    "The Strait of {}",
    "After the Storm, {}",
    "Evening Swell at {}",
    "The Shoals of {}",
)
_BY_NIGHT = (
    "Moon over {}",
    "Night Boats, {}",
    "The Strait of {}, Midnight",
    "Autumn Moon at {}",
    "Dark Water, {}",
)


@dataclass(frozen=True, kw_only=True)
class Woodblock:
    """Waves of one carver's height and curl, printed in few blocks."""

    style: ClassVar[str] = "Woodblock"

    # Paper, sky band, horizon glow, deep water, water, pale water, sun, key line.
    palettes: tuple[str, ...]
    places: tuple[str, ...]
    swell: float = 0.09  # height of the nearest waves as a share of the picture's height
    curl: float = 0.8  # how far crests lean over
    rows: int = 6  # of waves
    contours: int = 3  # lines carved into each wave
    moonlit: bool = False

    def paint(self, size: Size, number: int, rng: np.random.Generator) -> Picture:
        """A work of this hand; see :class:`~ingest.sample.generated.picture.Hand`."""
        colours = palette(turn(self.palettes, number))
        horizon = rng.uniform(0.4, 0.56)
        sheet = Sheet.over(_printed_sky(size, colours, rng, horizon, moonlit=self.moonlit))
        if number % 3 != 2:
            _mountain(sheet, size, colours, rng, horizon)
        self._sea(sheet, size, colours, rng, horizon)
        _seal(sheet, size, rng)
        pixels = _from_the_block(sheet.pixels(), colours[0], rng)
        title = placed(_BY_NIGHT if self.moonlit else _BY_DAY, self.places, number)
        return Picture(pixels, title, "marina")

    def _sea(
        self,
        sheet: Sheet,
        size: Size,
        colours: tuple[Colour, ...],
        rng: np.random.Generator,
        horizon: float,
    ) -> None:
        width, height = size
        _, _, _, deep, water, pale, _, key = colours
        side = rng.choice([-1, 1])
        boats = rng.choice(np.arange(1, self.rows), int(rng.integers(1, 3)), replace=False)
        for row in range(self.rows):
            near = row / (self.rows - 1)
            base = (horizon + 0.05 + (0.92 - horizon) * near**1.2) * height
            tall = self.swell * height * (0.25 + near) * rng.uniform(0.8, 1.25)
            wide = height * (0.2 + 0.5 * near) * rng.uniform(0.85, 1.15)
            if row in boats:
                _boat(
                    sheet,
                    rng.uniform(0.15, 0.8) * width,
                    base - tall * 0.6,
                    height * (0.1 + 0.16 * near),
                    colours,
                )
            crest, lift = _crests(
                rng,
                width=width,
                base=base,
                tall=tall,
                wide=wide,
                curl=side * self.curl * (0.35 + near),
            )
            tone = gradient((mix(pale, water, 0.3), water, deep), near)
            body = np.concatenate([crest, [[width * 1.4, height + 9], [-width * 0.4, height + 9]]])
            sheet.polygon(body, tone)
            for line in range(self.contours, 0, -1):
                self._contour(
                    sheet, crest, lift, line, tall, ink=lighter(tone, 0.18 if line % 2 else -0.22)
                )
            inks = (colours[0], mix(pale, colours[0], 0.4), key)
            _foam(sheet, crest, lift, rng, tall=tall, inks=inks)

    @staticmethod
    def _contour(
        sheet: Sheet, crest: Points, lift: Field, line: int, tall: float, *, ink: Colour
    ) -> None:
        """One carved line under the crest; it flattens as it sinks."""
        sunk = crest.copy()
        sunk[:, 1] += tall * (0.24 * line + 0.32 * line * lift)
        sheet.line(sunk, max(1.0, tall * 0.045), ink)


def _crests(
    rng: np.random.Generator, *, width: float, base: float, tall: float, wide: float, curl: float
) -> tuple[Points, Field]:
    """A row of trochoidal waves that lean over; the points, and how high each rides (0 to 1)."""
    turns = np.arange(-0.5 * width, 1.5 * width, 2.0) / wide * 2 * np.pi + rng.uniform(0, 2 * np.pi)
    lift = (1 + np.cos(turns)) / 2
    each = rng.uniform(0.55, 1.2, 64)[(np.floor((turns + np.pi) / (2 * np.pi)) % 64).astype(int)]
    x = (turns - turns[0]) / (2 * np.pi) * wide - 0.4 * width - 0.11 * wide * np.sin(turns)
    x = x + curl * tall * each * lift**3 * 1.3
    y = base - tall * (each * lift**1.3 * 2 - 0.7) + 0.25 * abs(curl) * tall * lift**9
    return np.stack([x, y], axis=1).astype(np.float32), lift.astype(np.float32)


def _foam(
    sheet: Sheet,
    crest: Points,
    lift: Field,
    rng: np.random.Generator,
    *,
    tall: float,
    inks: tuple[Colour, Colour, Colour],
) -> None:
    """White along the tops, with fingers that reach down and spray that flies off."""
    white, shade, key = inks
    sheet.line(crest, max(0.8, tall * 0.03), key)
    grain = max(1.2, tall * 0.085)
    for index in np.flatnonzero(lift > 0.52)[::2]:
        x, y = crest[index]
        strength = (lift[index] - 0.5) * 2
        reach = tall * 0.34 * strength * rng.uniform(0.3, 1.2)
        sheet.disc(x + rng.normal(0, grain * 0.4), y + reach, grain * strength, shade)
        sheet.line([(x, y), (x, y + reach * 0.8)], grain * 0.9 * strength, white)
        sheet.disc(x, y, grain * (0.5 + 0.8 * strength), white)
        if strength > 0.75 and rng.random() < 0.4:
            away = rng.normal((0, -tall * 0.3), (tall * 0.3, tall * 0.16))
            sheet.disc(x + away[0], y + away[1], grain * rng.uniform(0.15, 0.4), white)


def _printed_sky(
    size: Size,
    colours: tuple[Colour, ...],
    rng: np.random.Generator,
    horizon: float,
    *,
    moonlit: bool,
) -> Pixels:
    """Paper that a wiped block graded: dark at the top edge, a glow over the sea."""
    paper, band, glow = colours[:3]
    x, y = unit_grid(size)
    sky = np.broadcast_to(paper, (size[1], size[0], 3)).astype(np.float32)
    wipe = 0.02 * noise(size, rng, 60, stretch=(3, 1))
    if moonlit:
        sky = over(sky, band, 0.55 + 0.45 * smoothstep(horizon, 0.0, y + wipe))
    else:
        sky = over(sky, band, smoothstep(rng.uniform(0.16, 0.3), 0.0, y + wipe))
    sky = over(sky, glow, (0.35 if moonlit else 0.9) * smoothstep(horizon - 0.2, horizon, y + wipe))
    sun = (rng.choice([rng.uniform(0.12, 0.3), rng.uniform(0.7, 0.88)]), rng.uniform(0.14, 0.26))
    sky = disc_of_light(sky, sun, rng.uniform(0.05, 0.085), colours[6])
    for _ in range(int(rng.integers(1, 4))):  # drawn-out bars of mist
        left, wide, level = (
            rng.uniform(-0.1, 0.6),
            rng.uniform(0.25, 0.6),
            rng.uniform(0.15, horizon - 0.06),
        )
        ends = np.minimum(x - left, left + wide - x)
        bar = smoothstep(0.008, 0.004, np.abs(y - level)) * smoothstep(0, 0.02, ends)
        sky = over(sky, lighter(paper, 0.3) if moonlit else mix(glow, paper, 0.6), bar * 0.85)
    return sky


def _mountain(
    sheet: Sheet, size: Size, colours: tuple[Colour, ...], rng: np.random.Generator, horizon: float
) -> None:
    """The far mountain with snow on it."""
    width, height = size
    peak_x, tall = rng.uniform(0.3, 0.7) * width, rng.uniform(0.14, 0.24) * height
    foot = (horizon + 0.08) * height
    half = tall * rng.uniform(1.5, 2.1)
    slope = np.linspace(-1, 1, 60)
    rise = (1 - np.abs(slope)) ** 1.55
    outline = np.stack([peak_x + slope * half, foot - rise * tall], axis=1)
    sheet.polygon(outline, mix(colours[3], colours[2], 0.35))
    snow = np.abs(slope) < 0.24
    teeth = foot - tall * (0.64 + 0.09 * np.where(np.arange(snow.sum()) % 3, 1, -1))
    cap = np.concatenate([outline[snow], np.stack([outline[snow, 0], teeth], axis=1)[::-1]])
    sheet.polygon(cap, lighter(colours[0], 0.5))


def _boat(sheet: Sheet, x: float, y: float, long: float, colours: tuple[Colour, ...]) -> None:
    """A slender boat with its rowers bent down."""
    hull = curve([(-0.5, -0.2), (-0.2, -0.02), (0.2, -0.02), (0.55, -0.26)], steps=6)
    keel = curve([(0.55, -0.26), (0.2, 0.12), (-0.25, 0.12), (-0.5, -0.2)], steps=6)
    shape = np.concatenate([hull, keel]) * long + [x, y]
    for seat in np.linspace(-0.26, 0.24, 5):
        sheet.ellipse(x + seat * long, y - 0.04 * long, 0.05 * long, 0.07 * long, colours[3])
        sheet.disc(
            x + (seat + 0.02) * long,
            y - 0.13 * long,
            0.028 * long,
            mix(colours[0], colours[6], 0.3),
        )
    sheet.polygon(shape, mix(colours[0], colours[2], 0.6))
    sheet.line(shape, max(0.8, long * 0.014), colours[7])


def _seal(sheet: Sheet, size: Size, rng: np.random.Generator) -> None:
    """The printer's red seal; its strokes are no writing."""
    width, height = size
    wide = 0.024 * max(size)
    x, y = rng.choice([0.035, 0.965]) * width, rng.uniform(0.72, 0.82) * height
    x = min(max(x, wide), width - wide)
    sheet.rectangle(x - wide * 0.6, y - wide, x + wide * 0.6, y + wide, colour("b8352a"))
    for row in np.linspace(-0.65, 0.65, 4):
        ends = rng.uniform(0.15, 0.4, 2) * wide
        sheet.line(
            [(x - ends[0], y + row * wide), (x + ends[1], y + row * wide)], 1.2, colour("f0dfc4")
        )
    sheet.line([(x, y - 0.7 * wide), (x, y + 0.7 * wide)], 1.2, colour("f0dfc4"))


def _from_the_block(pixels: Pixels, paper: Colour, rng: np.random.Generator) -> Pixels:
    """The grain of the block and the bare paper around the print."""
    height, width = pixels.shape[:2]
    size = (width, height)
    bend = 6 * noise(size, rng, 140, octaves=2, stretch=(2, 1))
    _, y = unit_grid(size)
    grain = np.sin((y * height + 3 * bend) * 0.9) * (
        0.5 + 0.5 * noise(size, rng, 30, stretch=(9, 1))
    )
    printed = pixels * (1 + 0.022 * grain + 0.02 * noise(size, rng, 3, octaves=2))[..., None]
    x, _ = unit_grid(size)
    inside = np.minimum(np.minimum(x, 1 - x) * width, np.minimum(y, 1 - y) * height)
    return on_paper(over(np.ones_like(pixels) * paper, printed, smoothstep(8.5, 10, inside)), rng)
