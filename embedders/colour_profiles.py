"""Embedded ICC colour profiles, converted to sRGB where they can be."""

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageCms

# Several times the largest that printers use. The few that are kept must not fill the memory.
_MOST_BYTES = 8 * 2**20
_COLOUR_SPACES = {"RGB": "RGB ", "CMYK": "CMYK"}


def convert_to_srgb(image: Image.Image, profile: bytes) -> Image.Image | None:
    """Return the RGB or CMYK image in sRGB, or None where its profile has nothing to say.

    That is a profile which is sRGB already, is for another kind of pixels, is broken or is
    enormous: a bad profile never makes a picture unreadable.
    """
    if len(profile) > _MOST_BYTES:
        return None
    transform = _transform(profile, image.mode)
    if transform is None:
        return None
    try:
        return ImageCms.applyTransform(image, transform)
    except (ImageCms.PyCMSError, ValueError):
        return None


@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """A collection uses a handful of profiles; building a transform costs more than using it."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if source.profile.xcolor_space != _COLOUR_SPACES[mode]:
            return None
        if (source.profile.profile_description or "").startswith("sRGB"):
            return None
        target = ImageCms.createProfile("sRGB")
        return ImageCms.buildTransform(source, target, mode, "RGB")
    except Exception:  # little of the binary format is checked before it is used
        return None
