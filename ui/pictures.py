"""Pictures made small, and written into an address that holds the picture itself."""

import base64
import io

from PIL import Image

QUALITY = 80


def shrunk(picture: Image.Image, pixels: int) -> Image.Image:
    """Return a copy of a picture whose longer side has at most this many pixels."""
    small = picture.copy()
    small.thumbnail((pixels, pixels), Image.Resampling.BICUBIC)
    return small


def data_uri(picture: Image.Image) -> str:
    """Return an RGB picture, as a JPEG, as an address that holds it."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
