"""Action Painting: the trace of an arm, flung, swept or run down the canvas."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from ingest.sample.generated.colour import lighter, mix, palette, pick, varied
from ingest.sample.generated.ground import noise, on_canvas, raking_light
from ingest.sample.generated.picture import Colour, Picture, Points, Size
from ingest.sample.generated.rota import turn
from ingest.sample.generated.sheet import Sheet, curve


@dataclass(frozen=True, kw_only=True)
class ActionPainting:
    """Skeins of flung enamel, black sweeps of a house-painter's brush, or curtains of runs."""

    style: ClassVar[str] = "Action Painting"

    manner: Literal["skeins", "sweeps", "runs"]
    # Canvas, then the paints in the order in which they are thrown.
    palettes: tuple[str, ...]
    titles: tuple[str, ...]
    density: float = 1.0

    def paint(self, size: Size, number: int, rng: np.random.Generator) -> Picture:
        """A work of this hand; see :class:`~ingest.sample.generated.picture.Hand`."""
        colours = palette(turn(self.palettes, number))
        sheet = Sheet(size, colours[0])
        act = {"skeins": _skeins, "sweeps": _sweeps, "runs": _runs}[self.manner]
        act(sheet, colours, self.density * rng.uniform(0.75, 1.2), rng)
        pixels = sheet.pixels()
        # Enamel stands off the canvas: where it is not bare, its rims catch the light.
        thick = np.abs(pixels - colours[0]).sum(axis=-1)
        pixels = raking_light(pixels, np.clip(thick * 1.5, 0, 1), 0.10)
        pixels = pixels * (1 + 0.03 * noise(size, rng, 60, octaves=4))[..., None]
        pixels = on_canvas(pixels, rng, strength=0.022)
        return Picture(pixels, self.titles[number % len(self.titles)], "abstract")


def _thrown(
    size: Size, rng: np.random.Generator, *, steps: int, pace: float, bend: float
) -> Points:
    """The way of a hand over the canvas: it keeps its pace while its direction wanders."""
    width, height = size
    turning = np.cumsum(rng.normal(0, bend, steps)) * 0.5
    turning = np.convolve(turning, np.ones(9) / 9, mode="same") + rng.normal(0, 0.05)
    angle = rng.uniform(0, 2 * np.pi) + np.cumsum(turning * 0.25)
    way = np.cumsum(np.stack([np.cos(angle), np.sin(angle)], axis=1) * pace, axis=0)
    start = rng.uniform((0.02, 0.02), (0.98, 0.98)) * [width, height]
    # What would leave the canvas comes back: the painter walks around it.
    span = np.array([width, height])
    folded = np.abs((way + start + span) % (2 * span) - span)
    return np.asarray(folded * 1.04 - 0.02 * span, np.float32)


def _skeins(
    sheet: Sheet, colours: tuple[Colour, ...], density: float, rng: np.random.Generator
) -> None:
    _width, _height = sheet.size
    _, *paints = colours
    scale = min(sheet.size) / 450
    for layer in range(3):
        for tone in paints:
            for _ in range(int(7 * density) + int(rng.integers(3))):
                way = _thrown(
                    sheet.size, rng, steps=int(rng.integers(60, 240)), pace=5.5 * scale, bend=0.2
                )
                broad = scale * rng.choice(
                    [0.7, 1.1, 1.8, 2.8, 4.2], p=[0.22, 0.26, 0.26, 0.18, 0.08]
                )
                _pour(sheet, way, broad, varied(tone, rng, 0.015), rng)
            _spatter(sheet, tone, int(rng.integers(30, 80)) * (1 + layer) // 2, scale, rng)


def _pour(sheet: Sheet, way: Points, broad: float, tone: Colour, rng: np.random.Generator) -> None:
    """One pour: it thins where the hand is quick and pools where it hangs."""
    beat = np.convolve(rng.normal(1, 1.1, len(way) + 24), np.ones(25) / 25, mode="valid")[
        : len(way)
    ]
    widths = broad * np.clip(0.4 + 2.1 * (beat - 0.72), 0.25, 2.6)
    for index in range(0, len(way) - 3, 3):
        piece = way[index : index + 4]
        if np.abs(np.diff(piece, axis=0)).max() < 40:
            sheet.line(piece, widths[index], tone)
    for x, y in way[rng.random(len(way)) < 0.012]:
        sheet.disc(x, y, broad * rng.uniform(1.2, 3.0), tone)


def _spatter(
    sheet: Sheet, tone: Colour, count: int, scale: float, rng: np.random.Generator
) -> None:
    width, height = sheet.size
    heart = rng.uniform((0, 0), (width, height))
    for x, y in rng.normal(heart, (0.3 * width, 0.3 * height), (count, 2)):
        sheet.disc(x, y, scale * min(rng.exponential(1.1) + 0.4, 5), tone)


def _sweeps(
    sheet: Sheet, colours: tuple[Colour, ...], density: float, rng: np.random.Generator
) -> None:
    """Few strokes with a wide dry brush, against each other like beams."""
    width, height = sheet.size
    white, black, *accents = colours
    unit = min(sheet.size)
    for index in range(int(4 + 3 * density)):
        tone = pick(accents, rng) if accents and index == 1 and rng.random() < 0.6 else black
        slant = rng.choice([0.05, 1.5, -0.6, 0.7]) + rng.normal(0, 0.15)
        along = np.array([np.cos(slant), np.sin(slant)])
        across = np.array([-along[1], along[0]])
        heart = rng.uniform((0.25, 0.25), (0.75, 0.75)) * [width, height]
        long, broad = unit * rng.uniform(0.5, 1.25), unit * rng.choice([0.05, 0.1, 0.16])
        bow = rng.normal(0, 0.1) * long * across
        spine = curve([heart - along * long / 2, heart + bow, heart + along * long / 2], steps=14)
        _dry_brush(sheet, spine, broad, (tone, white), rng)
    for _ in range(int(rng.integers(1, 3))):  # white is paint too: it cuts back into the black
        slant = rng.uniform(-0.5, 2)
        along = np.array([np.cos(slant), np.sin(slant)])
        heart = rng.uniform((0.2, 0.2), (0.8, 0.8)) * [width, height]
        spine = curve([heart - along * unit * 0.25, heart, heart + along * unit * 0.25], steps=12)
        _dry_brush(
            sheet,
            spine,
            unit * 0.06,
            (white, mix(white, black, 0.2)),
            rng,
        )
    _spatter(sheet, black, 26, unit / 450, rng)


def _dry_brush(
    sheet: Sheet,
    spine: Points,
    broad: float,
    tones: tuple[Colour, Colour],
    rng: np.random.Generator,
) -> None:
    """A stroke hair by hair: each hair starts and runs dry at its own place."""
    paint, bare = tones
    along = spine[-1] - spine[0]
    across = np.array([-along[1], along[0]]) / np.hypot(*along)
    hairs = max(8, int(broad * 0.9))
    for place in rng.permutation(np.linspace(-0.5, 0.5, hairs)):
        rim = abs(place) * 2
        begin = int(rng.integers(0, 3))
        end = len(spine) - int(min(rng.exponential(1.5 + 3 * rim), len(spine) * 0.6))
        hair = spine[begin:end] + across * broad * (place + rng.normal(0, 0.006))
        if len(hair) > 1:
            tone = mix(paint, bare, float(np.clip(rng.normal(0.03, 0.05), 0, 0.4)))
            sheet.line(hair, broad / hairs * rng.uniform(1.0, 1.9), tone)
            sheet.line(hair[-3:] + across * rng.normal(0, 1.5), broad / hairs * 0.5, tone)


def _runs(
    sheet: Sheet, colours: tuple[Colour, ...], density: float, rng: np.random.Generator
) -> None:
    """Paint thrown along the top and left to run down, curtain over curtain."""
    width, height = sheet.size
    _, *paints = colours
    for layer in range(int(5 + 3 * density)):
        tone = paints[layer % len(paints)]
        level = rng.uniform(-0.05, 0.5) * height
        left, right = np.sort(rng.uniform(-0.1, 1.1, 2)) * width
        if right - left < 0.3 * width:
            left, right = left - 0.2 * width, right + 0.2 * width
        knots = np.linspace(left, right, 9)
        sweep = curve(np.stack([knots, level + rng.normal(0, 0.022 * height, 9)], axis=1), steps=10)
        sheet.line(sweep, rng.uniform(5, 20), tone)
        for x, y in sweep[rng.random(len(sweep)) < 0.55 * density]:
            long = height * min(rng.exponential(0.28), 1.2)
            thick = rng.uniform(1.0, 3.4)
            drift = np.cumsum(rng.normal(0, 0.5, 6))
            run = np.stack([x + drift, y + np.linspace(0, long, 6)], axis=1)
            ink = varied(tone, rng, 0.02)
            sheet.line(run, thick, ink)
            sheet.disc(run[-1, 0], run[-1, 1], thick * 0.75, ink)
            sheet.line(run[1:-1] - [thick * 0.2, 0], max(0.5, thick * 0.2), lighter(ink, 0.25))
        _spatter(sheet, tone, 18, 1.0, rng)
