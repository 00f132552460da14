"""What lies under and over the paint: noise, canvas, paper, raking light, varnish, cracks."""

from math import ceil

import numpy as np
from PIL import Image

from ingest.sample.generated.colour import colour
from ingest.sample.generated.picture import Field, Pixels, Size


def unit_grid(size: Size) -> tuple[Field, Field]:
    """x of shape (1, width) and y of shape (height, 1), both from 0 to 1, ready to broadcast."""
    width, height = size
    x = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    return x, y


def smoothstep(low: float, high: float, value: Field) -> Field:
    """0 below ``low``, 1 above ``high``, an S-curve between; ``high`` may be the smaller one."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def noise(
    size: Size,
    rng: np.random.Generator,
    cell: float,
    *,
    octaves: int = 1,
    stretch: tuple[float, float] = (1, 1),
) -> Field:
    """Smooth noise with mean about 0 and deviation about 0.6: random knots, bicubic between.

    ``cell`` is the distance of the knots in pixels, ``stretch`` lengthens it along x and y; each
    further octave halves both the distance and the weight.
    """
    width, height = size
    total = np.zeros((height, width), np.float32)
    weight, power = 1.0, 0.0
    for _ in range(octaves):
        columns = max(2, ceil(width / (cell * stretch[0])) + 1)
        rows = max(2, ceil(height / (cell * stretch[1])) + 1)
        knots = rng.standard_normal((rows, columns), np.float32)
        layer = Image.fromarray(knots).resize((width, height), Image.Resampling.BICUBIC)
        total += weight * np.asarray(layer)
        power += weight**2
        weight, cell = weight / 2, cell / 2
    return np.asarray(total / np.sqrt(power), np.float32)


def profile(length: int, rng: np.random.Generator, cell: float, *, octaves: int = 1) -> Field:
    """Smooth noise along one line: float32 of shape (length,). For ridges, edges and hems."""
    line: Field = noise((length, 2), rng, cell, octaves=octaves)[0]
    return line


def canvas_weave(size: Size, rng: np.random.Generator, *, thread: float = 3.0) -> Field:
    """The height of woven linen, about -1 to 1; ``thread`` is the distance of threads in pixels."""
    width, height = size
    x = np.arange(width, dtype=np.float32)[None, :]
    y = np.arange(height, dtype=np.float32)[:, None]
    # Hand-spun threads are neither straight nor even: bend the grid, then let it come and go.
    across = np.sin(2 * np.pi * x / thread + 1.6 * noise(size, rng, 60, stretch=(0.4, 2)))
    along = np.sin(2 * np.pi * y / thread + 1.6 * noise(size, rng, 60, stretch=(2, 0.4)))
    slubs = noise(size, rng, 5, stretch=(6, 0.5)) + noise(size, rng, 5, stretch=(0.5, 6))
    woven = across * along * (0.8 + 0.3 * noise(size, rng, 40))
    return np.asarray(woven + 0.35 * slubs, np.float32)


def paper_grain(size: Size, rng: np.random.Generator) -> Field:
    """The height of laid paper: fine tooth, and long soft fibres."""
    fibres = noise(size, rng, 2, stretch=(7, 1)) + noise(size, rng, 2, stretch=(1.5, 4))
    tooth = rng.standard_normal(fibres.shape, np.float32)
    return np.asarray(0.5 * tooth + 0.6 * fibres, np.float32)


def raking_light(pixels: Pixels, height: Field, strength: float) -> Pixels:
    """Light from the upper left over ``height``: ridges bright on one side, dark on the other."""
    slope = np.zeros_like(height)
    slope[:-1, :-1] = 2 * height[1:, 1:] - height[:-1, 1:] - height[1:, :-1]
    slope[1:, 1:] += 2 * height[1:, 1:] - height[:-1, 1:] - height[1:, :-1]
    lit: Pixels = pixels * (1 + np.clip(strength * slope, -0.35, 0.45))[..., None]
    return lit


def on_canvas(
    pixels: Pixels, rng: np.random.Generator, *, strength: float = 0.02, thread: float = 3.0
) -> Pixels:
    """The picture with the weave of its canvas showing through."""
    height, width = pixels.shape[:2]
    return raking_light(pixels, canvas_weave((width, height), rng, thread=thread), strength)


def on_paper(pixels: Pixels, rng: np.random.Generator, *, strength: float = 0.012) -> Pixels:
    """The picture with the tooth of its paper showing through, a little foxed."""
    height, width = pixels.shape[:2]
    grain = paper_grain((width, height), rng)
    age = noise((width, height), rng, 160, octaves=3)
    return pixels * (1 + strength * grain + 0.015 * age)[..., None]


def varnished(pixels: Pixels, tone: str = "fff3d6", *, amount: float = 1.0) -> Pixels:
    """The picture under a tinted varnish (six hexadecimal digits)."""
    return pixels * (1 + (colour(tone) - 1) * np.float32(amount))


def vignetted(pixels: Pixels, amount: float) -> Pixels:
    """The picture with corners darker by about ``amount`` (0 to 1), as old paintings hang."""
    height, width = pixels.shape[:2]
    x, y = unit_grid((width, height))
    distance = (2 * x - 1) ** 2 + (2 * y - 1) ** 2
    return pixels * (1 - amount * smoothstep(0.5, 2.1, distance))[..., None]


def craquelure(size: Size, rng: np.random.Generator, *, cell: float = 22) -> Field:
    """A mask (0 to 1) of fine cracks about ``cell`` pixels apart, as old gesso has.

    Cracks part the ground into islands: they run where the two nearest of many scattered points
    are equally far.
    """
    width, height = size
    rows, columns = ceil(height / cell) + 2, ceil(width / cell) + 2
    points = np.indices((rows, columns)).transpose(1, 2, 0) + rng.random((rows, columns, 2))
    bend = 0.16 * np.stack([noise(size, rng, cell, octaves=2) for _ in "yx"], axis=-1)
    here = np.indices((height, width)).transpose(1, 2, 0) / cell + 1 + bend
    square = np.clip(here.astype(int), 1, (rows - 2, columns - 2))
    first = np.full((height, width), np.inf)
    second = first.copy()
    for down in (-1, 0, 1):
        for aside in (-1, 0, 1):
            near = points[square[..., 0] + down, square[..., 1] + aside] - here
            distance = np.hypot(near[..., 0], near[..., 1])
            second = np.minimum(second, np.maximum(first, distance))
            first = np.minimum(first, distance)
    lines = smoothstep(1.3, 0.4, (second - first) * cell)
    return lines * smoothstep(-0.5, 0.7, noise(size, rng, cell * 5, octaves=2))
