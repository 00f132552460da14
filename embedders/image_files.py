"""What the bytes of a picture's file tell before Pillow decodes them, and a bound to reading them.

A file of a few megabytes can keep a reader busy for hours, or fill its memory, before it comes to
the first pixel: by millions of tiny blocks, by a directory whose every entry is the same megabyte.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from embedders.heif_files import is_heif, most_heif_pixels
from embedders.unreadable import UnreadableImage

_MOST_READS_OF_A_HEADER = 20_000
_MOST_SCANS = 100
# One for each of a million tiles; and no list of numbers in Python that would be worth a picture.
_MOST_NUMBERS_OF_A_TIFF = 1_100_000
_TIFF_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_BYTE_TYPES = (1, 2, 6, 7)
_TYPES = {1: _BYTE_TYPES, 2: (3, 8), 4: (4, 9, 11, 13), 8: (5, 10, 12, 16)}
_TYPE_BYTES = {kind: size for size, kinds in _TYPES.items() for kind in kinds}
_MOST_DIRECTORIES = 64


class BoundedFile(BytesIO):
    """A file in memory that refuses to be read in far more pieces, or far oftener, than it has."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._size = len(data)
        self._reads_left = _MOST_READS_OF_A_HEADER
        self._bytes_left = 4 * len(data) + 2**20

    def allow_reading_pixels(self, *, by_bytes: bool) -> None:
        """Begin a new count, for the pixels; a decoder written in Python may read byte by byte."""
        self._reads_left = 4 * self._size if by_bytes else 20_000 + self._size // 100
        self._bytes_left = 4 * self._size + 2**20

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as any file does.

        Raises:
            UnreadableImage: this is going on for too long.
        """
        data = super().read(size)
        self._reads_left -= 1
        self._bytes_left -= len(data)
        if self._reads_left < 0 or self._bytes_left < 0:
            raise UnreadableImage("damaged image", "it is cut into far too many pieces")
        return data


@dataclass(frozen=True)
class Jpeg2000Header:
    """What a JPEG 2000 codestream says of itself; the file around it may say otherwise."""

    pixels: int
    channels: int
    resolutions: int


def jpeg2000_header(data: bytes) -> Jpeg2000Header | None:
    """Return what the codestream says; ``None`` where it cannot be followed."""
    at = data.find(b"\xff\x4f\xff\x51") + 2
    pixels, channels = 0, 0
    try:
        while at >= 2:
            marker, length = struct.unpack_from(">HH", data, at)
            if marker == 0xFF51:  # SIZ
                right, bottom, left, top = struct.unpack_from(">IIII", data, at + 6)
                (channels,) = struct.unpack_from(">H", data, at + 38)
                pixels = max(0, right - left) * max(0, bottom - top)
            elif marker == 0xFF52:  # COD
                return Jpeg2000Header(pixels, channels, min(data[at + 9], 32))
            elif marker == 0xFF90 or length < 2:  # SOT: the main header is over
                break
            at += 2 + length
    except (struct.error, IndexError):
        pass
    return None


def coefficients_are_kept(image: Image.Image, data: bytes | None) -> bool:
    """Whether a JPEG's pixels come in several scans: then all is kept until the last of them."""
    if image.info.get("progressive"):
        return True
    scan = -1 if data is None else _first_scan(data)
    layers = min(255, len(getattr(image, "layer", ())))
    return scan >= 0 and data is not None and data[scan + 4 : scan + 5] < bytes([layers])


def _first_scan(data: bytes) -> int:
    """Return where the first scan of a JPEG begins; -1 where that cannot be followed."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        if data[at + 1] == 0xDA:
            return at
        at += 1 if data[at + 1] == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4])
    return -1


def refuse_hostile_files(data: bytes) -> None:
    """Refuse a file that would take long, or much memory, before or whatever its pixels are.

    Raises:
        UnreadableImage: it is such a file.
    """
    if data.startswith(b"\xff\xd8"):
        scans = data.count(b"\xff\xda")
        if scans > _MOST_SCANS:
            raise UnreadableImage(
                "damaged image", f"it has {scans:,} scans, {_MOST_SCANS} are allowed"
            )
    if is_heif(data):
        most_heif_pixels(data)
    if data.startswith(_TIFF_SIGNATURES):
        numbers = sum(count for kind, count in _directory(data) if kind not in _BYTE_TYPES)
        if numbers > _MOST_NUMBERS_OF_A_TIFF:
            raise UnreadableImage("damaged image", f"its directory lists {numbers:,} numbers")
    # EXIF blocks have a directory of the same form, wherever in the file they are.
    for signature in _TIFF_SIGNATURES:
        at = data.find(signature)
        for _ in range(_MOST_DIRECTORIES):
            if at < 0:
                break
            if lists_itself_many_times(memoryview(data)[at:]):
                raise UnreadableImage("damaged image", "its EXIF block or directory is a bomb")
            at = data.find(signature, at + 4)


def lists_itself_many_times(block: bytes | memoryview) -> bool:
    """Whether the entries of a TIFF or of an EXIF block are far more than the block has bytes."""
    listed = sum(_TYPE_BYTES[kind] * count for kind, count in _directory(block))
    return listed > 4 * len(block) + 2**20


def _directory(data: bytes | memoryview) -> Iterator[tuple[int, int]]:
    """Go through the type and the count of each entry that the block has the bytes for."""
    order = "<" if data[:2] == b"II" else ">"
    big = b"+" in bytes(data[2:4])
    try:
        (at,) = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)
        (entries,) = struct.unpack_from(order + ("Q" if big else "H"), data, at)
        entry = struct.Struct(order + ("HHQ8x" if big else "HHI4x"))
        first = at + (8 if big else 2)
        listed = data[first : first + min(entries, 65_535) * entry.size]
    except (struct.error, OverflowError):
        return  # Pillow will say what is wrong with it
    whole = listed[: len(listed) // entry.size * entry.size]
    for _, kind, count in entry.iter_unpack(whole):
        if kind in _TYPE_BYTES and _TYPE_BYTES[kind] * count <= len(data):
            yield kind, count
