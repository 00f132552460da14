"""Impasto: thick strokes that follow the wind, the furrows and the light."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from ingest.sample.generated.brush import Brush, laid_down
from ingest.sample.generated.colour import gradient, lighter, mix, over, palette
from ingest.sample.generated.ground import noise, on_canvas, raking_light, smoothstep, unit_grid
from ingest.sample.generated.picture import Colour, Field, Picture, Pixels, Size
from ingest.sample.generated.rota import placed, turn
from ingest.sample.generated.scenery import below, ridge

_Motif = Literal["night", "field", "cypress", "surf"]
_Scene = tuple[Pixels, Field]  # what is seen, and where each stroke of it runs (radians)
_TITLES: dict[_Motif, tuple[str, ...]] = {
    "night": ("Night over {}", "The Stars at {}", "{}, Past Midnight"),
    "field": ("Wheat near {}", "The Plain of {}", "Furrows, {}"),
    "cypress": ("Cypresses at {}", "Road to {}", "Mistral, {}"),
    "surf": ("Surf at {}", "Gale off {}", "The Rocks of {}"),
}


@dataclass(frozen=True, kw_only=True)
class Impasto:
    """A brush of its own width and temper, over motifs that this painter returns to."""

    style: ClassVar[str] = "Impasto"

    # Sky dark, sky middle, light, land dark, land middle, land light, accent.
    palettes: tuple[str, ...]
    motifs: tuple[_Motif, ...]
    places: tuple[str, ...]
    width: float = 6.0  # of the brush, pixels
    length: float = 30.0  # of a stroke, pixels
    turbulence: float = 1.0

    def paint(self, size: Size, number: int, rng: np.random.Generator) -> Picture:
        """A work of this hand; see :class:`~ingest.sample.generated.picture.Hand`."""
        motif = self.motifs[number % len(self.motifs)]
        colours = palette(turn(self.palettes, number))
        scene = {"night": _night, "field": _field, "cypress": _cypress, "surf": _surf}[motif]
        target, direction = scene(size, colours, rng, self.turbulence)
        broad = Brush(self.width * 1.7, self.length * 1.3, cover=1.6, uneven=0.05, bristles=1)
        fine = Brush(self.width, self.length, cover=1.5, uneven=0.055, bristles=2)
        under, first = laid_down(target, direction, broad, rng)
        pixels, height = laid_down(0.35 * under + 0.65 * target, direction, fine, rng)
        pixels = raking_light(pixels, 0.3 * first + height, 0.42)
        title = placed(_TITLES[motif], self.places, number // len(self.motifs) + number)
        genre = "marina" if motif == "surf" else "landscape"
        pixels = on_canvas(pixels, rng, strength=0.008)
        return Picture(pixels, title, genre)


def _swirling(
    size: Size, rng: np.random.Generator, eyes: list[tuple[float, float, float]], turbulence: float
) -> Field:
    """Wind that blows from the left and turns about each eye (x, y, reach as shares of height)."""
    width, height = size
    x, y = unit_grid(size)
    x = x * width / height
    bend = 0.5 * turbulence * noise(size, rng, 0.45 * height, octaves=2)
    east, south = np.cos(bend), np.sin(bend)
    for index, (eye_x, eye_y, reach) in enumerate(eyes):
        aside, down = x - eye_x, y - eye_y
        distance = np.hypot(aside, down) + 1e-4
        pull = 3.2 * np.exp(-((distance / reach) ** 2)) * (-1) ** index
        east, south = east - pull * down / distance, south + pull * aside / distance
    return np.asarray(np.arctan2(south, east), np.float32)


def _banded(size: Size, rng: np.random.Generator, direction: Field, cell: float) -> Field:
    """Noise drawn out along the strokes, 0 to 1: the streaks of different paint in a sky."""
    grain = noise(size, rng, cell, octaves=2)
    rows, columns = np.indices(grain.shape).astype(np.float32)
    total = grain.copy()
    for side in (-1, 1):
        x, y = columns.copy(), rows.copy()
        for _ in range(7):
            at = (
                np.clip(y, 0, size[1] - 1).astype(np.intp),
                np.clip(x, 0, size[0] - 1).astype(np.intp),
            )
            x, y = x + side * 6 * np.cos(direction[at]), y + side * 6 * np.sin(direction[at])
            total += grain[at]
    return np.clip(0.5 + total / 15 * 0.95, 0, 1)


def _land(
    scene: _Scene, size: Size, colours: tuple[Colour, ...], rng: np.random.Generator, base: float
) -> _Scene:
    """Three ranges of hills in front of the sky, strokes along their slopes."""
    pixels, direction = scene
    for step, tone in enumerate((mix(colours[3], colours[1], 0.45), colours[3], colours[4])):
        tops = ridge(size, rng, base=base + 0.09 * step, rise=0.035, cell=0.35, octaves=2)
        mask = below(size, tops)
        slope = np.arctan(np.gradient(tops) * size[1])[None, :] + 0.25 * noise(size, rng, 50)
        streak = noise(size, rng, 16, octaves=2, stretch=(3, 0.7))
        land = gradient(
            (lighter(tone, -0.3), tone, mix(tone, colours[5], 0.55)),
            np.clip(0.5 + 0.4 * streak, 0, 1),
        )
        pixels = over(pixels, land, mask)
        direction = np.where(mask > 0.5, slope, direction)
    return pixels, direction.astype(np.float32)


def _night(
    size: Size, colours: tuple[Colour, ...], rng: np.random.Generator, turbulence: float
) -> _Scene:
    width, height = size
    ratio = width / height
    colours = (lighter(colours[0], -0.3), lighter(colours[1], -0.12), *colours[2:])
    x, y = unit_grid(size)
    horizon = rng.uniform(0.66, 0.76)
    eyes = [
        (rng.uniform(0.3, 0.7) * ratio, rng.uniform(0.28, 0.45), rng.uniform(0.14, 0.2)),
        (rng.uniform(0.1, 0.9) * ratio, rng.uniform(0.12, 0.3), rng.uniform(0.08, 0.13)),
    ]
    spots = _scattered(rng, ratio, horizon - 0.1, count=int(rng.integers(7, 12)))
    stars = [(spot_x, spot_y, rng.uniform(0.025, 0.05)) for spot_x, spot_y in spots]
    moon = (rng.choice([0.12, 0.85]) * ratio, rng.uniform(0.14, 0.24), 0.1)
    direction = _swirling(
        size, rng, [*eyes, *((a, b, c * 2.2) for a, b, c in [*stars, moon])], turbulence
    )
    streaks = _banded(size, rng, direction, 14)
    sky = gradient(colours[:3], np.clip(1.25 * streaks - 0.3 + 0.25 * y, 0, 0.92))
    for star_x, star_y, reach in [*stars, moon]:
        distance = np.hypot(x * ratio - star_x, y - star_y) / reach
        rings = np.exp(-(distance**2) / 2.5) * (0.8 + 0.2 * np.cos(5 * distance))
        sky = over(sky, mix(colours[2], colours[6], 0.35), np.clip(rings, 0, 1).astype(np.float32))
        sky = over(
            sky, lighter(colours[6], 0.35), smoothstep(0.75, 0.45, distance.astype(np.float32))
        )
    return _land((sky, direction), size, colours, rng, horizon)


def _scattered(
    rng: np.random.Generator, ratio: float, low: float, count: int
) -> list[tuple[float, float]]:
    """Places in the sky that keep clear of each other."""
    found: list[tuple[float, float]] = []
    for place_x, place_y in rng.uniform((0.04 * ratio, 0.05), (0.96 * ratio, low), (count * 6, 2)):
        if all(np.hypot(place_x - a, place_y - b) > 0.17 for a, b in found) and len(found) < count:
            found.append((place_x, place_y))
    return found


def _day_sky(
    size: Size, colours: tuple[Colour, ...], rng: np.random.Generator, turbulence: float
) -> _Scene:
    ratio = size[0] / size[1]
    eyes = [
        (rng.uniform(0.1, 0.9) * ratio, rng.uniform(0.1, 0.35), rng.uniform(0.1, 0.2))
        for _ in range(int(rng.integers(2, 4)))
    ]
    direction = _swirling(size, rng, eyes, turbulence)
    streaks = _banded(size, rng, direction, 22)
    _, y = unit_grid(size)
    sky = gradient(
        (colours[1], mix(colours[1], colours[2], 0.5), colours[2]),
        np.clip(1.5 * streaks - 0.5 + 0.7 * y, 0, 1),
    )
    return sky, direction


def _field(
    size: Size, colours: tuple[Colour, ...], rng: np.random.Generator, turbulence: float
) -> _Scene:
    horizon = rng.uniform(0.36, 0.5)
    pixels, direction = _land(
        _day_sky(size, colours, rng, turbulence), size, colours, rng, horizon - 0.1
    )
    x, y = unit_grid(size)
    ratio = size[0] / size[1]
    field = (
        below(size, ridge(size, rng, base=horizon + 0.05, rise=0.012, cell=0.5, octaves=2)) > 0.5
    )
    vanishing = rng.uniform(0.2, 0.8)
    # Furrows run to one point on the horizon: their angle there is both colour and direction.
    angle = np.arctan2(y - horizon + 0.05, (x - vanishing) * ratio) + 0.12 * noise(size, rng, 40)
    rows = 0.5 + 0.5 * np.sin(angle * 34) + 0.5 * noise(size, rng, 12, octaves=2)
    wheat = gradient((colours[4], colours[5], colours[6]), np.clip(0.25 + 0.5 * rows, 0, 1))
    poppies = smoothstep(0.9, 1.2, noise(size, rng, 12)) * smoothstep(0.5, 0.9, y)
    wheat = over(wheat, mix(colours[6], colours[3], 0.3), poppies)
    pixels = np.where(field[..., None], wheat, pixels)
    return pixels, np.where(field, angle, direction).astype(np.float32)


def _cypress(
    size: Size, colours: tuple[Colour, ...], rng: np.random.Generator, turbulence: float
) -> _Scene:
    horizon = rng.uniform(0.6, 0.7)
    pixels, direction = _land(_day_sky(size, colours, rng, turbulence), size, colours, rng, horizon)
    x, y = unit_grid(size)
    ratio = size[0] / size[1]
    left = rng.uniform(0.1, 0.6)
    for index in range(int(rng.integers(2, 4))):
        centre = (left + index * rng.uniform(0.09, 0.13)) * ratio
        top, foot = rng.uniform(0.02, 0.22), rng.uniform(0.86, 0.95)
        up = np.clip((foot - y) / (foot - top), 0, 1)
        sway = 0.03 * np.sin(5 * up + rng.uniform(0, 6)) * up
        half = 0.105 * np.sqrt(np.clip(up * 5, 0, 1)) * (1 - up) ** 0.75 + 0.012 * noise(
            size, rng, 16, octaves=2
        )
        aside = (x * ratio - centre - sway) / 0.1
        tree = (np.abs(x * ratio - centre - sway) < half) & (y < foot) & (y > top)
        flame = np.clip(0.4 - 0.35 * aside + 0.4 * noise(size, rng, 12, stretch=(0.6, 2.5)), 0, 1)
        dark = gradient((lighter(colours[3], -0.6), lighter(colours[3], -0.2), colours[4]), flame)
        pixels = np.where(tree[..., None], dark, pixels)
        rising = -np.pi / 2 + 0.5 * np.sin(9 * up + 3 * aside) + 0 * x
        direction = np.where(tree, rising, direction)
    return pixels, direction.astype(np.float32)


def _surf(
    size: Size, colours: tuple[Colour, ...], rng: np.random.Generator, turbulence: float
) -> _Scene:
    horizon = rng.uniform(0.3, 0.42)
    pixels, direction = _day_sky(size, colours, rng, turbulence)
    x, y = unit_grid(size)
    depth = np.clip((y - horizon) / (1 - horizon), 0, 1)
    bend = noise(size, rng, 90, octaves=2, stretch=(2, 0.8))
    swell = np.sin(26 * np.sqrt(depth + 0.02) + 1.7 * bend + 2 * x)
    tone = np.clip(
        0.45 + 0.4 * swell + 0.15 * noise(size, rng, 14, octaves=2, stretch=(3, 1)), 0, 1
    )
    water = gradient((colours[3], colours[4], mix(colours[4], colours[5], 0.5), colours[5]), tone)
    foam = smoothstep(0.72, 0.98, swell + 0.35 * noise(size, rng, 20, octaves=3)) * (
        0.35 + 0.65 * depth
    )
    water = over(water, lighter(colours[6], 0.6), foam)
    sea = y + 0 * x > horizon
    run = 0.45 * np.cos(26 * np.sqrt(depth + 0.02) + 1.7 * bend + 2 * x) + 0.2 * bend
    return np.where(sea[..., None], water, pixels), np.where(sea, run, direction).astype(np.float32)
