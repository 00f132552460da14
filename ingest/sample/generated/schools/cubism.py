"""Cubism: a table of plain things, seen from several sides at once and cut into facets."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from PIL import Image, ImageDraw

from ingest.sample.generated.brush import Brush, laid_down
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
from ingest.sample.generated.ground import noise, on_canvas, raking_light, varnished, vignetted
from ingest.sample.generated.picture import Colour, Field, Picture, Pixels, Points, Size
from ingest.sample.generated.rota import turn
from ingest.sample.generated.sheet import Sheet, curve, turned

_THINGS = (
    ("guitar", "bottle", "glass"),
    ("bottle", "fruit", "glass"),
    ("violin", "page", "fruit"),
    ("guitar", "page", "fruit"),
    ("bottle", "bottle", "page"),
)
_WORDS = {
    "guitar": "Guitar",
    "violin": "Violin",
    "bottle": "Bottle",
    "glass": "Glass",
    "fruit": "Fruit",
    "page": "Sheet of Music",
}
_TITLES = (
    "{0}, {1} and {2}",
    "{0} on a Table",
    "Still Life with {0} and {1}",
    "The {0}",
    "{2} and {0}",
)


@dataclass(frozen=True, kw_only=True)
class Cubism:
    """Facets of one painter's size and sharpness over still lifes."""

    style: ClassVar[str] = "Cubism"

    # Dark, shadow, middle, light, then the accents.
    palettes: tuple[str, ...]
    facets: int = 46
    shift: float = 0.05  # how far a facet displaces what it shows, as a share of the height
    line: float = 1.6  # of the contours, pixels; 0 for none
    touch: float = 5.0  # brush width, pixels

    def paint(self, size: Size, number: int, rng: np.random.Generator) -> Picture:
        """A work of this hand; see :class:`~ingest.sample.generated.picture.Hand`."""
        colours = palette(turn(self.palettes, number))
        things = _THINGS[number % len(_THINGS)]
        motif = _table(size, things, colours, rng, self.line)
        pieces = _shattered(size, self.facets, rng)
        pixels, direction = self._faceted(motif, pieces, colours, rng)
        if self.line:
            sheet = Sheet.over(pixels)
            for piece in pieces:
                if rng.random() < 0.6:
                    sheet.line(piece[:3], self.line * 0.7, mix(colours[0], colours[1], 0.3))
            pixels = sheet.pixels()
        brush = Brush(self.touch, self.touch * 2.6, cover=1.1, uneven=0.02, bristles=1)
        strokes, height = laid_down(pixels, direction, brush, rng)
        pixels = raking_light(0.55 * pixels + 0.45 * strokes, height, 0.16)
        pixels = vignetted(varnished(on_canvas(pixels, rng, strength=0.016), "fff1d2"), 0.22)
        words = [_WORDS[thing] for thing in things]
        title = turn(_TITLES, number + number // len(_THINGS)).format(*words)
        return Picture(pixels, title.replace("Bottle, Bottle", "Two Bottles"), "still life")

    def _faceted(
        self,
        motif: Pixels,
        pieces: list[Points],
        colours: tuple[Colour, ...],
        rng: np.random.Generator,
    ) -> tuple[Pixels, Field]:
        """The motif through the facets, each lit by itself; and the direction to brush it in."""
        height, width = motif.shape[:2]
        board = Image.new("I", (width, height), 0)
        pen = ImageDraw.Draw(board)
        for index, piece in enumerate(pieces):
            pen.polygon(piece.ravel().tolist(), fill=index)
        label = np.asarray(board)
        count = len(pieces)
        y, x = np.indices(label.shape, np.float32)
        centres = np.array([piece.mean(axis=0) for piece in pieces])
        aside, down = x - centres[label, 0], y - centres[label, 1]
        reach = np.array([np.ptp(piece, axis=0).max() for piece in pieces])[label] + 1
        move = rng.normal(0, self.shift * height, (count, 2))[label]
        spin = rng.normal(0, 0.16, count)[label]
        source_x = np.clip(x + move[..., 0] - spin * down, 0, width - 1).astype(int)
        source_y = np.clip(y + move[..., 1] + spin * aside, 0, height - 1).astype(int)
        seen = motif[source_y, source_x]
        # Each facet turns out of the light along its own direction, from bright to dark.
        lamp = rng.uniform(0, 2 * np.pi, count)[label]
        light = (np.cos(lamp) * aside + np.sin(lamp) * down) / reach + rng.normal(0, 0.16, count)[
            label
        ]
        planes = gradient(colours[:4], np.clip(0.56 + 0.75 * light, 0, 1))
        mood = rng.choice([0.15, 0.4, 0.75], count)[label].astype(np.float32)
        shaded = np.clip(seen * (1 + 0.75 * light)[..., None], 0, 1).astype(np.float32)
        return over(shaded, planes, mood * 0.75), (lamp + np.pi / 2).astype(np.float32)


def _shattered(size: Size, count: int, rng: np.random.Generator) -> list[Points]:
    """The picture cut into convex pieces, the largest first; cuts keep to a few slants."""
    width, height = size
    pieces = [np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)]
    slants = rng.permutation([0.35, -0.35, 1.2, -1.2, 1.57, 0.85, -0.8])[:5]
    while len(pieces) < count:
        areas = [_area(piece) for piece in pieces]
        piece = pieces.pop(int(np.argmax(np.array(areas) * rng.uniform(0.4, 1.6, len(areas)))))
        angle = rng.choice(slants) + rng.normal(0, 0.08)
        through = piece.mean(axis=0) + rng.normal(0, 0.12, 2) * np.ptp(piece, axis=0)
        pieces += [part for part in _cut(piece, through, angle) if len(part) > 2]
    return pieces


def _area(piece: Points) -> float:
    x, y = piece.T
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)


def _cut(piece: Points, through: Points, angle: float) -> tuple[Points, Points]:
    """Both sides of a convex polygon cut by a line (Sutherland and Hodgman's clipping)."""
    normal = np.array([-np.sin(angle), np.cos(angle)])
    sides: tuple[list[Points], list[Points]] = ([], [])
    distance = (piece - through) @ normal
    for index, here in enumerate(distance):
        following = (index + 1) % len(piece)
        there = distance[following]
        sides[int(here < 0)].append(piece[index])
        if here * there < 0:
            crossing = piece[index] + here / (here - there) * (piece[following] - piece[index])
            sides[0].append(crossing)
            sides[1].append(crossing)
    return np.array(sides[0], np.float32), np.array(sides[1], np.float32)


def _table(
    size: Size,
    things: tuple[str, ...],
    colours: tuple[Colour, ...],
    rng: np.random.Generator,
    line: float,
) -> Pixels:
    """The still life before it is cut: flat shapes with dark contours."""
    width, height = size
    sheet = Sheet(size, mix(colours[1], colours[2], 0.5))
    edge = 0.62 * height
    top = [
        (-0.05 * width, edge),
        (0.3 * width, edge - 0.12 * height),
        (1.1 * width, edge),
        (0.9 * width, 1.1 * height),
        (0, 1.1 * height),
    ]
    sheet.polygon(top, mix(colours[2], colours[4], 0.4))
    unit = min(size) * 0.9
    for place, thing in zip(rng.permutation([0.3, 0.52, 0.72]), things, strict=True):
        foot = np.array([place * width, (0.72 + rng.uniform(-0.04, 0.08)) * height])
        tone = varied(pick(colours[4:], rng), rng, 0.02)
        for shape, ink in _thing(thing, tone, colours, rng):
            points = turned(shape, rng.normal(0, 0.03)) * unit + foot
            sheet.polygon(points, ink)
            if line:
                sheet.line(np.concatenate([points, points[:1]]), line * 1.4, colours[0])
    pixels = sheet.pixels()
    return pixels * (1 + 0.05 * noise(size, rng, 20, octaves=3))[..., None]


def _thing(
    thing: str, tone: Colour, colours: tuple[Colour, ...], rng: np.random.Generator
) -> list[tuple[Points, Colour]]:
    """Outlines of one thing that stands on (0, 0), of height about 0.6 upwards (y negative)."""
    if thing == "bottle":
        half = [(0.085, 0), (0.09, -0.3), (0.035, -0.42), (0.03, -0.58)]
        return [
            (np.array(half + [(-x, y) for x, y in half[::-1]], np.float32), tone),
            (
                np.array(
                    [(-0.075, -0.08), (0.075, -0.08), (0.075, -0.22), (-0.075, -0.22)], np.float32
                ),
                colours[3],
            ),
        ]
    if thing == "glass":
        half = [(0.06, 0), (0.012, -0.03), (0.015, -0.11), (0.075, -0.15), (0.085, -0.3)]
        bowl = np.array(half + [(-x, y) for x, y in half[::-1]], np.float32)
        return [
            (bowl, mix(colours[3], tone, 0.3)),
            (_oval(0, -0.3, 0.085, 0.022), lighter(tone, 0.4)),
        ]
    if thing == "fruit":
        spots = ((-0.11, -0.07, 0.08), (0.06, -0.08, 0.085), (-0.02, -0.17, 0.08))
        bowl = _oval(-0.02, 0.0, 0.24, 0.06)
        return [
            (bowl, colours[3]),
            *((_oval(x, y, r, r), varied(pick(colours[4:], rng), rng, 0.04)) for x, y, r in spots),
        ]
    if thing == "page":
        sheet = np.array([(-0.16, 0.02), (0.14, 0.05), (0.19, -0.34), (-0.1, -0.38)], np.float32)
        staves = [
            (
                np.array(
                    [
                        (-0.1 + 0.02 * k, y),
                        (0.13, y + 0.02),
                        (0.13, y + 0.026),
                        (-0.1 + 0.02 * k, y + 0.006),
                    ],
                    np.float32,
                ),
                colours[0],
            )
            for k, y in enumerate((-0.3, -0.24, -0.18, -0.12, -0.06))
        ]
        return [(sheet, lighter(colours[3], 0.3)), *staves]
    return _instrument(tone, slim=0.8 if thing == "violin" else 1.0)


def _instrument(tone: Colour, *, slim: float) -> list[tuple[Points, Colour]]:
    """A violin or a guitar: its body, sound hole, neck, head and bridge."""
    dark = lighter(tone, -0.45)
    body = curve(
        np.array(
            [
                (0, 0.03),
                (0.19, -0.03),
                (0.19, -0.17),
                (0.1, -0.25),
                (0.14, -0.36),
                (0, -0.42),
                (-0.14, -0.36),
                (-0.1, -0.25),
                (-0.19, -0.17),
                (-0.19, -0.03),
            ]
        )
        * [slim, 1],
        closed=True,
        steps=6,
    )
    neck = np.array([(-0.022, -0.36), (0.022, -0.36), (0.018, -0.72), (-0.018, -0.72)], np.float32)
    head = np.array([(-0.035, -0.7), (0.035, -0.7), (0.028, -0.8), (-0.028, -0.8)], np.float32)
    bridge = np.array([(-0.06, -0.1), (0.06, -0.1), (0.06, -0.08), (-0.06, -0.08)], np.float32)
    return [
        (body, tone),
        (_oval(0, -0.22, 0.05, 0.05), colour("1c1714")),
        (neck, dark),
        (head, dark),
        (bridge, dark),
    ]


def _oval(x: float, y: float, across: float, down: float) -> Points:
    turn = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    return np.stack([x + across * np.cos(turn), y + down * np.sin(turn)], axis=1).astype(np.float32)
