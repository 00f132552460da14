"""Reading a picture, whatever it comes as, into honest RGB pixels or a clear refusal."""

import os
import stat
from io import BytesIO
from pathlib import Path

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    QoiImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from embedders.rgb_pixels import to_rgb
from errors import VasariError

ImageInput = Path | bytes | Image.Image

# Formats that Pillow decodes by itself: nothing here starts another program (as EPS does) or is
# recognised without a signature (as TGA is). Named by their modules, which are thereby loaded:
# Pillow loads most of them late, and not safely while several threads open pictures. (MPO, the
# photographs of some cameras, is opened as JPEG.)
_FORMATS = (
    JpegImagePlugin.JpegImageFile.format,
    PngImagePlugin.PngImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
    TiffImagePlugin.TiffImageFile.format,
    GifImagePlugin.GifImageFile.format,
    BmpImagePlugin.BmpImageFile.format,
    BmpImagePlugin.DibImageFile.format,
    PpmImagePlugin.PpmImageFile.format,
    Jpeg2KImagePlugin.Jpeg2KImageFile.format,
    AvifImagePlugin.AvifImageFile.format,
    QoiImagePlugin.QoiImageFile.format,
)
_TRUNCATION_SIGNS = ("truncated", "premature", "broken data stream", "not enough", "end of file")
DEFAULT_MAX_PIXELS = 250_000_000
DEFAULT_MAX_BYTES = 200 * 2**20


class UnreadableImage(VasariError):
    """A picture that cannot be used, and why.

    ``reason`` is one of a few short fixed phrases, fit for grouping failures: "empty file",
    "not an image", "truncated image", "damaged image", "too many pixels", "file too large",
    "file not found", "permission denied", "unreadable file". The message adds the details.
    """

    is_for_visitors = True

    def __init__(self, reason: str, details: str = "") -> None:
        self.reason = reason
        self.details = details
        super().__init__(f"{reason}: {details}" if details else reason)

    def __reduce__(self) -> tuple[type["UnreadableImage"], tuple[str, str]]:
        return type(self), (self.reason, self.details)


class UnreadableFile(UnreadableImage):
    """A file that cannot be read, so that nobody knows its picture; the message names the file."""

    is_for_visitors = False


def decode_image(
    image: ImageInput,
    *,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    max_bytes: int = DEFAULT_MAX_BYTES,
) -> Image.Image:
    """Decode a file, its bytes or an opened Pillow image to a plain RGB image of 8 bits.

    The same picture gives the same pixels in all three forms. EXIF orientation is honoured, the
    first frame of an animation is taken, transparency is laid on white, 16 bits are scaled to 8,
    and an embedded colour profile is converted to sRGB where it can be read. The returned image
    carries no metadata, so decoding it again changes nothing.

    ``max_pixels`` (width times height) is checked on the header, before any pixel is decoded;
    ``max_bytes`` before the file is read. Raises UnreadableImage, and nothing else, for a picture
    that cannot be used; an incomplete file is refused, never filled up with grey.
    """
    if isinstance(image, Image.Image):
        return _decode(image, max_pixels=max_pixels)
    data = image if isinstance(image, bytes) else read_image_file(image, max_bytes=max_bytes)
    if not data:
        raise UnreadableImage("empty file")
    if len(data) > max_bytes:
        raise UnreadableImage("file too large", f"{len(data):,} bytes, {max_bytes:,} are allowed")
    _let_only_our_limit_count(max_pixels)
    try:
        opened = Image.open(BytesIO(data), formats=_FORMATS)
    except Exception as error:
        raise _refusal(error) from error
    with opened:
        return _decode(opened, max_pixels=max_pixels, may_change=True)


def read_image_file(path: Path, *, max_bytes: int = DEFAULT_MAX_BYTES) -> bytes:
    """Read a file that should hold a picture; raises UnreadableFile where that cannot be."""
    try:
        status = path.stat()
        # Asked before opening: opening a named pipe would wait for a writer for ever.
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableFile("unreadable file", f"{path} is not a regular file")
        if status.st_size > max_bytes:
            raise UnreadableFile(
                "file too large", f"{path}: {status.st_size:,} bytes, {max_bytes:,} are allowed"
            )
        if status.st_size == 0:
            raise UnreadableFile("empty file", str(path))
        with path.open("rb") as file:
            return file.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise UnreadableFile("file not found", str(path)) from error
    except PermissionError as error:
        raise UnreadableFile("permission denied", str(path)) from error
    except (OSError, ValueError) as error:  # ValueError: a path with a null byte
        raise UnreadableFile("unreadable file", f"{os.fspath(path)!r}: {error}") from error


def _decode(image: Image.Image, *, max_pixels: int, may_change: bool = False) -> Image.Image:
    width, height = image.size
    if width * height > max_pixels:
        raise UnreadableImage(
            "too many pixels", f"{width:,} x {height:,}, {max_pixels:,} pixels are allowed"
        )
    if width < 1 or height < 1:
        raise UnreadableImage("not an image", f"it is {width} x {height} pixels")
    try:
        image.load()
        return to_rgb(image, may_change=may_change)
    except Exception as error:
        raise _refusal(error) from error


def _refusal(error: Exception) -> UnreadableImage:
    """Sort whatever Pillow throws on hostile bytes, from SyntaxError to struct.error."""
    details = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, UnidentifiedImageError):
        # Pillow's message names an object in memory, which would differ for every picture.
        return UnreadableImage("not an image", "no known picture format")
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return UnreadableImage("too many pixels", str(error))
    if isinstance(error, MemoryError):
        return UnreadableImage("damaged image", "decoding it asks for more memory than there is")
    if isinstance(error, EOFError) or any(sign in str(error).lower() for sign in _TRUNCATION_SIGNS):
        return UnreadableImage("truncated image", details)
    return UnreadableImage("damaged image", details)


def _let_only_our_limit_count(max_pixels: int) -> None:
    """Keep Pillow's own limit, a global of its module, from refusing what ``max_pixels`` allows.

    It is only ever raised, so threads with different limits cannot take it from each other, and
    it is not removed, so other code in the process that opens pictures keeps a safety net.
    """
    if Image.MAX_IMAGE_PIXELS is not None and max_pixels > Image.MAX_IMAGE_PIXELS:
        Image.MAX_IMAGE_PIXELS = max_pixels
