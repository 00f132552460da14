"""Land, water and light that more than one school paints."""

import numpy as np

from ingest.sample.generated.colour import over
from ingest.sample.generated.ground import noise, profile, smoothstep, unit_grid
from ingest.sample.generated.picture import Colour, Field, Pixels, Size


def ridge(
    size: Size, rng: np.random.Generator, *, base: float, rise: float, cell: float, octaves: int = 4
) -> Field:
    """A range of hills against the sky: for each column the height (0 top, 1 bottom) of its top.

    ``base`` is the mean, ``rise`` how far the tops stray from it, ``cell`` their distance as a
    share of the width; more octaves make crags of hills. Shape (width,).
    """
    width = size[0]
    return base - rise * profile(width, rng, cell * width, octaves=octaves)


def below(size: Size, tops: Field, *, soft: float = 0.003) -> Field:
    """A mask of all that lies below the line ``tops`` of :func:`ridge`."""
    _, y = unit_grid(size)
    return smoothstep(-soft, soft, y - tops[None, :])


def mirrored(
    pixels: Pixels, waterline: float, rng: np.random.Generator, *, ripple: float
) -> Pixels:
    """Still water under ``waterline`` (0 to 1) that shows what stands above it.

    ``ripple`` is how far the image is shaken, in pixels at the lower edge.
    """
    height, width = pixels.shape[:2]
    shore = int(waterline * height)
    depth = np.arange(1, height - shore + 1)
    near = depth / depth[-1]
    source = np.clip(shore - (depth * 0.9).astype(int), 0, height - 1)
    shake = noise((width, len(depth)), rng, 5, stretch=(7, 0.8))
    rows = np.clip(source[:, None] + shake * ripple * near[:, None], 0, shore).astype(int)
    aside = noise((width, len(depth)), rng, 9, stretch=(4, 0.5)) * ripple * near[:, None]
    columns = np.clip(np.arange(width)[None, :] + aside, 0, width - 1).astype(int)
    result = pixels.copy()
    result[shore:] = pixels[rows, columns]
    return result


def disc_of_light(
    pixels: Pixels, centre: tuple[float, float], radius: float, paint: Colour, *, halo: float = 0.0
) -> Pixels:
    """A sun or moon at ``centre`` (0 to 1 each); ``radius`` is a share of the height.

    ``halo`` (0 to 1) is how strongly the air around it takes its colour.
    """
    height, width = pixels.shape[:2]
    x, y = unit_grid((width, height))
    distance = np.hypot((x - centre[0]) * width / height, y - centre[1]) / radius
    if halo:
        pixels = over(pixels, paint, (halo * np.exp(-0.35 * distance)).astype(np.float32))
    return over(pixels, paint, smoothstep(1.06, 0.94, distance.astype(np.float32)))
