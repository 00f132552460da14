"""Pictures to embed, and the real models, loaded once for all tests of this room."""

from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from embedders import BUILT_IN, Embedder, WeightsUnavailable, load_embedder
from settings import Settings


@pytest.fixture(scope="session")
def picture() -> Image.Image:
    """A picture that is the same on every machine: no random numbers, no drawing routines."""
    y, x = np.mgrid[0:300, 0:400]
    planes = (x * 255 // 399, y * 255 // 299, (x * y // 97 + 40 * (x // 50) + 20 * (y // 30)) % 256)
    return Image.fromarray(np.stack(planes, axis=2).astype(np.uint8))


@pytest.fixture(scope="session")
def pictures(picture: Image.Image) -> list[Image.Image]:
    """Seven different pictures of different shapes."""
    boxes = [(0, 0, 400, 300), (0, 0, 200, 300), (100, 50, 400, 100), (7, 9, 60, 200)]
    crops = [picture.crop(box) for box in boxes]
    return crops + [crop.transpose(Image.Transpose.ROTATE_90) for crop in crops[:3]]


@pytest.fixture(scope="session")
def encode() -> Callable[..., bytes]:
    """Encode a picture: encode(picture, "PNG", **options)."""

    def encode(image: Image.Image, file_format: str, **options: object) -> bytes:
        buffer = BytesIO()
        image.save(buffer, file_format, **options)
        return buffer.getvalue()

    return encode


@pytest.fixture(scope="session")
def weights_dir() -> Path:
    """Where the product keeps its weights, so that they are fetched once and not by every run."""
    return Settings().weights_dir


@pytest.fixture(scope="session")
def load(weights_dir: Path) -> Callable[[str], Embedder]:
    """Load a real model; a test is skipped only where its weights cannot be had at all."""

    @cache
    def loaded(name: str) -> Embedder | WeightsUnavailable:
        try:
            return load_embedder(BUILT_IN.describe(name), weights_dir)
        except WeightsUnavailable as unavailable:
            return unavailable

    def load(name: str) -> Embedder:
        result = loaded(name)
        if isinstance(result, WeightsUnavailable):
            pytest.skip(str(result))
        return result

    return load


@pytest.fixture(scope="session")
def clock() -> Image.Image:
    """A drawing of a clock that shows ten minutes to two."""
    image = Image.new("RGB", (224, 224), (120, 80, 50))
    draw = ImageDraw.Draw(image)
    draw.ellipse((12, 12, 212, 212), fill=(245, 240, 225), outline=(20, 20, 20), width=7)
    for minute in range(60):
        right, up = np.sin(np.pi * minute / 30), np.cos(np.pi * minute / 30)
        inner, width = (80, 4) if minute % 5 == 0 else (87, 1)
        ends = [(112 + r * right, 112 - r * up) for r in (inner, 92)]
        draw.line(ends, fill="black", width=width)
    draw.line((112, 112, 70, 75), fill="black", width=6)
    draw.line((112, 112, 165, 60), fill="black", width=4)
    return image
