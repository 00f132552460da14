"""Constructivism: a few exact shapes in tension on bare paper."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from ingest.sample.generated.colour import palette
from ingest.sample.generated.ground import noise, on_paper, raking_light, varnished
from ingest.sample.generated.picture import Colour, Picture, Points, Size
from ingest.sample.generated.rota import turn
from ingest.sample.generated.sheet import Sheet, turned


@dataclass(frozen=True, kw_only=True)
class Constructivism:
    """Floating planes, rings and radii, or the wedge of a poster."""

    style: ClassVar[str] = "Constructivism"

    manner: Literal["floating", "orbits", "wedge"]
    # Paper, black, then the colours, the strongest first.
    palettes: tuple[str, ...]
    titles: tuple[str, ...]
    slant: float = -0.6  # the main direction of the painter's works, radians

    def paint(self, size: Size, number: int, rng: np.random.Generator) -> Picture:
        """A work of this hand; see :class:`~ingest.sample.generated.picture.Hand`."""
        colours = palette(turn(self.palettes, number))
        sheet = Sheet(size, colours[0])
        slant = self.slant * rng.choice([1, 1, -1]) + rng.normal(0, 0.12)
        {"floating": _floating, "orbits": _orbits, "wedge": _wedge}[self.manner](
            sheet, colours, slant, rng
        )
        pixels = sheet.pixels() * (1 + 0.03 * noise(size, rng, 90, octaves=4))[..., None]
        # Hand-filled gouache: brush marks that run with the composition, and worn patches.
        marks = noise(size, rng, 3, octaves=2, stretch=(5, 1)) + noise(size, rng, 2)
        pixels = raking_light(pixels, marks, 0.02)
        worn = np.clip(noise(size, rng, 3, octaves=2) - 1.5, 0, 1)
        pixels = pixels + (colours[0] - pixels) * (0.5 * worn)[..., None]
        pixels = varnished(on_paper(pixels, rng, strength=0.014), "fffaf0")
        return Picture(pixels, self.titles[number % len(self.titles)], "abstract")


def _bar(at: Points, long: float, wide: float, angle: float) -> Points:
    """A bar ``long`` by ``wide`` pixels about a place (shape (2,)), turned by ``angle``."""
    half = np.array([(-long, -wide), (long, -wide), (long, wide), (-long, wide)]) / 2
    return turned(half, angle) + np.asarray(at)


def _floating(
    sheet: Sheet, colours: tuple[Colour, ...], slant: float, rng: np.random.Generator
) -> None:
    """One heavy plane, and a swarm of bars that follows or crosses it."""
    width, height = sheet.size
    unit = min(sheet.size)
    _, black, *tones = colours
    heart = np.array([rng.uniform(0.38, 0.62) * width, rng.uniform(0.36, 0.6) * height])
    along = np.array([np.cos(slant), np.sin(slant)])
    across = np.array([-along[1], along[0]])
    wide = rng.uniform(0.2, 0.34) * unit
    sheet.polygon(
        _bar(heart, wide * rng.uniform(1.2, 2.2), wide, slant),
        black if rng.random() < 0.5 else tones[0],
    )
    for index in range(int(rng.integers(14, 24))):
        away = rng.normal(0, 0.27 * unit) * along * 1.35 + rng.normal(0, 0.2 * unit) * across
        crossing = rng.random() < 0.3
        angle = slant + (np.pi / 2 if crossing else 0) + rng.normal(0, 0.015)
        long = unit * rng.choice([0.1, 0.18, 0.3, 0.5]) * rng.uniform(0.8, 1.2)
        thick = unit * rng.choice([0.012, 0.02, 0.04, 0.07])
        tone = black if index % 4 == 0 else tones[int(min(rng.geometric(0.45) - 1, len(tones) - 1))]
        sheet.polygon(_bar(heart + away, long, thick, angle), tone)
    x, y = heart + rng.choice([-1, 1]) * across * 0.36 * unit + along * rng.normal(0, 0.2 * unit)
    sheet.disc(x, y, rng.uniform(0.03, 0.08) * unit, tones[0])


def _orbits(
    sheet: Sheet, colours: tuple[Colour, ...], slant: float, rng: np.random.Generator
) -> None:
    """Rings within rings, cut by radii and attended by small moons."""
    width, height = sheet.size
    unit = min(sheet.size)
    paper, black, *tones = colours
    for which in range(int(rng.integers(2, 5))):
        scale = (0.36, 0.2, 0.13, 0.1)[which] * rng.uniform(0.85, 1.15)
        x = width * np.clip(0.5 + (0.1 if which == 0 else 0.32) * rng.normal(), 0.12, 0.88)
        y = height * np.clip(0.5 + (0.08 if which == 0 else 0.3) * rng.normal(), 0.12, 0.88)
        rings = int(rng.integers(2, 6))
        order = rng.permutation(len(tones))
        for ring in range(rings):
            radius = unit * scale * (1 - ring / rings) ** 0.85
            tone = (black, paper, tones[order[ring % len(tones)]])[(ring + which) % 3]
            sheet.disc(x, y, radius, tone)
        begin, sweep = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 1.8)
        turn = np.linspace(begin, begin + sweep, 30)
        rim = np.stack([np.cos(turn), np.sin(turn)], axis=1) * unit * scale * rng.uniform(0.6, 1.25)
        sheet.polygon(np.concatenate([[(0, 0)], rim]) + np.array([x, y]), tones[order[-1]])
    for _ in range(int(rng.integers(5, 10))):
        angle = slant + rng.choice([0, 0, np.pi / 2, 0.5])
        at = rng.uniform((0.1, 0.1), (0.9, 0.9)) * [width, height]
        sheet.polygon(
            _bar(at, unit * rng.uniform(0.3, 1.1), unit * rng.choice([0.004, 0.007, 0.014]), angle),
            black,
        )
    for _ in range(int(rng.integers(6, 12))):
        at = rng.uniform((0.06, 0.06), (0.94, 0.94)) * [width, height]
        radius = unit * rng.choice([0.008, 0.015, 0.03])
        sheet.disc(at[0], at[1], radius, tones[int(rng.integers(len(tones)))])
    corner = rng.uniform((0.1, 0.7), (0.6, 0.85)) * [width, height]
    for step in range(int(rng.integers(4, 8))):  # a little chequer, for measure
        square = 0.035 * unit
        at = corner + turned([(step * square, (step % 2) * square)], slant)[0]
        sheet.polygon(_bar(at, square, square, slant), black)


def _wedge(
    sheet: Sheet, colours: tuple[Colour, ...], slant: float, rng: np.random.Generator
) -> None:
    """Half the sheet dark; a wedge drives into a disc; stripes count the blows."""
    width, height = sheet.size
    unit = min(sheet.size)
    paper, black, *tones = colours
    side = rng.choice([-1, 1])
    middle = np.array([width / 2, height / 2])
    normal = np.array([-np.sin(slant), np.cos(slant)])
    along = np.array([np.cos(slant), np.sin(slant)])
    field = middle + normal * side * 1.5 * max(sheet.size)
    sheet.polygon(
        _bar(field, 4 * max(sheet.size), 3 * max(sheet.size), slant),
        black if rng.random() < 0.6 else tones[1],
    )
    hub = middle + normal * side * 0.08 * unit + along * rng.uniform(-0.1, 0.1) * width
    radius = unit * rng.uniform(0.24, 0.33)
    sheet.disc(hub[0], hub[1], radius, paper if rng.random() < 0.7 else tones[-1])
    tip = hub + along * rng.uniform(-0.1, 0.1) * unit
    back = tip - (along * 0.62 + normal * side * 0.42) * unit * rng.uniform(0.8, 1.1)
    spread = np.array([-(tip - back)[1], (tip - back)[0]]) * rng.uniform(0.22, 0.4)
    sheet.polygon([tip, back + spread, back - spread], tones[0])
    for index in range(int(rng.integers(4, 9))):
        at = (
            middle
            - normal * side * (0.16 + 0.05 * index) * unit
            + along * rng.uniform(0.15, 0.4) * width
        )
        sheet.polygon(
            _bar(at, unit * (0.5 - 0.04 * index), unit * 0.018, slant),
            (black, tones[0], black)[index % 3],
        )
    for index in range(int(rng.integers(3, 6))):
        at = (
            hub
            + along * rng.uniform(0.3, 0.62) * unit
            + normal * side * rng.uniform(-0.1, 0.4) * unit
        )
        long = unit * rng.uniform(0.05, 0.16)
        sheet.polygon(
            _bar(at, long, long * rng.choice([0.25, 0.6, 1]), slant + rng.normal(0, 0.3)),
            (paper, tones[-1], tones[0])[index % 3],
        )
    ring = hub + along * 0.03 * unit
    turn = np.linspace(0, 2 * np.pi, 90)
    orbit = np.stack([np.cos(turn), np.sin(turn)], axis=1) * radius * 1.22 + ring
    sheet.line(orbit[: int(rng.integers(40, 80))], 0.007 * unit, tones[0])
