"""Reading a picture, whatever it comes as, into honest RGB pixels or a clear refusal."""

import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
    _imaging,
)
from pillow_heif import HeifImageFile, register_heif_opener

from embedders.decode_plan import plan_decoding, reduction_for
from embedders.image_files import BoundedFile, refuse_hostile_files
from embedders.image_limits import DEFAULT_LIMITS, ROOM, ImageLimits
from embedders.rgb_pixels import orientation_of, to_rgb
from embedders.unreadable import UnreadableFile, UnreadableImage

ImageInput = Path | bytes | Image.Image

# Formats that are decoded in this process: nothing here starts another program (as EPS does) or is
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
    HeifImageFile.format,
)
_TRUNCATION_SIGNS = ("truncated", "premature", "broken data stream", "not enough", "end of file")
_SIDEWAYS = (5, 6, 7, 8)  # values of EXIF orientation that swap width and height

# The picture alone: what lies beside it would be read, and its memory not be counted.
register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
# Of blocks above 32 MB, freed memory goes back to the system at once. Smaller ones stay in the heap
# of the thread that decoded, and several threads would keep a gigabyte each.
_imaging.set_block_size(64 * 2**20)
# Hostile pictures make Pillow warn of what is reported here, or passed over on purpose.
warnings.filterwarnings("ignore", module=r"PIL\.")


@dataclass(frozen=True)
class DecodedPicture:
    """A plain RGB picture of 8 bits, and the size that it has in its file, upright.

    The picture itself is smaller where decoding all of it would have taken too much memory.
    """

    picture: Image.Image
    width: int
    height: int


def decode_image(image: ImageInput, limits: ImageLimits = DEFAULT_LIMITS) -> Image.Image:
    """Decode a file, its bytes or an opened Pillow image to a plain RGB image of 8 bits.

    The same picture gives the same pixels in all three forms. EXIF orientation is honoured, the
    first frame of an animation is taken, transparency is laid on white, 16 bits are scaled to 8,
    and an embedded colour profile is converted to sRGB where it can be read. The returned image
    carries no metadata, so decoding it again changes nothing.

    The size of the file is checked before it is read, pixels and memory on the header, before any
    pixel is decoded. A picture that would take more than ``limits.decode_bytes`` is decoded to a
    half, a quarter or an eighth of its sides where that takes less. Raises UnreadableImage, and
    nothing else, for a picture that cannot be used; an incomplete file is refused, never filled up
    with grey.
    """
    with decoded(image, limits) as found:
        return found.picture


@contextmanager
def decoded(image: ImageInput, limits: ImageLimits = DEFAULT_LIMITS) -> Iterator[DecodedPicture]:
    """Decode as :func:`decode_image` does, and count the picture's memory until the block ends.

    For those who decode on several threads: each waits until the others have left enough of
    ``limits.shared_bytes``. A block must not decode another picture.

    Raises:
        UnreadableImage: the picture cannot be used.
    """
    if isinstance(image, Image.Image):
        with _decoding(image, None, None, limits) as found:
            yield found
        return
    most = limits.file_bytes
    data = image if isinstance(image, bytes) else read_image_file(image, max_bytes=most)
    if not data:
        raise UnreadableImage("empty file")
    if len(data) > most:
        raise UnreadableImage("file too large", f"{len(data):,} bytes, {most:,} are allowed")
    refuse_hostile_files(data)
    _let_only_our_limit_count(limits.pixels)
    file = BoundedFile(data)
    with _refusing():
        opened = Image.open(file, formats=_FORMATS)
    with opened, _decoding(opened, data, file, limits) as found:
        yield found


def read_image_file(path: Path, *, max_bytes: int = ImageLimits.file_bytes) -> bytes:
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


@contextmanager
def _decoding(
    image: Image.Image, data: bytes | None, file: BoundedFile | None, limits: ImageLimits
) -> Iterator[DecodedPicture]:
    width, height = image.size
    if width * height > limits.pixels:
        raise UnreadableImage(
            "too many pixels", f"{width:,} x {height:,}, {limits.pixels:,} pixels are allowed"
        )
    if width < 1 or height < 1:
        raise UnreadableImage("not an image", f"it is {width} x {height} pixels")
    with _refusing():
        plan = plan_decoding(image, data, limits)
    with ROOM.taken(plan.needed, limits):
        with _refusing():
            if file is not None:
                _shrink_while_decoding(image, plan.scale)
                file.allow_reading_pixels(by_bytes=plan.slow)
            image.load()
            sideways = orientation_of(image) in _SIDEWAYS
            picture = to_rgb(
                image,
                may_change=file is not None,
                reduction=reduction_for(image, limits, turned=orientation_of(image) > 1),
            )
        yield DecodedPicture(picture, *((height, width) if sideways else (width, height)))


def _shrink_while_decoding(image: Image.Image, scale: int) -> None:
    if isinstance(image, Jpeg2KImagePlugin.Jpeg2KImageFile):
        image.reduce = scale.bit_length() - 1
    elif scale > 1 and isinstance(image, JpegImagePlugin.JpegImageFile):
        image.draft(None, (max(1, image.width // scale), max(1, image.height // scale)))


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn whatever is thrown on hostile bytes into a refusal."""
    try:
        yield
    except UnreadableImage:
        # As it is: as its own cause it would be a cycle, and keep the pixels that were decoded.
        raise
    except Exception as error:
        raise _refusal(error) from error


def _refusal(error: Exception) -> UnreadableImage:
    """Sort whatever Pillow throws, from SyntaxError to struct.error."""
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
