"""Pictures as a report holds them within itself."""

import base64
import io

from PIL import Image

PIXELS = 150
QUALITY = 78


def data_uri(picture: Image.Image, *, pixels: int = PIXELS) -> str:
    """Return a small JPEG of an RGB picture as an address that holds it.

    Args:
        pixels: the longer side, at most.
    """
    small = picture.copy()
    small.thumbnail((pixels, pixels), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
