"""Pointillism: a landscape broken into dots of pure colour that the eye mixes again."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from ingest.sample.generated.colour import gradient, lighter, mix, over, palette, varied
from ingest.sample.generated.ground import noise, on_canvas, smoothstep, unit_grid
from ingest.sample.generated.picture import Colour, Picture, Pixels, Points, Size
from ingest.sample.generated.rota import placed, turn
from ingest.sample.generated.scenery import below, disc_of_light, mirrored, ridge
from ingest.sample.generated.sheet import Sheet, curve

_Motif = Literal["river", "harbour", "meadow", "snow"]
_TITLES: dict[_Motif, tuple[str, ...]] = {
    "river": ("Poplars by the Water, {}", "Low Water, {}", "Still Morning, {}"),
    "harbour": ("Sails off {}", "Calm at {}", "The Roads of {}, Evening"),
    "meadow": ("Meadow near {}", "Noon at {}", "Orchard Path, {}"),
    "snow": ("Thaw at {}", "First Snow, {}", "Winter Light, {}"),
}


@dataclass(frozen=True, kw_only=True)
class Pointillism:
    """Dots of one painter's size and palette, over motifs this painter returns to."""

    style: ClassVar[str] = "Pointillism"

    # Sky above, sky at the horizon, far land, trees, trees in light, ground or water, accent.
    palettes: tuple[str, ...]
    motifs: tuple[_Motif, ...]
    places: tuple[str, ...]
    dot: float = 5.0  # distance of dots in pixels
    divided: float = 0.10  # how far dots stray from the colour they stand for
    dark_rim: bool = False  # a painted border of darker dots around the picture

    def paint(self, size: Size, number: int, rng: np.random.Generator) -> Picture:
        """A work of this hand; see :class:`~ingest.sample.generated.picture.Hand`."""
        motif = self.motifs[number % len(self.motifs)]
        colours = palette(turn(self.palettes, number))
        scene = {"river": _river, "harbour": _harbour, "meadow": _meadow, "snow": _snow}[motif]
        target = scene(size, colours, rng)
        if self.dark_rim:
            target = _rimmed(target, colours)
        pixels = on_canvas(self._dotted(target, colours, rng), rng, strength=0.01)
        title = placed(_TITLES[motif], self.places, number // len(self.motifs) + number)
        genre = "marina" if motif == "harbour" else "landscape"
        return Picture(pixels, title, genre)

    def _dotted(
        self, target: Pixels, colours: tuple[Colour, ...], rng: np.random.Generator
    ) -> Pixels:
        height, width = target.shape[:2]
        sheet = Sheet.over(0.75 * target + 0.25 * lighter(colours[1], 0.5))
        for share, radius, stray in ((1.0, 0.62, 0.5), (0.8, 0.5, 1.0), (0.35, 0.36, 1.6)):
            step = self.dot / np.sqrt(share)
            y, x = np.mgrid[0 : height + step : step, 0 : width + step : step]
            x = (x + rng.uniform(-0.55, 0.55, x.shape) * step).ravel()
            y = (y + rng.uniform(-0.55, 0.55, y.shape) * step).ravel()
            row, column = (
                np.clip(y, 0, height - 1).astype(int),
                np.clip(x, 0, width - 1).astype(int),
            )
            tones = _divided(target[row, column], rng, self.divided * stray)
            sizes = self.dot * radius * rng.uniform(0.8, 1.2, len(x))
            for index in rng.permutation(len(x)):
                sheet.disc(x[index], y[index], sizes[index], tones[index])
        return sheet.pixels()


def _divided(tones: Pixels, rng: np.random.Generator, by: float) -> Pixels:
    """Each colour leaned towards warm or cool light, so that neighbours add up to it again."""
    lean = np.array(
        [[0.9, 0.35, -0.7], [-0.7, 0.1, 0.9], [0.6, -0.6, 0.5], [-0.6, 0.7, -0.3]], np.float32
    )
    side = rng.integers(0, len(lean), len(tones))
    amount = rng.uniform(0.2, 1.0, (len(tones), 1)) * by
    light = rng.normal(0, by * 0.35, (len(tones), 1))
    return np.clip(tones + lean[side] * amount + light, 0, 1).astype(np.float32)


def _sky(
    size: Size, colours: tuple[Colour, ...], rng: np.random.Generator, horizon: float
) -> Pixels:
    _, y = unit_grid(size)
    drift = 0.06 * noise(size, rng, 120, octaves=3, stretch=(3, 0.7))
    pixels = gradient(
        (colours[0], mix(colours[0], colours[1], 0.6), colours[1]), y / horizon + drift
    )
    cloud = smoothstep(0.35, 1.1, noise(size, rng, 90, octaves=4, stretch=(2.4, 0.8)))
    return over(pixels, lighter(colours[1], 0.35), 0.7 * cloud)


def _far_land(
    pixels: Pixels, size: Size, colours: tuple[Colour, ...], rng: np.random.Generator, at: float
) -> Pixels:
    hills = below(size, ridge(size, rng, base=at - 0.03, rise=0.025, cell=0.3))
    return over(pixels, mix(colours[2], colours[1], 0.25), hills)


def _tree(
    pixels: Pixels,
    colours: tuple[Colour, ...],
    rng: np.random.Generator,
    *,
    foot: tuple[float, float],
    tall: float,
    slender: float,
) -> Pixels:
    """A crown of leaves lit from the left; ``tall`` and ``foot`` are shares of height and width."""
    height, width = pixels.shape[:2]
    x, y = unit_grid((width, height))
    across = (x - foot[0]) * width / height / (tall * slender)
    up = (foot[1] - y) / tall
    trunk = smoothstep(0.09, 0.05, np.abs(across + 0.04 * up)) * (up > 0) * (up < 0.6)
    pixels = over(pixels, lighter(colours[3], -0.35), trunk)
    edge = 0.15 * noise((width, height), rng, 22, octaves=3)
    crown = smoothstep(1.08, 0.9, np.hypot(across, (up - 0.56) / 0.46) + edge)
    lit = np.clip(0.5 - 0.42 * across + 0.5 * (up - 0.56) + 1.6 * edge, 0, 1)
    leaves = gradient((lighter(colours[3], -0.25), colours[3], colours[4]), lit)
    return over(pixels, leaves, crown)


def _river(size: Size, colours: tuple[Colour, ...], rng: np.random.Generator) -> Pixels:
    shore = rng.uniform(0.52, 0.64)
    pixels = _far_land(_sky(size, colours, rng, shore), size, colours, rng, shore)
    bank = below(size, ridge(size, rng, base=shore - 0.03, rise=0.008, cell=0.2))
    pixels = over(pixels, colours[4], bank)
    left = rng.uniform(0.05, 0.4)
    for index in range(int(rng.integers(5, 10))):  # a row of poplars, smaller with distance
        tall = (shore - 0.04) * 0.9 * 0.86**index * rng.uniform(0.9, 1.1)
        foot = (left + 0.62 * (1 - 0.83**index), shore - 0.005)
        pixels = _tree(pixels, colours, rng, foot=foot, tall=tall, slender=0.17)
    pixels = mirrored(pixels, shore, rng, ripple=9)
    x, y = unit_grid(size)
    return over(
        pixels, colours[5], 0.15 + 0.45 * smoothstep(shore, 1.1, y) * (x >= 0) * (y > shore)
    )


def _harbour(size: Size, colours: tuple[Colour, ...], rng: np.random.Generator) -> Pixels:
    width, height = size
    horizon = rng.uniform(0.36, 0.52)
    pixels = _sky(size, colours, rng, horizon)
    sun = rng.uniform(0.2, 0.8)
    if rng.random() < 0.6:
        where = (sun, horizon - rng.uniform(0.08, 0.2))
        pixels = disc_of_light(pixels, where, 0.035, lighter(colours[6], 0.5), halo=0.5)
    pixels = _far_land(pixels, size, colours, rng, horizon + 0.015)
    x, y = unit_grid(size)
    depth = np.clip((y - horizon) / (1 - horizon), 0, 1)
    sea = gradient(
        (mix(colours[5], colours[1], 0.6), colours[5], lighter(colours[5], -0.2)), depth + 0 * x
    )
    swell = noise(size, rng, 14, octaves=2, stretch=(4, 0.6))
    path = np.exp(-(((x - sun) / (0.05 + 0.1 * depth)) ** 2)) * smoothstep(0.1, 0.5, swell)
    sea = over(sea + 0.035 * swell[..., None], lighter(colours[1], 0.3), 0.8 * path)
    pixels = over(pixels, sea, smoothstep(-0.002, 0.002, y - horizon) + 0 * x)
    sheet = Sheet.over(pixels)
    for nearness in np.sort(rng.uniform(0.05, 0.75, int(rng.integers(3, 7)))):
        foot_x, foot_y = (
            rng.uniform(0.08, 0.92) * width,
            (horizon + 0.5 * nearness * (1 - horizon)) * height,
        )
        tall = (0.09 + 0.42 * nearness) * height
        lean = rng.choice([-1, 1]) * tall
        tone = varied(colours[6], rng, 0.05) if rng.random() < 0.6 else lighter(colours[1], 0.45)
        sail = [(0, -1), (0.16, -0.5), (0.34, -0.12), (0, -0.1)]
        jib = [(-0.02, -0.92), (-0.02, -0.14), (-0.24, -0.1)]
        hull = [(-0.3, -0.07), (0.4, -0.07), (0.3, 0.02), (-0.22, 0.02)]
        shift = np.array([foot_x, foot_y])
        for shape, ink in (
            (sail, tone),
            (jib, lighter(tone, 0.2)),
            (hull, lighter(colours[3], -0.4)),
        ):
            points = np.array(shape) * [lean, tall]
            sheet.polygon(points + shift, ink)
            sheet.polygon(points * [1, -0.55] + shift, mix(ink, colours[5], 0.6))
    return sheet.pixels()


def _meadow(size: Size, colours: tuple[Colour, ...], rng: np.random.Generator) -> Pixels:
    horizon = rng.uniform(0.34, 0.48)
    pixels = _far_land(_sky(size, colours, rng, horizon), size, colours, rng, horizon)
    ground = below(size, ridge(size, rng, base=horizon, rise=0.02, cell=0.5))
    x, y = unit_grid(size)
    light = np.clip(
        (y - horizon) / (1 - horizon) + 0.2 * noise(size, rng, 70, octaves=3, stretch=(3, 0.6)),
        0,
        1,
    )
    grass = gradient(
        (mix(colours[4], colours[1], 0.3), colours[4], mix(colours[3], colours[5], 0.5)), light
    )
    flowers = smoothstep(0.75, 1.1, noise(size, rng, 9, stretch=(1.6, 1))) * smoothstep(
        horizon, 0.9, y
    )
    pixels = over(over(pixels, grass, ground), colours[6], ground * flowers)
    bend, start = rng.uniform(-0.25, 0.25), rng.uniform(0.3, 0.7)
    depth = np.clip((y - horizon) / (1 - horizon), 0, 1)
    middle = start + bend * np.sin(2.2 * depth)
    path = smoothstep(1, 0.85, np.abs(x - middle) / (0.008 + 0.11 * depth**1.3)) * ground
    pixels = over(pixels, mix(colours[5], lighter(colours[1], 0.4), 0.7), path)
    for near in np.sort(rng.uniform(0.05, 0.5, int(rng.integers(4, 8)))):
        foot_y = horizon + near * (1 - horizon)
        aside = rng.choice([-1, 1]) * rng.uniform(0.14, 0.45)
        foot = (float(np.clip(start + aside, 0.03, 0.97)), float(foot_y))
        shadow = smoothstep(
            1,
            0.6,
            np.hypot(
                (x - foot[0] - 0.1 * near) / (0.05 + 0.25 * near),
                (y - foot_y) / (0.012 + 0.05 * near),
            ),
        )
        pixels = over(pixels, mix(colours[3], colours[0], 0.3), 0.7 * shadow)
        pixels = _tree(pixels, colours, rng, foot=foot, tall=0.2 + 0.9 * near, slender=0.5)
    return pixels


def _snow(size: Size, colours: tuple[Colour, ...], rng: np.random.Generator) -> Pixels:
    width, height = size
    horizon = rng.uniform(0.42, 0.52)
    pixels = _far_land(_sky(size, colours, rng, horizon), size, colours, rng, horizon)
    _x, _y = unit_grid(size)
    drifts = noise(size, rng, 80, octaves=3, stretch=(3, 0.5))
    snow = gradient(
        (mix(colours[0], colours[2], 0.4), lighter(colours[1], 0.5), lighter(colours[1], 0.85)),
        np.clip(0.6 + 0.35 * drifts, 0, 1),
    )
    pixels = over(pixels, snow, below(size, ridge(size, rng, base=horizon, rise=0.02, cell=0.4)))
    sheet = Sheet.over(pixels)
    for near in np.sort(rng.uniform(0.05, 0.7, int(rng.integers(5, 10)))):
        foot = np.array(
            [rng.uniform(0.03, 0.97) * width, (horizon + near * 0.7 * (1 - horizon)) * height]
        )
        tall = (0.16 + 0.7 * near) * height
        bark = mix(lighter(colours[3], -0.4), colours[0], 0.3 * (1 - near))
        upright = -np.pi / 2 + rng.normal(0, 0.05)
        _bare_tree(sheet, foot, rng, angle=upright, length=tall * 0.36, bark=bark)
        shadow = np.array(
            [[0, 0], [0.9 * tall, 0.16 * tall], [0.88 * tall, 0.19 * tall], [0, 0.03 * tall]]
        )
        sheet.polygon(shadow + foot, mix(colours[0], colours[2], 0.5))
    return sheet.pixels()


def _bare_tree(
    sheet: Sheet,
    foot: Points,
    rng: np.random.Generator,
    *,
    angle: float,
    length: float,
    bark: Colour,
) -> None:
    tip = foot + length * np.array([np.cos(angle), np.sin(angle)])
    bow = (foot + tip) / 2 + rng.normal(0, 0.06 * length, 2)
    sheet.line(curve([foot, bow, tip], steps=4), max(1.0, length * 0.11), bark)
    if length > 14:
        for side in (-1, 0.1, 1):
            _bare_tree(
                sheet,
                tip,
                rng,
                angle=angle + side * rng.uniform(0.3, 0.65),
                length=length * rng.uniform(0.6, 0.75),
                bark=bark,
            )


def _rimmed(target: Pixels, colours: tuple[Colour, ...]) -> Pixels:
    height, width = target.shape[:2]
    x, y = unit_grid((width, height))
    inside = np.minimum(np.minimum(x, 1 - x) * width, np.minimum(y, 1 - y) * height)
    rim = smoothstep(17, 14, inside)
    return over(target, 0.35 * lighter(colours[0], -0.5) + 0.3 * (1 - target), rim)
