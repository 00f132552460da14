"""What a painter of the generated sample is asked for, and what comes back."""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.floating[Any]]
"""A picture: floats of shape (height, width, 3), sRGB values from 0 to 1."""

Field = NDArray[np.floating[Any]]
"""One number a pixel: floats of shape (height, width). A mask, a height of paint, a noise."""

Colour = NDArray[np.floating[Any]]
"""One colour: floats of shape (3,), sRGB values from 0 to 1."""

Points = NDArray[np.floating[Any]]
"""Places on the picture: floats of shape (n, 2), x to the right and y downwards, in pixels."""

Size = tuple[int, int]
"""Width and height in pixels, in Pillow's order."""


@dataclass(frozen=True)
class Picture:
    """A finished painting with what its label says of it."""

    pixels: Pixels
    title: str
    genre: str


class Hand(Protocol):
    """How one painter paints. Every school has its own kind of hand, every painter one of them."""

    style: ClassVar[str]

    def paint(self, size: Size, number: int, rng: np.random.Generator) -> Picture:
        """Paint this hand's work ``number`` (0, 1, 2, ...) at ``size``.

        The number walks through the painter's subjects and palettes, so that a painter's works
        differ by more than chance; everything else is drawn from ``rng``.
        """
        ...
