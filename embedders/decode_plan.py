"""How much memory decoding a picture takes, and how far to shrink one that would take too much.

All is told by the header, before a pixel is decoded. The factors were measured: the peak of a
fresh process that decodes twenty megapixels of each kind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PIL import Image, Jpeg2KImagePlugin, JpegImagePlugin, TiffImagePlugin

from embedders.heif_files import most_heif_pixels
from embedders.image_files import Jpeg2000Header, coefficients_are_kept, jpeg2000_header
from embedders.image_limits import ImageLimits
from embedders.unreadable import UnreadableImage

# All others take four bytes a pixel.
_BYTES_OF_MODES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}
_WORKING_BYTES = 24 * 2**20  # of converting one band of rows
_SHRINKING = (2, 4, 8)
# Written in Python: up to six microseconds a pixel, and three copies of it.
_MOST_PIXELS_OF_SLOW_DECODERS = 3_000_000
# Codecs of TIFF that hold a strip in more forms than one.
_TWOFOLD_STRIPS = ("jpeg", "tiff_jpeg", "webp", "lerc")


@dataclass(frozen=True)
class DecodePlan:
    """How to decode a picture.

    Args:
        scale: the factor by which the decoder itself shrinks it: 1, or 2, 4 or 8.
        needed: bytes of memory at the worst moment.
        slow: whether a decoder written in Python reads the file, byte by byte.
    """

    scale: int
    needed: int
    slow: bool


def plan_decoding(image: Image.Image, data: bytes | None, limits: ImageLimits) -> DecodePlan:
    """Return how to decode an image whose header has been read; ``data`` is its file.

    A picture is decoded in full wherever the limit allows it.

    Raises:
        UnreadableImage: even shrunk it would take too much memory, or too much time.
    """
    _refuse_slow_decoders(image)
    header = None
    if isinstance(image, Jpeg2KImagePlugin.Jpeg2KImageFile) and data is not None:
        header = jpeg2000_header(data)
        if header is not None and header.pixels > limits.pixels:
            raise UnreadableImage("too many pixels", f"{limits.pixels:,} pixels are allowed")
    if image.format == "HEIF" and _heif_pixels(image, data) > limits.pixels:
        raise UnreadableImage("too many pixels", f"{limits.pixels:,} pixels are allowed")
    for scale in _scales(image, header):
        decoder = _decoder_bytes(image, data, scale, header)
        if decoder > limits.decode_bytes:
            continue
        size = (-(-image.width // scale), -(-image.height // scale))
        for reduction in (1, *_SHRINKING) if scale == 1 and not _scales_itself(image) else (1,):
            needed = max(decoder, conversion_bytes(image.mode, size, reduction, turned=False))
            if needed <= limits.decode_bytes:
                # A turned picture may need more. That is known only when it has been decoded, and
                # then is seen to by `reduction_for`.
                turned = conversion_bytes(image.mode, size, reduction, turned=True)
                room = min(limits.decode_bytes, max(needed, turned))
                return DecodePlan(scale, room, slow=_decoder(image) in Image.DECODERS)
    raise _too_much(image, data, limits, header)


def reduction_for(image: Image.Image, limits: ImageLimits, *, turned: bool) -> int:
    """Return the least factor by which to shrink a decoded image while it becomes RGB.

    Raises:
        UnreadableImage: no factor would bring it under the limit.
    """
    for reduction in (1, *_SHRINKING):
        needed = conversion_bytes(image.mode, image.size, reduction, turned=turned)
        if needed <= limits.decode_bytes:
            return reduction
    raise _too_much(image, None, limits, None)


def image_bytes(mode: str, width: int, height: int) -> int:
    """Return what an image takes in memory: rows of whole words, and where each of them is."""
    row = _BYTES_OF_MODES.get(mode, 4) * width
    return height * ((row + 3) // 4 * 4 + 8)


def conversion_bytes(mode: str, size: tuple[int, int], reduction: int, *, turned: bool) -> int:
    """Return what bringing decoded pixels to upright RGB takes, themselves included."""
    own = image_bytes(mode, *size)
    width, height = (-(-side // reduction) for side in size)
    result = image_bytes("RGB", width, height)
    if turned:
        result = max(result, image_bytes("RGB", height, width))
    if mode == "RGB" and reduction == 1:
        return own + result if turned else own
    # The decoded pixels are gone before the result is turned.
    return max(own + result + _WORKING_BYTES, 2 * result if turned else 0)


def _too_much(
    image: Image.Image, data: bytes | None, limits: ImageLimits, header: Jpeg2000Header | None
) -> UnreadableImage:
    needed = max(
        _decoder_bytes(image, data, 1, header),
        conversion_bytes(image.mode, image.size, 1, turned=False),
    )
    width, height = image.size
    return UnreadableImage(
        "too much to decode",
        f"{width:,} x {height:,} pixels of this kind take {_megabytes(needed)} of memory, "
        f"{_megabytes(limits.decode_bytes)} are allowed; save it smaller, or as a JPEG",
    )


def _megabytes(count: int) -> str:
    return f"{-(-count // 2**20):,} MB"


def _pixels(image: Image.Image) -> int:
    return image.width * image.height


def _scales_itself(image: Image.Image) -> bool:
    return isinstance(image, JpegImagePlugin.JpegImageFile | Jpeg2KImagePlugin.Jpeg2KImageFile)


def _scales(image: Image.Image, header: Jpeg2000Header | None) -> Iterator[int]:
    yield 1
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        yield from _SHRINKING
    elif header is not None:
        yield from (scale for scale in _SHRINKING if scale <= 2**header.resolutions)


def _decoder_bytes(
    image: Image.Image, data: bytes | None, scale: int, header: Jpeg2000Header | None
) -> int:
    """Return what a decoder takes, with the pixels that it gives."""
    pixels = _pixels(image)
    width, height = (-(-side // scale) for side in image.size)
    own = image_bytes(image.mode, width, height)
    file = len(data or b"")
    more = 0
    match image.format:
        case "JPEG" | "MPO":
            more = _coefficient_bytes(image) if coefficients_are_kept(image, data) else 0
        case "JPEG2000":
            # A picture in tiles takes less, but as long: a quarter of a microsecond a pixel.
            channels = header.channels if header else len(image.getbands())
            more = int(6.5 * channels * pixels / scale**2) + file
        case "WEBP":
            more = 13 * pixels + 2 * file
        case "AVIF":
            more = 12 * pixels + file
        case "HEIF":
            deep = image.info.get("bit_depth", 8) > 8
            bytes_a_pixel = (12 if deep else 6) if image.mode == "RGB" else (18 if deep else 9)
            more = bytes_a_pixel * _heif_pixels(image, data) + file
        case "TIFF":
            more = _strip_bytes(image)
        case "GIF":
            more = own
        case _ if _decoder(image) in Image.DECODERS:
            more = 8 * pixels
    # Unpacking holds a row twice, of up to eight bytes a pixel.
    return own + more + 16 * width


def _heif_pixels(image: Image.Image, data: bytes | None) -> int:
    """Return the pixels of the picture, or of a part of it that claims to be larger."""
    return max(_pixels(image), most_heif_pixels(data) if data is not None else 0)


def _coefficient_bytes(image: Image.Image) -> int:
    layers: list[tuple[int, int, int, int]] = getattr(image, "layer", [])
    if not layers:
        return 0
    across, down = max(layer[1] for layer in layers), max(layer[2] for layer in layers)
    samples = sum(layer[1] * layer[2] for layer in layers) / max(1, across * down)
    return int(2 * samples * _pixels(image))


def _strip_bytes(image: Image.Image) -> int:
    """Return the bytes of a compressed TIFF's strip or tile, which is unpacked as one."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile) or _decoder(image) != "libtiff":
        return 0
    tags: Any = image.tag_v2
    width = tags.get(TiffImagePlugin.TILEWIDTH, image.width)
    rows = tags.get(TiffImagePlugin.TILELENGTH)
    if rows is None:
        rows = min(tags.get(TiffImagePlugin.ROWSPERSTRIP, image.height), image.height)
    samples = tags.get(TiffImagePlugin.SAMPLESPERPIXEL, 1)
    bits = max(tags.get(TiffImagePlugin.BITSPERSAMPLE, (1,)))
    strip = int(width) * int(rows) * int(samples) * int(bits) // 8
    return 3 * strip if image.info.get("compression") in _TWOFOLD_STRIPS else strip


def _decoder(image: Image.Image) -> str | None:
    tiles = getattr(image, "tile", None)
    return tiles[0][0] if tiles else None


def _refuse_slow_decoders(image: Image.Image) -> None:
    if _decoder(image) in Image.DECODERS and _pixels(image) > _MOST_PIXELS_OF_SLOW_DECODERS:
        raise UnreadableImage(
            "too much to decode",
            f"{_MOST_PIXELS_OF_SLOW_DECODERS:,} pixels are allowed in this format; "
            "save it as a JPEG or PNG",
        )
