"""Colours as a painter thinks of them: a palette, a mixture, a touch lighter or warmer."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from ingest.sample.generated.picture import Colour, Field, Pixels


@lru_cache(maxsize=512)
def palette(hexes: str) -> tuple[Colour, ...]:
    """The colours of ``"f2e6c9 a33b20 ..."``: six hexadecimal digits each, between blanks."""
    colours = []
    for word in hexes.split():
        colour = np.array([int(word[i : i + 2], 16) for i in (0, 2, 4)], np.float32) / 255
        colour.setflags(write=False)
        colours.append(colour)
    return tuple(colours)


def colour(hexes: str) -> Colour:
    """The one colour of six hexadecimal digits."""
    return palette(hexes)[0]


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """``first`` with the given share (0 to 1) of ``second`` in it."""
    return first + (second - first) * np.float32(share)


def lighter(tone: Colour, by: float) -> Colour:
    """The colour moved towards warm white; a negative ``by`` moves it towards warm black."""
    if by >= 0:
        return mix(tone, np.array([1.0, 0.985, 0.95], np.float32), by)
    return mix(tone, np.array([0.06, 0.045, 0.05], np.float32), -by)


def varied(tone: Colour, rng: np.random.Generator, by: float) -> Colour:
    """The same pot of paint, dipped into again: a slightly different mixture each time."""
    light = rng.normal(0, by)
    tint = rng.normal(0, by * 0.5, 3)
    return np.clip(tone + light + tint, 0, 1).astype(np.float32)


def pick(colours: Sequence[Colour], rng: np.random.Generator) -> Colour:
    """One of the colours, by chance."""
    return colours[int(rng.integers(len(colours)))]


def over(below: Pixels, paint: Colour | Pixels, mask: Field) -> Pixels:
    """``below`` with ``paint`` laid over it where ``mask`` (0 to 1) says, opaque at 1."""
    return below + (paint - below) * mask[..., None]


def glaze(below: Pixels, paint: Colour | Pixels, mask: Field) -> Pixels:
    """``below`` seen through transparent ``paint``, as a stain: it only darkens."""
    return below * (1 + (paint - 1) * mask[..., None])


def gradient(stops: Sequence[Colour], where: Field | float) -> Pixels:
    """Blend through evenly spaced ``stops``; ``where`` (any shape) runs from 0 to 1."""
    table = np.stack(stops)
    places = np.linspace(0, 1, len(stops))
    return np.stack(
        [np.interp(where, places, table[:, channel]) for channel in range(3)], axis=-1
    ).astype(np.float32)
