"""Tonalism: one tone, much air; ranges in mist, a dusk pool, lights across a harbour."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from ingest.sample.generated.brush import Brush, laid_down
from ingest.sample.generated.colour import gradient, lighter, mix, over, palette
from ingest.sample.generated.ground import (
    noise,
    on_canvas,
    raking_light,
    smoothstep,
    unit_grid,
    varnished,
    vignetted,
)
from ingest.sample.generated.picture import Colour, Picture, Pixels, Size
from ingest.sample.generated.rota import placed, turn
from ingest.sample.generated.scenery import below, disc_of_light, mirrored, ridge

_TITLES = {
    "ranges": (
        "Mist over {}",
        "Ranges beyond {}",
        "Early Hour, {}",
        "{} after Rain",
        "Daybreak, {}",
    ),
    "dusk": ("Pool at {}", "Last Light, {}", "October Dusk, {}", "The Marsh at {}", "Gloaming, {}"),
    "nocturne": (
        "Nocturne: {}",
        "Lamps at {}",
        "The Quay of {}, Fog",
        "Silver Night, {}",
        "Ferry from {}",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Tonalism:
    """One motif in ever other weather, in long soft strokes."""

    style: ClassVar[str] = "Tonalism"

    manner: Literal["ranges", "dusk", "nocturne"]
    # Upper air, lower air, far land, near land, light.
    palettes: tuple[str, ...]
    places: tuple[str, ...]
    brush: float = 5.0
    varnish: str = "fff0d0"

    def paint(self, size: Size, number: int, rng: np.random.Generator) -> Picture:
        """A work of this hand; see :class:`~ingest.sample.generated.picture.Hand`."""
        colours = palette(turn(self.palettes, number))
        compose = {"ranges": _ranges, "dusk": _dusk, "nocturne": _nocturne}[self.manner]
        target = compose(size, colours, rng)
        direction = 0.35 * noise(size, rng, 80, octaves=2, stretch=(2, 1))
        brush = Brush(self.brush, self.brush * 6, cover=1.7, uneven=0.012, bristles=1)
        strokes, height = laid_down(target, direction, brush, rng)
        # Soft painting: the strokes are worked into each other while wet.
        pixels = raking_light(0.6 * target + 0.4 * strokes, height, 0.10)
        pixels = vignetted(varnished(on_canvas(pixels, rng, strength=0.016), self.varnish), 0.3)
        title = placed(_TITLES[self.manner], self.places, number)
        return Picture(pixels, title, "marina" if self.manner == "nocturne" else "landscape")


def _air(
    size: Size, colours: tuple[Colour, ...], rng: np.random.Generator, horizon: float
) -> Pixels:
    _, y = unit_grid(size)
    drift = 0.1 * noise(size, rng, 150, octaves=3, stretch=(3, 0.8))
    pixels = gradient(colours[:2], np.clip(y / horizon + drift, 0, 1))
    cloud = smoothstep(0.1, 1.2, noise(size, rng, 110, octaves=4, stretch=(3, 0.7)))
    return over(pixels, mix(colours[1], colours[4], 0.5), 0.5 * cloud)


def _ranges(size: Size, colours: tuple[Colour, ...], rng: np.random.Generator) -> Pixels:
    _upper, lower, far, near, light = colours
    top, count = rng.uniform(0.26, 0.42), int(rng.integers(5, 8))
    pixels = _air(size, colours, rng, top + 0.3)
    sun = (rng.uniform(0.2, 0.8), rng.uniform(0.1, top - 0.06))
    pixels = disc_of_light(pixels, sun, rng.uniform(0.025, 0.05), light, halo=0.45)
    _, y = unit_grid(size)
    crag = rng.uniform(0.06, 0.11)
    for index in range(count):
        depth = index / (count - 1)
        base = top + (0.98 - top) * depth**1.15
        tops = ridge(
            size,
            rng,
            base=base,
            rise=crag * (1.1 - 0.4 * depth),
            cell=0.34 - 0.1 * depth,
            octaves=6,
        )
        mask = below(size, tops)
        tone = gradient((mix(lower, far, 0.35), far, mix(far, near, 0.6), near), depth)
        pixels = over(pixels, tone, mask)
        # Mist gathers at the foot of every range but the nearest.
        foot = smoothstep(0.02, 0.24, y - tops[None, :]) * mask * (1 - depth**2)
        pixels = over(pixels, mix(lower, light, 0.2), 0.75 * foot)
        if depth > 0.7:
            pixels = _firs(pixels, size, tops, lighter(tone, -0.25), rng, tall=0.03 + 0.06 * depth)
    return pixels


def _firs(
    pixels: Pixels,
    size: Size,
    tops: np.ndarray[tuple[int], np.dtype[np.float32]],
    tone: Colour,
    rng: np.random.Generator,
    *,
    tall: float,
) -> Pixels:
    """Fir tops along a ridge: a saw of uneven teeth, thicker in groups."""
    width, height = size
    saw = tops.copy()
    wood = noise((width, 2), rng, width / 5, octaves=2)[0]
    x = np.arange(width)
    for place in rng.uniform(0, width, width // 5):
        rise = tall * rng.uniform(0.3, 1.0) * np.clip(wood[int(place)] + 0.4, 0, 1)
        tooth = np.clip(1 - np.abs(x - place) / (0.22 * rise * height + 1e-3), 0, 1)
        saw = np.minimum(saw, tops - rise * tooth)
    return over(pixels, tone, below(size, saw))


def _dusk(size: Size, colours: tuple[Colour, ...], rng: np.random.Generator) -> Pixels:
    _width, _height = size
    _upper, lower, far, near, light = colours
    shore = rng.uniform(0.52, 0.66)
    x, y = unit_grid(size)
    pixels = _air(size, colours, rng, shore)
    sun = rng.uniform(0.25, 0.75)
    glow = np.exp(-(((x - sun) / 0.4) ** 2) - ((y - shore) / 0.22) ** 2).astype(np.float32)
    pixels = over(pixels, light, 0.85 * glow)
    pixels = over(
        pixels,
        mix(far, lower, 0.4),
        below(size, ridge(size, rng, base=shore - 0.04, rise=0.02, cell=0.3)),
    )
    pixels = over(
        pixels,
        mix(far, near, 0.5),
        below(size, ridge(size, rng, base=shore - 0.012, rise=0.006, cell=0.1)),
    )
    for _ in range(int(rng.integers(2, 5))):  # groves as dark breaths against the light
        centre, wide, tall = rng.uniform(0, 1), rng.uniform(0.08, 0.2), rng.uniform(0.12, 0.4)
        edge = 0.2 * noise(size, rng, 20, octaves=4)
        crown = smoothstep(
            1.1, 0.75, np.hypot((x - centre) / wide, (y - shore + 0.5 * tall) / (0.5 * tall)) + edge
        )
        stem = smoothstep(0.012, 0.006, np.abs(x - centre + 0.1 * wide)) * (y > shore - tall * 0.4)
        tone = mix(near, far, rng.uniform(0, 0.35))
        pixels = over(
            pixels, tone, np.clip(crown * 0.93 + stem, 0, 1) * smoothstep(shore + 0.004, shore, y)
        )
    pixels = mirrored(pixels, shore, rng, ripple=6)
    pixels = over(pixels, mix(near, far, 0.4), 0.3 * (y > shore) + 0 * x)
    bank = below(size, ridge(size, rng, base=1.0, rise=0.07, cell=0.5, octaves=5), soft=0.008)
    return over(pixels, lighter(near, -0.25), bank)


def _nocturne(size: Size, colours: tuple[Colour, ...], rng: np.random.Generator) -> Pixels:
    width, height = size
    _upper, _lower, far, near, light = colours
    shore = rng.uniform(0.34, 0.5)
    x, y = unit_grid(size)
    pixels = _air(size, colours, rng, shore * 1.6)
    roofs = np.full(width, shore, np.float32)
    place = 0
    while place < width:  # sheds, a tower here and there
        wide = int(rng.uniform(0.02, 0.09) * width) + 1
        tall = rng.uniform(0.015, 0.06) if rng.random() < 0.85 else rng.uniform(0.1, 0.2)
        roofs[place : place + (wide if tall < 0.08 else max(3, wide // 4))] = shore - tall
        place += wide
    fog = 0.55 + 0.35 * noise(size, rng, 160, octaves=2, stretch=(2.5, 0.8))
    pixels = over(pixels, mix(far, near, 0.4), below(size, roofs) * np.clip(fog, 0.25, 0.95))
    for _ in range(int(rng.integers(9, 18))):
        lamp = (rng.uniform(0.03, 0.97), shore - rng.uniform(0.004, 0.05))
        pixels = disc_of_light(pixels, lamp, rng.uniform(0.004, 0.007), light, halo=0.55)
    pixels = mirrored(pixels, shore, rng, ripple=5)
    # A lamp's image on moving water is a long broken stroke: smear downwards.
    rows = np.arange(int(shore * height), height)
    drawn = pixels[rows].copy()
    for step in range(1, 6):
        drawn = np.maximum(
            drawn,
            0.985**step
            * np.roll(pixels[rows], 9 * step, axis=0)
            * (np.arange(len(rows)) >= 9 * step)[:, None, None],
        )
    pixels[rows] = 0.3 * pixels[rows] + 0.7 * drawn
    pixels = over(pixels, near, 0.35 * smoothstep(shore, 1.0, y) + 0 * x)
    for _ in range(int(rng.integers(1, 3))):
        pixels = _barge(
            pixels, (rng.uniform(0.15, 0.85), rng.uniform(shore + 0.12, 0.85)), lighter(near, -0.35)
        )
    return pixels


def _barge(pixels: Pixels, at: tuple[float, float], tone: Colour) -> Pixels:
    """A low hull with one mast, hardly more than a stain."""
    height, width = pixels.shape[:2]
    x, y = unit_grid((width, height))
    across, down = (x - at[0]) / (0.05 + 0.08 * at[1]), (y - at[1]) / (0.012 + 0.02 * at[1])
    hull = smoothstep(1.15, 0.8, np.abs(across) + 0.25 * down) * smoothstep(1.1, 0.8, np.abs(down))
    mast = (
        smoothstep(0.035, 0.015, np.abs(across + 0.2))
        * smoothstep(0.5, 0, down)
        * smoothstep(-9, -8, down)
    )
    return over(pixels, tone, 0.85 * np.maximum(hull, mast))
