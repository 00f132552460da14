"""Art Deco: rays, steps and bands of metal light, a travel poster from nowhere."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from ingest.sample.generated.colour import gradient, lighter, mix, over, palette
from ingest.sample.generated.ground import noise, on_paper, smoothstep, unit_grid
from ingest.sample.generated.ocean_liner import draw_liner
from ingest.sample.generated.picture import Colour, Picture, Pixels, Size
from ingest.sample.generated.rota import placed, turn
from ingest.sample.generated.sheet import Sheet, curve

_TITLES = {
    "city": ("{} at Dawn", "Towers of {}", "Express to {}", "{}, Forty Storeys Up", "Electric {}"),
    "liner": (
        "Sail to {}",
        "The {} Line",
        "Evening Departure, {}",
        "Twelve Days to {}",
        "{} by Sea",
    ),
    "valley": (
        "Summer in {}",
        "{}: Take the Waters",
        "The Pass at {}",
        "Gliders over {}",
        "Winter Sun, {}",
    ),
}
_GENRES = {"city": "cityscape", "liner": "marina", "valley": "landscape"}


@dataclass(frozen=True, kw_only=True)
class ArtDeco:
    """A sunburst behind towers, ships or hills, within a stepped border."""

    style: ClassVar[str] = "Art Deco"

    manner: Literal["city", "liner", "valley"]
    # Sky above, sky below, light, shape dark, shape middle, shape light, metal.
    palettes: tuple[str, ...]
    places: tuple[str, ...]
    rays: int = 26
    border: float = 0.035

    def paint(self, size: Size, number: int, rng: np.random.Generator) -> Picture:
        """A work of this hand; see :class:`~ingest.sample.generated.picture.Hand`."""
        colours = palette(turn(self.palettes, number))
        horizon = rng.uniform(0.6, 0.74)
        hub = (rng.choice([0.5, 0.5, 0.25, 0.75]), horizon - rng.uniform(0.0, 0.16))
        sheet = Sheet.over(
            _sunburst(size, colours, hub, self.rays + 2 * int(rng.integers(-3, 4)), rng)
        )
        draw = {"city": _city, "liner": _liner, "valley": _valley}[self.manner]
        draw(sheet, colours, (hub[0], horizon), rng)
        _border(sheet, colours, self.border * min(size))
        pixels = sheet.pixels() * (1 + 0.022 * noise(size, rng, 2))[..., None]
        pixels = on_paper(pixels, rng, strength=0.014)
        title = placed(_TITLES[self.manner], self.places, number)
        return Picture(pixels, title, _GENRES[self.manner])


def _sunburst(
    size: Size,
    colours: tuple[Colour, ...],
    hub: tuple[float, float],
    rays: int,
    rng: np.random.Generator,
) -> Pixels:
    """Airbrushed rays: each is bright at one edge and fades to the other."""
    width, height = size
    x, y = unit_grid(size)
    across, down = (x - hub[0]) * width / height, y - hub[1]
    distance = np.hypot(across, down)
    turn = (np.arctan2(down, across) / (2 * np.pi) + rng.random()) * rays % 1
    base = gradient((colours[2], colours[1], colours[0]), np.clip(distance / 0.95, 0, 1))
    saw = smoothstep(0, 0.02, turn.astype(np.float32)) * (1 - turn)
    pixels = over(
        base,
        lighter(mix(colours[2], colours[1], 0.3), 0.2),
        (0.55 * saw * np.exp(-0.6 * distance)).astype(np.float32),
    )
    for ring in np.sort(rng.uniform(0.1, 0.5, 3)):  # airbrushed haloes
        edge = smoothstep(ring, ring - 0.004, distance) * smoothstep(ring - 0.16, ring, distance)
        pixels = over(pixels, lighter(colours[2], 0.3), 0.35 * edge)
    radius = rng.uniform(0.07, 0.12)
    return over(pixels, lighter(colours[2], 0.45), smoothstep(radius, radius - 0.004, distance))


def _shaded_block(
    sheet: Sheet, box: tuple[float, float, float, float], tones: tuple[Colour, Colour]
) -> None:
    """An upright block with a bright and a dark side."""
    left, top, right, bottom = box
    middle = left + 0.62 * (right - left)
    sheet.rectangle(left, top, right, bottom, tones[0])
    sheet.rectangle(middle, top, right, bottom, tones[1])


# A stage is where the sun stands (x) and where the ground begins (y), 0 to 1 each.


def _city(
    sheet: Sheet,
    colours: tuple[Colour, ...],
    stage: tuple[float, float],
    rng: np.random.Generator,
) -> None:
    """Three depths of stepped towers, the nearest dark with lit windows."""
    width, height = sheet.size
    for depth in range(3):
        tone = (mix(colours[5], colours[1], 0.45), colours[4], colours[3])[depth]
        x = -0.04 * width
        while x < 1.02 * width:
            wide = width * rng.uniform(0.07, 0.15) * (0.8 + 0.3 * depth)
            away = abs((x + wide / 2) / width - stage[0])
            tall = (
                height
                * rng.uniform(0.25, 0.62)
                * (1.1 - 0.28 * depth)
                * (0.55 + 0.8 * min(away, 0.5))
            )
            _tower(sheet, (x, x + wide), tall, colours, rng, tone=tone, lit=depth == 2)
            x += wide * rng.uniform(0.85, 1.3)


def _tower(
    sheet: Sheet,
    sides: tuple[float, float],
    tall: float,
    colours: tuple[Colour, ...],
    rng: np.random.Generator,
    *,
    tone: Colour,
    lit: bool,
) -> None:
    left, right = sides
    foot = sheet.size[1]
    wide = right - left
    tones = (lighter(tone, 0.14), lighter(tone, -0.22))
    levels = int(rng.integers(2, 5))
    top = foot - tall
    for level in range(levels):
        inset = 0.5 * wide * level / (levels + 0.6)
        reach = tall * (0.7 + 0.3 * level / max(1, levels - 1))
        _shaded_block(sheet, (left + inset, foot - reach, right - inset, foot), tones)
        top = foot - reach
    middle = (left + right) / 2
    if rng.random() < 0.6:
        spire = tall * rng.uniform(0.12, 0.3)
        sheet.polygon(
            [(middle - 0.04 * wide, top), (middle + 0.04 * wide, top), (middle, top - spire)],
            colours[6],
        )
    for rib in np.linspace(left + 0.12 * wide, right - 0.12 * wide, 5):
        sheet.line([(rib, foot - 0.68 * tall), (rib, foot)], 0.8, lighter(tone, 0.28))
    if lit:
        for x in np.arange(left + 0.1 * wide, right - 0.12 * wide, 6.0):
            for y in np.arange(foot - 0.66 * tall, foot, 9.0):
                if rng.random() < 0.3:
                    sheet.rectangle(x, y, x + 2.6, y + 4.6, mix(colours[2], colours[6], 0.3))


def _liner(
    sheet: Sheet,
    colours: tuple[Colour, ...],
    stage: tuple[float, float],
    rng: np.random.Generator,
) -> None:
    """A great bow and its smaller sisters over a sea of bands."""
    width, height = sheet.size
    level = stage[1] * height
    bands = 9
    for band in range(bands):
        top = level + (height - level) * (band / bands) ** 1.4
        tone = gradient(
            (mix(colours[5], colours[2], 0.35), colours[5], colours[4], colours[3]),
            band / (bands - 1),
        )
        wave = np.linspace(0, width, 60)
        lift = 0.006 * height * (1 + band) * 0.5
        crest = top - lift * np.abs(np.sin(wave / width * np.pi * (9 - 0.6 * band) + band * 1.3))
        edge = np.stack([wave, crest if band else np.full(60, top)], axis=1)
        sheet.polygon(np.concatenate([edge, [[width, height], [0, height]]]), tone)
        side = int(rng.choice([-1, 1]))
        if band == 3:
            tall = min(width, height) * rng.uniform(0.5, 0.58)
            draw_liner(sheet, colours, (0.5 * width, top + 0.05 * height), tall, side=side)
        elif band == 1 and rng.random() < 0.7:
            far = (rng.choice([0.14, 0.86]) * width, top + 0.01 * height)
            draw_liner(sheet, colours, far, height * 0.09, side=side)


def _valley(
    sheet: Sheet,
    colours: tuple[Colour, ...],
    stage: tuple[float, float],
    rng: np.random.Generator,
) -> None:
    """Faceted peaks, rolling hills cut by a road, and trees like drops."""
    width, height = sheet.size
    horizon = stage[1]
    for _ in range(int(rng.integers(4, 7))):
        x, tall = rng.uniform(0, 1) * width, rng.uniform(0.16, 0.42) * height
        foot, half = (horizon + 0.04) * height, tall * rng.uniform(0.55, 0.85)
        ridge = [
            (x, foot - tall),
            (x + 0.12 * half, foot - 0.6 * tall),
            (x - 0.06 * half, foot - 0.35 * tall),
            (x + 0.1 * half, foot),
        ]
        sheet.polygon([(x - half, foot), *ridge], lighter(mix(colours[5], colours[1], 0.3), 0.15))
        sheet.polygon([*ridge, (x + half, foot)], mix(colours[4], colours[0], 0.35))
        snow = 0.26
        sheet.polygon(
            [
                (x - half * snow, foot - tall * (1 - snow)),
                (x, foot - tall),
                (x + 0.06 * half, foot - 0.79 * tall),
                (x - 0.02 * half, foot - 0.68 * tall),
            ],
            lighter(colours[2], 0.7),
        )
        sheet.polygon(
            [
                (x, foot - tall),
                (x + half * snow, foot - tall * (1 - snow)),
                (x + 0.05 * half, foot - 0.7 * tall),
                (x + 0.06 * half, foot - 0.79 * tall),
            ],
            mix(lighter(colours[2], 0.5), colours[0], 0.35),
        )
    wave = np.linspace(-0.02, 1.02, 70)
    for band in range(6):
        level = horizon + (1 - horizon) * band / 5.4
        roll = 0.045 * np.sin(wave * rng.uniform(3, 7) + rng.uniform(0, 6)) + 0.012
        edge = np.stack([wave, level - roll], axis=1) * [width, height]
        tone = gradient(
            (mix(colours[5], colours[2], 0.25), colours[5], colours[4], colours[3]),
            band / 5,
        )
        sheet.polygon(
            np.concatenate([edge, [[width * 1.02, height * 1.1], [-9, height * 1.1]]]), tone
        )
        sheet.line(edge, 2.2, mix(lighter(tone, 0.25), colours[6], 0.4))
        for place in rng.choice(np.arange(4, 66), int(rng.integers(1, 6)), replace=False):
            tall = height * (0.03 + 0.022 * band) * rng.uniform(0.8, 1.3)
            x, y = edge[place]
            drop = curve(
                [(0, -1), (-0.2, -0.45), (-0.13, -0.06), (0, 0), (0.13, -0.06), (0.2, -0.45)],
                closed=True,
                steps=5,
            )
            sheet.polygon(drop * tall + [x, y], lighter(colours[3], -0.1))
            lit = curve(
                [(0, -1), (-0.2, -0.45), (-0.13, -0.06), (-0.03, -0.02), (-0.05, -0.5)],
                closed=True,
                steps=5,
            )
            sheet.polygon(lit * tall + [x, y], mix(colours[4], colours[6], 0.35))


def _border(sheet: Sheet, colours: tuple[Colour, ...], wide: float) -> None:
    """A dark frame with a metal line and stepped corners."""
    width, height = sheet.size
    dark, metal = lighter(colours[3], -0.3), colours[6]
    for left, top, right, bottom in (
        (0, 0, width, wide),
        (0, height - wide, width, height),
        (0, 0, wide, height),
        (width - wide, 0, width, height),
    ):
        sheet.rectangle(left, top, right, bottom, dark)
    for step in (2.6, 1.8):
        for x in (0, width - step * wide):
            for y in (0, height - step * wide):
                sheet.rectangle(x, y, x + step * wide, y + step * wide, dark if step < 2 else metal)
    inset = 0.62 * wide
    loop = [
        (inset, inset),
        (width - inset, inset),
        (width - inset, height - inset),
        (inset, height - inset),
        (inset, inset),
    ]
    sheet.line(loop, max(1.2, 0.1 * wide), metal)
