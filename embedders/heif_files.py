"""What a HEIF file's boxes say before its pixels are decoded: the photographs of phones.

Such a file is a small file system. Its items may lie on top of each other and be made of each
other, so that few bytes can ask for any amount of work. ISO/IEC 14496-12 and 23008-12.
"""

import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from embedders.unreadable import UnreadableImage

_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
_MOST_NESTING = 6
_MOST_PARTS = 65_536
_COMPRESSED = (b"deflate", b"compress_zlib")
_SLACK = 2**20
"""Bytes, or pixels, that are allowed in any case."""


@dataclass
class _Boxes:
    """What is read of a file; ids are those of its items."""

    primary: int = 0
    sizes: list[int] = field(default_factory=list)
    bytes_of: dict[int, int] = field(default_factory=dict)
    pixels_of: dict[int, int] = field(default_factory=dict)
    made_of: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    described: list[int] = field(default_factory=list)


def is_heif(data: bytes) -> bool:
    """Tell whether a file is opened as HEIF."""
    return data[4:8] == b"ftyp" and data[8:12] in _BRANDS


def most_heif_pixels(data: bytes) -> int:
    """Return the pixels of the largest image in a HEIF file, which may be a part of the picture.

    Raises:
        UnreadableImage: the file asks for far more memory or work than it has bytes or pixels.
    """
    try:
        found = _read(memoryview(data))
    except (struct.error, IndexError, ValueError) as error:
        raise UnreadableImage("damaged image", "its boxes cannot be followed") from error
    copied = sum(found.bytes_of.values()) + sum(found.bytes_of.get(i, 0) for i in found.described)
    if copied > 4 * len(data) + _SLACK:
        raise UnreadableImage("damaged image", "its items lie on top of each other")
    largest = max(found.pixels_of.values(), default=0)
    if _pixels_decoded(found, found.primary, {}, _MOST_NESTING) > 4 * largest + _SLACK:
        raise UnreadableImage("damaged image", "it is put together of far too many pixels")
    return largest


def _pixels_decoded(found: _Boxes, item: int, known: dict[int, int], depth: int) -> int:
    """Return the pixels of an item and of all that it is made of, as often as they are used."""
    if depth == 0:
        raise UnreadableImage("damaged image", "its items are nested too deeply")
    if item not in known:
        parts = (_pixels_decoded(found, part, known, depth - 1) for part in found.made_of[item])
        known[item] = found.pixels_of.get(item, 0) + sum(parts)
    return known[item]


def _read(data: memoryview) -> _Boxes:
    found = _Boxes()
    for kind, body in _boxes(data):
        if kind == b"meta":
            for name, inner in _boxes(body[4:]):
                _read_box(found, name, inner, len(data))
    return found


def _read_box(found: _Boxes, name: bytes, body: memoryview, whole: int) -> None:
    version = body[0]
    if name == b"iinf" and any(method in bytes(body) for method in _COMPRESSED):
        raise ValueError("what is said of the picture is compressed")
    if name == b"pitm":
        (found.primary,) = struct.unpack_from(">I" if version else ">H", body, 4)
    elif name == b"iloc":
        _read_places(found, body, version, whole)
    elif name == b"iref":
        form = ">I" if version else ">H"
        for kind, inner in _boxes(body[4:]):
            ids = [number for (number,) in struct.iter_unpack(form, _ids(inner, form))]
            if kind == b"dimg":
                found.made_of[ids[0]] += ids[1:]
            elif kind == b"cdsc":
                found.described += [ids[0]] * len(ids[1:])
    elif name == b"iprp":
        for kind, inner in _boxes(body):
            if kind == b"ipco":
                found.sizes = [
                    _pixels(value) if property_ == b"ispe" else 0
                    for property_, value in _boxes(inner)
                ]
            elif kind == b"ipma":
                _read_associations(found, inner)


def _boxes(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    at, boxes = 0, 0
    while at + 8 <= len(data):
        boxes += 1
        if boxes > _MOST_PARTS:
            raise ValueError("too many boxes")
        size, kind = struct.unpack_from(">I4s", data, at)
        start = 8
        if size == 1:
            (size,), start = struct.unpack_from(">Q", data, at + 8), 16
        elif size == 0:
            size = len(data) - at
        if size < start:
            raise ValueError("a box is smaller than its header")
        yield kind, data[at + start : at + size]
        at += size


def _few(count: int) -> int:
    if count > _MOST_PARTS:
        raise ValueError("too many items")
    return count


def _ids(body: memoryview, form: str) -> memoryview:
    """Return the ids in a reference: that of the item, and those it refers to."""
    width = struct.calcsize(form)
    (count,) = struct.unpack_from(">H", body, width)
    joined = bytes(body[:width]) + bytes(body[width + 2 : width + 2 + count * width])
    return memoryview(joined)


def _pixels(body: memoryview) -> int:
    width, height = struct.unpack_from(">II", body, 4)
    return int(width) * int(height)


def _read_associations(found: _Boxes, body: memoryview) -> None:
    version, wide = body[0], body[3] & 1
    (entries,) = struct.unpack_from(">I", body, 4)
    at = 8
    for _ in range(_few(entries)):
        (item,) = struct.unpack_from(">I" if version else ">H", body, at)
        at += 4 if version else 2
        count, at = body[at], at + 1
        for _ in range(count):
            (place,) = struct.unpack_from(">H" if wide else ">B", body, at)
            at += 2 if wide else 1
            place &= 0x7FFF if wide else 0x7F
            pixels = found.sizes[place - 1] if 0 < place <= len(found.sizes) else 0
            found.pixels_of[item] = max(pixels, found.pixels_of.get(item, 0))


def _read_places(found: _Boxes, body: memoryview, version: int, whole: int) -> None:
    """Read how many bytes each item has; of one without a length, all of the file."""
    offset, length = body[4] >> 4, body[4] & 15
    base, index = body[5] >> 4, body[5] & 15 if version else 0
    wide = version == 2
    (items,) = struct.unpack_from(">I" if wide else ">H", body, 6)
    at = 10 if wide else 8
    for _ in range(_few(items)):
        (item,) = struct.unpack_from(">I" if wide else ">H", body, at)
        at += (4 if wide else 2) + (2 if version else 0) + 2 + base
        (extents,) = struct.unpack_from(">H", body, at)
        at += 2
        for _ in range(extents):
            at += index + offset
            taken = int.from_bytes(body[at : at + length])
            if at + length > len(body):
                raise ValueError("an item lies outside of the file")
            at += length
            found.bytes_of[item] = found.bytes_of.get(item, 0) + (taken or whole)
