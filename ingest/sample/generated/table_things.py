"""Things that stand on a table: turned vessels, fruit and flowers, modelled by the light."""

import numpy as np

from ingest.sample.generated.colour import gradient, lighter, mix, over
from ingest.sample.generated.ground import smoothstep
from ingest.sample.generated.picture import Colour, Field, Pixels

# Half the width of a vessel at even steps from its mouth to its foot, as shares of its height.
VESSELS = (
    (0.055, 0.055, 0.06, 0.07, 0.17, 0.21, 0.21, 0.21, 0.2),  # bottle
    (0.05, 0.045, 0.045, 0.05, 0.07, 0.16, 0.2, 0.17, 0.11),  # long-necked vase
    (0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2),  # tin
    (0.16, 0.13, 0.14, 0.22, 0.28, 0.3, 0.28, 0.22, 0.16),  # jug
    (1.15, 1.14, 1.1, 1.02, 0.9, 0.74, 0.55, 0.4, 0.42),  # bowl
)
Scene = tuple[Pixels, Field]  # what is seen, and where each stroke of it runs (radians)


def turned_vessel(
    scene: Scene,
    widths: tuple[float, ...],
    at: tuple[float, float, float],
    tone: Colour,
    colours: tuple[Colour, ...],
    *,
    open_mouth: bool = True,
) -> Scene:
    """A turned vessel, lit from the left; ``at`` is its middle x, foot y and height in pixels."""
    pixels, direction = scene
    middle, foot, tall = at
    height, width = pixels.shape[:2]
    x = np.arange(width, dtype=np.float32)[None, :]
    y = np.arange(height, dtype=np.float32)[:, None]
    down = 1 - (foot - y) / tall
    half = np.interp(down, np.linspace(0, 1, len(widths)), widths).astype(np.float32) * tall
    across = (x - middle) / np.maximum(half, 1)
    sag = 0.12 * half * np.sqrt(np.clip(1 - across**2, 0, 1))  # the foot is round, seen from above
    mask = (
        smoothstep(1.03, 0.97, np.abs(across))
        * smoothstep(-1, 1, y - foot + tall)
        * smoothstep(1.5, -0.5, y - foot - sag)
    )
    cast = smoothstep(
        1.0,
        0.2,
        np.hypot(
            (x - middle - 0.55 * widths[-1] * tall * 2) / (0.75 * tall * max(widths) * 2),
            (y - foot - 2) / (0.07 * tall),
        ),
    )
    pixels = over(pixels, mix(colours[2], tone, 0.15), 0.55 * cast)
    turn = np.clip(0.5 + 0.62 * across, 0, 1)
    body = gradient(
        (
            tone,
            lighter(tone, 0.35),
            lighter(tone, 0.12),
            tone,
            mix(tone, colours[2], 0.55),
            mix(tone, colours[2], 0.75),
            mix(tone, colours[2], 0.5),
        ),
        turn,
    )
    pixels = over(pixels, body, mask)
    if not open_mouth:
        return pixels, np.where(mask > 0.5, np.pi / 2, direction).astype(np.float32)
    mouth = np.hypot(
        (x - middle) / (widths[0] * tall), (y - foot + tall) / (widths[0] * tall * 0.22)
    )
    pixels = over(pixels, mix(tone, colours[3], 0.35), smoothstep(1.08, 0.98, mouth))
    pixels = over(pixels, mix(tone, colours[2], 0.8), smoothstep(0.86, 0.76, mouth))
    return pixels, np.where(mask > 0.5, np.pi / 2, direction).astype(np.float32)


def ball(
    scene: Scene,
    at: tuple[float, float, float],
    tone: Colour,
    colours: tuple[Colour, ...],
    blush: Colour,
) -> Scene:
    """A round fruit at (x, y) with a radius, all in pixels; strokes run around it."""
    everything, everywhere = scene
    middle, level, radius = at
    window = _around(everywhere, at, 2.5)
    pixels, direction = everything[window], everywhere[window]
    x = (np.arange(window[1].start, window[1].stop, dtype=np.float32)[None, :] - middle) / radius
    y = (np.arange(window[0].start, window[0].stop, dtype=np.float32)[:, None] - level) / radius
    distance = np.hypot(x, y * 1.06)
    cast = smoothstep(1.25, 0.3, np.hypot((x - 0.7) / 1.3, (y - 0.95) / 0.3))
    pixels = over(pixels, lighter(colours[2], -0.3), 0.6 * cast)
    light = np.clip(0.62 - 0.4 * x - 0.42 * y - 0.25 * distance**4, 0, 1)
    skin = gradient(
        (
            mix(colours[2], tone, 0.25),
            mix(tone, blush, 0.4),
            tone,
            lighter(tone, 0.22),
            lighter(tone, 0.55),
        ),
        light,
    )
    mask = smoothstep(1.03, 0.97, distance)
    pixels = over(pixels, skin, mask)
    gleam = np.exp(-(((x + 0.38) / 0.16) ** 2) - ((y + 0.42) / 0.13) ** 2).astype(np.float32)
    pixels = over(pixels, colours[3], 0.6 * gleam * mask)
    pixels = over(
        pixels, lighter(tone, -0.5), smoothstep(0.09, 0.05, np.hypot(x - 0.1, y + 0.72)) * mask
    )
    everything[window] = pixels
    everywhere[window] = np.where(mask > 0.5, np.arctan2(y, x) + np.pi / 2, direction)
    return everything, everywhere


def flower(
    scene: Scene, at: tuple[float, float, float], tone: Colour, rng: np.random.Generator
) -> Scene:
    everything, everywhere = scene
    middle, level, radius = at
    window = _around(everywhere, at, 1.4)
    pixels, direction = everything[window], everywhere[window]
    flat = radius * rng.uniform(0.8, 1.0)
    x = (np.arange(window[1].start, window[1].stop, dtype=np.float32)[None, :] - middle) / radius
    y = (np.arange(window[0].start, window[0].stop, dtype=np.float32)[:, None] - level) / flat
    distance, turn = np.hypot(x, y), np.arctan2(y, x)
    count = int(rng.integers(5, 9))
    rim = 1 - 0.16 * np.abs(np.sin(turn * count / 2 + rng.uniform(0, 6)))
    mask = smoothstep(1.04, 0.94, distance / rim)
    folds = 0.5 + 0.5 * np.sin(9 * distance + 2.0 * np.sin(turn * count / 2))
    light = np.clip(0.42 + 0.25 * folds - 0.28 * x * 0.6 - 0.34 * y * 0.7, 0, 1)
    head = gradient((lighter(tone, -0.45), tone, lighter(tone, 0.3), lighter(tone, 0.62)), light)
    pixels = over(pixels, head, mask)
    pixels = over(pixels, lighter(tone, -0.55), smoothstep(0.26, 0.14, distance) * 0.7)
    everything[window] = pixels
    everywhere[window] = np.where(mask > 0.5, turn + np.pi / 2, direction)
    return everything, everywhere


def _around(field: Field, at: tuple[float, float, float], reach: float) -> tuple[slice, slice]:
    """The rows and columns within ``reach`` radii of (x, y, radius): small things stay cheap."""
    x, y, radius = at
    rows, columns = field.shape
    top, left = max(0, int(y - reach * radius)), max(0, int(x - reach * radius))
    bottom, right = int(y + reach * radius) + 1, int(x + reach * radius) + 1
    return slice(top, max(top, min(rows, bottom))), slice(left, max(left, min(columns, right)))
