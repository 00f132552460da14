"""Every pixel format that Pillow knows, brought to RGB of 8 bits a channel."""

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image

from embedders.colour_profiles import convert_to_srgb

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


def to_rgb(image: Image.Image, *, may_change: bool = False) -> Image.Image:
    """Return an upright RGB image without metadata; ``image`` must be loaded.

    It is a new image unless ``may_change`` allows the given one to be used up, which saves a copy
    of all pixels where there is nothing to convert. May raise anything that Pillow raises on
    damaged data.
    """
    transposition = _TRANSPOSITIONS.get(_orientation(image))
    rgb = _colours(image)
    if transposition is not None:
        rgb = rgb.transpose(transposition)
    elif rgb is image and not may_change:
        rgb = image.copy()
    # Without its EXIF block and colour profile, decoding the result again changes nothing.
    rgb.info = {}
    return rgb


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # Pillow parses EXIF with few checks; a broken block is no broken picture
        return 1


def _colours(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_eight_bits(image)).convert("RGB")
    if image.has_transparency_data:
        image = _on_white(image)
    if profile and isinstance(profile, bytes) and image.mode in ("RGB", "CMYK"):
        converted = convert_to_srgb(image, profile)
        if converted is not None:
            return converted
    return image if image.mode == "RGB" else image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("La", "RGBa"):  # premultiplied: Pillow converts these to one mode each
        image = image.convert({"La": "LA", "RGBa": "RGBA"}[image.mode])
    translucent = image.convert("RGBA")
    background = Image.new("RGB", translucent.size, "white")
    background.paste(translucent, mask=translucent.getchannel("A"))
    return background


def _eight_bits(image: Image.Image) -> npt.NDArray[np.uint8]:
    """Scale whole numbers of 16 or 32 bits, or floats, to uint8 of shape [height, width].

    ``I;16`` in either byte order is divided by 257, which takes 65,535 to 255. The wider modes do
    not say what white is, so their values tell: floats up to 1 are fractions, anything up to 255
    is taken as 8 bits, up to 65,535 as 16 bits; all else is stretched from its least value to its
    greatest. Values that are not finite become black.
    """
    pixels: npt.NDArray[Any] = np.asarray(image)
    if image.mode.startswith("I;16"):
        return _round(pixels / np.float32(257))
    values = np.nan_to_num(pixels.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > _FULL_16_BIT:
        span = high - low
        return _round((values - low) * (255 / span) if span > 0 else np.zeros_like(values))
    if image.mode == "F" and high <= 1:
        return _round(values * 255)
    return _round(values if high <= 255 else values / 257)


def _round(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    return np.asarray(np.clip(np.rint(values), 0, 255), dtype=np.uint8)
