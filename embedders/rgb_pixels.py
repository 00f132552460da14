"""Every pixel format that Pillow knows, brought to RGB of 8 bits a channel.

What needs working room (16 bits, floats, transparency, colour profiles) is converted in bands of
rows, so that a large picture needs its own pixels and those of the result, and little else.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image

from embedders.colour_profiles import convert_to_srgb
from embedders.image_files import lists_itself_many_times

_TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_FULL_16_BIT = 65_535
_BAND_PIXELS = 1 << 20


def to_rgb(image: Image.Image, *, may_change: bool = False, reduction: int = 1) -> Image.Image:
    """Return an upright RGB image without metadata; ``image`` must be loaded.

    It is a new image unless ``may_change`` allows the given one to be used up, which saves a copy
    of all pixels where there is nothing to convert. ``reduction`` is a whole factor by which the
    image is shrunk on the way, by plain averages. May raise anything that Pillow raises on
    damaged data.
    """
    transposition = _TRANSPOSITIONS.get(orientation_of(image))
    rgb = _colours(image, reduction)
    if transposition is not None:
        if may_change and rgb is not image:
            image.close()  # frees its pixels before those of the turned copy are needed
        rgb = rgb.transpose(transposition)
    elif rgb is image and not may_change:
        rgb = image.copy()
    # Without its EXIF block and colour profile, decoding the result again changes nothing.
    rgb.info = {}
    return rgb


def orientation_of(image: Image.Image) -> int:
    if lists_itself_many_times(_exif_block(image)):
        return 1
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # Pillow parses EXIF with few checks; a broken block is no broken picture
        return 1


def _exif_block(image: Image.Image) -> bytes:
    """Return the EXIF block of an image, also where PNG has it as text, to look at its form."""
    block = image.info.get("exif") or image.info.get("Raw profile type exif")
    if isinstance(block, str):
        try:
            block = bytes.fromhex("".join(block.split("\n")[3:]))
        except ValueError:
            return b""
    return block.removeprefix(b"Exif\0\0") if isinstance(block, bytes) else b""


def _colours(image: Image.Image, reduction: int) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return _in_bands(image, _eight_bits(image), reduction)
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes):
        profile = b""
    if image.has_transparency_data:
        return _in_bands(image, lambda band: _in_srgb(_on_white(band), profile), reduction)
    if profile and image.mode in ("RGB", "CMYK"):
        return _in_bands(image, lambda band: _in_srgb(band, profile), reduction)
    if reduction > 1:
        return _in_bands(image, lambda band: band.convert("RGB"), reduction)
    return image if image.mode == "RGB" else image.convert("RGB")


def _in_bands(
    image: Image.Image, converted: Callable[[Image.Image], Image.Image], reduction: int
) -> Image.Image:
    """Convert an image band by band; ``converted`` must treat each pixel by itself."""
    width, height = (-(-side // reduction) for side in image.size)
    rgb = Image.new("RGB", (width, height))
    for top, band in _bands(image, reduction):
        part = converted(band)
        rgb.paste(part if reduction == 1 else part.reduce(reduction), (0, top // reduction))
    return rgb


def _bands(image: Image.Image, multiple: int = 1) -> Iterator[tuple[int, Image.Image]]:
    """Cut an image into bands of rows, as many as are a multiple but in the last."""
    width, height = image.size
    rows = max(1, _BAND_PIXELS // width // multiple) * multiple
    for top in range(0, height, rows):
        yield top, image.crop((0, top, width, min(top + rows, height)))


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    if profile and image.mode in ("RGB", "CMYK"):
        converted = convert_to_srgb(image, profile)
        if converted is not None:
            return converted
    return image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("La", "RGBa"):  # premultiplied: Pillow converts these to one mode each
        image = image.convert({"La": "LA", "RGBa": "RGBA"}[image.mode])
    translucent = image.convert("RGBA")
    background = Image.new("RGB", translucent.size, "white")
    background.paste(translucent, mask=translucent.getchannel("A"))
    return background


def _eight_bits(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """Return how bands of whole numbers of 16 or 32 bits, or of floats, become grey of 8 bits.

    ``I;16`` in either byte order is divided by 257, which takes 65,535 to 255. The wider modes do
    not say what white is, so the values of the whole image tell: floats up to 1 are fractions,
    anything up to 255 is taken as 8 bits, up to 65,535 as 16 bits; all else is stretched from its
    least value to its greatest. Values that are not finite become black.
    """
    if image.mode.startswith("I;16"):
        return lambda band: _grey(np.asarray(band) / np.float32(257))
    extremes = [
        (values.min(), values.max()) for values in (_finite(band) for _, band in _bands(image))
    ]
    low = float(min(least for least, _ in extremes))
    high = float(max(greatest for _, greatest in extremes))
    if low < 0 or high > _FULL_16_BIT:
        span = high - low
        # No span at all: every value is the least one, and black.
        return lambda band: _grey((_finite(band) - low) * (255 / span if span > 0 else 0.0))
    if image.mode == "F" and high <= 1:
        return lambda band: _grey(_finite(band) * 255)
    return lambda band: _grey(_finite(band) if high <= 255 else _finite(band) / 257)


def _finite(image: Image.Image) -> npt.NDArray[np.float64]:
    return np.nan_to_num(np.asarray(image).astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)


def _grey(values: npt.NDArray[Any]) -> Image.Image:
    return Image.fromarray(np.asarray(np.clip(np.rint(values), 0, 255), dtype=np.uint8))
