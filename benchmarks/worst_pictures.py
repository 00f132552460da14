"""The pictures that take the most memory among those that the page takes from a visitor."""

from collections.abc import Callable
from io import BytesIO

from PIL import Image

from embedders import ImageLimits, UnreadableImage
from embedders.decode_plan import plan_decoding

LARGEST_SIDE = 15_000
STEP = 0.93


def _saved(mode: str, kind: str, **options: object) -> Callable[[int], bytes]:
    def save(side: int) -> bytes:
        buffer = BytesIO()
        Image.new(mode, (side, side)).save(buffer, kind, **options)
        return buffer.getvalue()

    return save


KINDS: dict[str, Callable[[int], bytes]] = {
    "transparent PNG": _saved("RGBA", "PNG", compress_level=1),
    "progressive JPEG": _saved("RGB", "JPEG", progressive=True),
    "TIFF of 16 bits": _saved("I;16", "TIFF", compression="tiff_lzw"),
    "JPEG for print": _saved("CMYK", "JPEG"),
}


def worst_picture(kind: str, limits: ImageLimits) -> bytes:
    """Return the largest picture of a kind that is within limits for visitors."""
    side = LARGEST_SIDE
    while True:
        data = KINDS[kind](side)
        try:
            with Image.open(BytesIO(data)) as image:
                plan_decoding(image, data, limits)
        except (UnreadableImage, Image.DecompressionBombError):
            side = round(side * STEP)
        else:
            return data
