"""Other views of a painting that keep its style: parts of it, mirrored, in slightly other light.

Colours are a painter's own, so brightness, contrast and saturation change no more than they do
between two reproductions of one work.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

SMALLEST_PART = 0.4
"""Of the picture's area."""

LONGEST_RATIO = 4 / 3
LIGHT = 0.15


def view_of(pixels: NDArray[np.uint8], size: int, rng: np.random.Generator) -> Tensor:
    """Return a random part of a picture, uint8 [h, w, 3], as float32 [3, size, size] up to 255."""
    height, width = pixels.shape[:2]
    area = rng.uniform(SMALLEST_PART, 1) * height * width
    ratio = np.exp(rng.uniform(-np.log(LONGEST_RATIO), np.log(LONGEST_RATIO)))
    wide = min(width, round(float(np.sqrt(area * ratio))))
    high = min(height, round(float(np.sqrt(area / ratio))))
    left, top = rng.integers(0, width - wide + 1), rng.integers(0, height - high + 1)
    part = pixels[top : top + high, left : left + wide]
    if rng.random() < 0.5:
        part = part[:, ::-1]
    square = functional.interpolate(
        torch.from_numpy(part.copy()).permute(2, 0, 1)[None].float(),
        (size, size),
        mode="bicubic",
        antialias=True,
    )[0]
    brightness, contrast, saturation = rng.uniform(1 - LIGHT, 1 + LIGHT, 3)
    square = square * brightness
    square = torch.lerp(square.mean(), square, contrast)
    square = torch.lerp(square.mean(dim=0, keepdim=True), square, saturation)
    return square.clamp_(0, 255)
