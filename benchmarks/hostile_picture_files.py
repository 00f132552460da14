"""Pictures made to break whoever decodes them: damaged ones, bombs, and the largest legal ones.

Each maker takes a generator of random numbers and returns the bytes of a file. Nothing here takes
more than a few seconds or a few hundred megabytes to make.
"""

import io
import random
import struct
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image

Maker = Callable[[random.Random], bytes]

FORMATS: dict[str, dict[str, Any]] = {
    "PNG": {},
    "JPEG": {},
    "WEBP": {},
    "TIFF": {"compression": "tiff_lzw"},
    "GIF": {},
    "BMP": {},
    "PPM": {},
    "JPEG2000": {},
    "AVIF": {"speed": 10},
}
_MODES = {
    "PNG": ("RGB", "RGBA", "L", "LA", "P", "1", "I;16"),
    "JPEG": ("RGB", "L", "CMYK"),
    "WEBP": ("RGB", "RGBA"),
    "TIFF": ("RGB", "RGBA", "L", "CMYK", "1", "F", "I;16", "LAB"),
    "GIF": ("P", "L"),
    "BMP": ("RGB", "L", "1"),
    "PPM": ("RGB", "L", "1"),
    "JPEG2000": ("RGB", "RGBA", "L"),
    "AVIF": ("RGB", "RGBA"),
}


def encode(image: Image.Image, file_format: str, **options: object) -> bytes:
    """Return a picture as the bytes of a file."""
    file = io.BytesIO()
    image.save(file, file_format, **(FORMATS.get(file_format, {}) | options))
    return file.getvalue()


@lru_cache(maxsize=64)
def _whole(file_format: str, mode: str) -> bytes:
    shades = np.linspace(0, 255, 96 * 64 * 3).reshape(64, 96, 3).astype(np.uint8)
    picture = Image.fromarray(shades)
    if mode == "I;16":
        return encode(Image.fromarray(shades[..., 0].astype(np.uint16) * 257), file_format)
    if mode == "LAB":
        return encode(Image.frombytes("LAB", picture.size, shades.tobytes()), file_format)
    return encode(picture.convert(mode), file_format)


def damaged(chance: random.Random) -> bytes:
    """A small picture of any format with bytes changed, cut out, doubled or cut off."""
    file_format = chance.choice(sorted(FORMATS))
    data = bytearray(_whole(file_format, chance.choice(_MODES[file_format])))
    for _ in range(chance.randint(1, 8)):
        end = min(len(data), chance.choice((64, 400, len(data))))
        at = chance.randrange(max(1, end))
        match chance.randrange(5):
            case 0:
                data[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
            case 1:
                data[at : at + 4] = struct.pack(">I", chance.choice((0, 1, 2**31 - 1, 2**32 - 1)))
            case 2:
                data[at : at + 2] = struct.pack("<H", chance.choice((0, 1, 16_000, 65_535)))
            case 3:
                part = data[at : at + chance.randint(1, 200)]
                data[at:at] = part * chance.randint(1, 20)
            case _:
                del data[at : at + chance.randint(1, 30)]
        if not data:
            return b"\0"
    return bytes(data[: chance.randint(1, len(data))] if chance.random() < 0.2 else data)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """Return a block of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of_zeros(
    width: int, height: int, *, bits: int = 8, kind: int = 2, before: bytes = b"", adam7: int = 0
) -> bytes:
    """Return a PNG that is black all over; ``kind`` is the colour type of its header."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    row = bytes(1 + (width * channels * bits + 7) // 8)
    rows = max(1, 2**22 // len(row))
    packed = zlib.compressobj(1)
    pieces = [packed.compress(row * min(rows, height - top)) for top in range(0, height, rows)]
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, adam7)
    palette = png_chunk(b"PLTE", bytes(range(30))) if kind == 3 else b""
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + before
        + palette
        + png_chunk(b"IDAT", b"".join(pieces) + packed.flush())
        + png_chunk(b"IEND", b"")
    )


def png_of_any_kind(chance: random.Random) -> bytes:
    """A black PNG of a few megapixels, interlaced at times, of any depth and colour type."""
    kind, bits = chance.choice(
        [(0, 1), (0, 2), (0, 8), (0, 16), (2, 8), (2, 16), (3, 8), (4, 8), (4, 16), (6, 8), (6, 16)]
    )
    width, height = chance.randint(1, 3_000), chance.randint(1, 3_000)
    before = png_chunk(b"eXIf", turned_exif(chance.randint(0, 9))) if chance.random() < 0.3 else b""
    adam7 = int(chance.random() < 0.3)
    return png_of_zeros(width, height, bits=bits, kind=kind, before=before, adam7=adam7)


def turned_exif(orientation: int) -> bytes:
    """Return an EXIF block that says how a picture is turned."""
    return b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHHI", 274, 3, 1, orientation, 0, 0)


def png_of_bombs(chance: random.Random) -> bytes:
    """A PNG with text, a profile or an EXIF block that unpacks to far more, or with many blocks."""
    squeezed = zlib.compress(bytes(chance.choice((10, 100)) * 2**20), 9)
    block = chance.choice(
        [
            png_chunk(b"zTXt", b"Comment\0\0" + squeezed),
            png_chunk(b"iTXt", b"Comment\0\1\0\0\0" + squeezed),
            png_chunk(b"iCCP", b"profile\0\0" + squeezed),
            png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(900_000), 9)) * 200,
            png_chunk(b"prVt", b"") * chance.choice((5_000, 500_000)),
            png_chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)),
            png_chunk(b"eXIf", directory_bomb(2**20)),
            png_chunk(
                b"zTXt",
                b"Raw profile type exif\0\0"
                + zlib.compress(b"\nexif\n1\n" + directory_bomb(400_000).hex().encode()),
            ),
        ]
    )
    return png_of_zeros(64, 64, before=block)


def directory_bomb(size: int, tags: int = 60_000) -> bytes:
    """Return a TIFF directory of ``size`` bytes whose entries are all nearly all of it."""
    tags = min(tags, size // 12 - 2)
    entries = b"".join(struct.pack("<HHII", 700 + tag, 7, size - 8, 8) for tag in range(tags))
    return (struct.pack("<2sHIH", b"II", 42, 8, tags) + entries).ljust(size, b"\0")


def jpeg_with_segments(chance: random.Random) -> bytes:
    """A JPEG with many segments, much padding, or an EXIF block that is a bomb."""
    whole = _whole("JPEG", "RGB")
    extra = chance.choice(
        [
            b"\xff\xe5\0\2" * chance.choice((5_000, 1_000_000)),
            b"\xff" * chance.choice((1_000, 5_000_000)),
            b"\xff\xe1" + struct.pack(">H", 60_008) + b"Exif\0\0" + directory_bomb(60_000),
            (b"\xff\xe2\xff\xffICC_PROFILE\0\1\1").ljust(65_537, b"\1") * 250,
            (b"\xff\xed\xff\xffPhotoshop 3.0\0").ljust(65_537, b"8"),
        ]
    )
    return whole[:2] + extra + whole[2:]


def jpeg_of_scans(chance: random.Random) -> bytes:
    """A progressive JPEG whose last scan is there again and again."""
    side = chance.choice((64, 3_000))
    data = encode(Image.new("RGB", (side, side), "teal"), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * chance.choice((10, 90, 5_000)) + data[-2:]


def jpeg_of_any_size(chance: random.Random) -> bytes:
    """A small JPEG whose header says that it is enormous."""
    data = bytearray(_whole("JPEG", chance.choice(("RGB", "L", "CMYK"))))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", *(chance.choice((1, 500, 15_000, 65_500)) for _ in "hw"))
    return bytes(data)


def tiff_of_entries(
    entries: list[tuple[int, int, int, int]], body: bytes, count: int | None = None
) -> bytes:
    """Return a TIFF of these entries (tag, type, count, value or offset) and what follows them."""
    packed = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    start = struct.pack("<2sHIH", b"II", 42, 8, len(entries) if count is None else count)
    return start + packed + bytes(4) + body


def tiff_bomb(chance: random.Random) -> bytes:
    """A TIFF with a bomb for a directory, giant strips or tiles, or lists of millions."""
    width, height = chance.choice(((64, 64), (4_000, 4_000), (15_000, 15_000)))
    body = zlib.compress(bytes(width * 100))
    size = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (262, 3, 1, 1)]
    at = 8 + 2 + 12 * 10 + 4
    strips = [
        (259, 3, 1, 8),
        (273, 4, 1, at),
        (277, 3, 1, 1),
        (278, 4, 1, chance.choice((height, 2**31))),
        (279, 4, 1, len(body)),
        (339, 3, 1, chance.choice((1, 3))),
    ]
    side = chance.choice((16, 2**16, 2**20))
    tiles = [
        (259, 3, 1, 8),
        (277, 3, 1, 1),
        (322, 4, 1, side),
        (323, 4, 1, side),
        (324, 4, 1, at),
        (325, 4, 1, len(body)),
    ]
    long = bytes(4 * 5_000_000)
    lists = [
        (259, 3, 1, 1),
        (273, 4, 5_000_000, at),
        (277, 3, 1, 1),
        (278, 4, 1, 1),
        (279, 4, 5_000_000, at),
        (339, 3, 1, 1),
    ]
    return chance.choice(
        [
            tiff_of_entries(size + strips, body),
            tiff_of_entries(size + tiles, body),
            tiff_of_entries(size + lists, long),
            directory_bomb(2**20),
        ]
    )


def gif_bomb(chance: random.Random) -> bytes:
    """A GIF with an endless comment, a huge canvas, or thousands of frames."""
    whole = _whole("GIF", "P")
    start = 13 + 3 * 2 ** ((whole[10] & 7) + 1)
    match chance.randrange(3):
        case 0:
            blocks = (b"\xff" + b"c" * 255) * chance.choice((100, 50_000))
            return whole[:start] + b"\x21\xfe" + blocks + b"\0" + whole[start:]
        case 1:
            canvas = struct.pack("<HH", *(chance.choice((100, 15_000, 65_535)) for _ in "wh"))
            return whole[:6] + canvas + whole[10:]
        case _:
            frame = whole[start:-1]
            return whole[:-1] + frame * chance.choice((100, 5_000)) + whole[-1:]


def webp_bomb(chance: random.Random) -> bytes:
    """A WebP with a huge canvas, or with hundreds of frames."""
    frames = [Image.new("RGB", (32, 32), (shade, 0, 0)) for shade in range(0, 250, 5)]
    data = bytearray(encode(frames[0], "WEBP", save_all=True, append_images=frames[1:]))
    if chance.random() < 0.7:
        side = chance.choice((5_000, 16_383, 2**24))
        data[24:30] = struct.pack("<I", side - 1)[:3] * 2
    return bytes(data)


def jpeg2000_bomb(chance: random.Random) -> bytes:
    """A JPEG 2000 whose codestream has another size than its file says, or countless tiles."""
    data = bytearray(_whole("JPEG2000", chance.choice(("RGB", "L"))))
    at = data.index(b"\xff\x4f\xff\x51")
    field = chance.choice((8, 12, 24, 28))  # width, height, tile width, tile height
    size = struct.pack(">I", chance.choice((1, 2, 15_000, 60_000, 2**31)))
    data[at + field : at + field + 4] = size
    if chance.random() < 0.3:
        data[at + 40 : at + 42] = struct.pack(">H", chance.choice((0, 5, 16_384)))
    if chance.random() < 0.5 and field < 20:
        box = data.index(b"ihdr") + 4
        box += 4 if field == 8 else 0  # in the box the height comes first
        data[box : box + 4] = size
    return bytes(data)


def bitmap_bomb(chance: random.Random) -> bytes:
    """A BMP, PPM or QOI that says it is enormous, or takes a decoder written in Python."""
    width, height = (chance.choice((1, 300, 1_500, 15_000)) for _ in "wh")
    match chance.randrange(5):
        case 0:
            header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, 0, 0, 0, 256, 0)
            rle = (b"\xff\0" * (min(width, 1_500) // 255 + 1) + b"\0\0") * min(height, 1_500)
            return b"BM" + struct.pack("<IHHI", 0, 0, 0, 1_078) + header + bytes(1_024) + rle
        case 1:
            return b"P3\n%d %d\n255\n" % (width, height) + b"1 " * (3 * min(width * height, 10**6))
        case 2:
            return b"P6\n%d %d\n1000\n" % (width, height) + bytes(6 * min(width * height, 10**6))
        case 3:
            return (
                b"P5\n#" + b"c" * chance.choice((100, 5_000_000)) + b"\n64 64\n255\n" + bytes(4096)
            )
        case _:
            size = struct.pack(">IIBB", width, height, 3, 0)
            return b"qoif" + size + b"\xfd" * (min(width * height, 10**7) // 62 + 1) + bytes(8)


def many_pictures(chance: random.Random) -> bytes:
    """An MPO, TIFF, WebP, AVIF, GIF or APNG of many frames, damaged at times."""
    frames = [Image.new("RGB", (48, 32), (shade, 90, 0)) for shade in range(0, 250, 25)]
    file_format = chance.choice(("MPO", "TIFF", "WEBP", "AVIF", "GIF", "PNG"))
    data = bytearray(encode(frames[0], file_format, save_all=True, append_images=frames[1:]))
    for _ in range(chance.choice((0, 0, 1, 5))):
        data[chance.randrange(len(data))] = chance.choice((0, 0x7F, 0xFF))
    return bytes(data)


def colour_profile_bomb(chance: random.Random) -> bytes:
    """A JPEG or PNG whose colour profile is damaged, or a few megabytes of nothing."""
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for _ in range(chance.randint(1, 20)):
        profile[chance.randrange(len(profile))] = chance.randrange(256)
    if chance.random() < 0.2:
        profile += bytes(chance.choice((10**5, 10**6)))
    picture = Image.new(chance.choice(("RGB", "L")), (300, 200), 90)
    return encode(picture, chance.choice(("JPEG", "TIFF", "WEBP")), icc_profile=bytes(profile))


MAKERS: dict[str, tuple[Maker, int]] = {
    "damaged": (damaged, 60),
    "PNG of any kind": (png_of_any_kind, 6),
    "PNG bomb": (png_of_bombs, 5),
    "JPEG segments": (jpeg_with_segments, 4),
    "JPEG scans": (jpeg_of_scans, 3),
    "JPEG of any size": (jpeg_of_any_size, 4),
    "TIFF bomb": (tiff_bomb, 5),
    "GIF bomb": (gif_bomb, 4),
    "WebP bomb": (webp_bomb, 3),
    "JPEG 2000 bomb": (jpeg2000_bomb, 5),
    "bitmap bomb": (bitmap_bomb, 4),
    "many pictures": (many_pictures, 4),
    "colour profile": (colour_profile_bomb, 4),
}
"""Name -> maker, and how often it is drawn in comparison with the others."""


def draw(chance: random.Random) -> tuple[str, bytes]:
    """Return the kind and the bytes of a hostile picture."""
    weights = [weight for _, weight in MAKERS.values()]
    kind = chance.choices(sorted(MAKERS, key=list(MAKERS).index), weights)[0]
    return kind, MAKERS[kind][0](chance)


def _plain(mode: str, side: int, file_format: str, **options: object) -> bytes:
    return encode(Image.new(mode, (side, side)), file_format, **options)


LARGEST: dict[str, Callable[[], bytes]] = {
    "PNG, 15,800², 16-bit grey": lambda: png_of_zeros(15_800, 15_800, bits=16, kind=0),
    "PNG, 15,800², RGB": lambda: png_of_zeros(15_800, 15_800),
    "PNG, 15,800², RGB, turned": lambda: png_of_zeros(
        15_800, 15_800, before=png_chunk(b"eXIf", turned_exif(6))
    ),
    "PNG, 15,800², RGBA": lambda: png_of_zeros(15_800, 15_800, kind=6),
    "PNG, 15,800², RGBA, 16-bit": lambda: png_of_zeros(15_800, 15_800, bits=16, kind=6),
    "PNG, 15,800², 1-bit": lambda: png_of_zeros(15_800, 15_800, bits=1, kind=0),
    "PNG, 250,000,000 x 1, RGB": lambda: png_of_zeros(250_000_000, 1),
    "PNG, 1 x 250,000,000, grey": lambda: png_of_zeros(1, 250_000_000, kind=0),
    "TIFF, 15,800², RGBA": lambda: _plain("RGBA", 15_800, "TIFF", compression="tiff_lzw"),
    "TIFF, 15,800², floats": lambda: _plain("F", 15_800, "TIFF", compression="tiff_lzw"),
    "TIFF, 15,800², CCITT": lambda: _plain("1", 15_800, "TIFF", compression="group4"),
    "WebP, 15,800², RGBA": lambda: _plain("RGBA", 15_800, "WEBP", lossless=True, method=0),
    "WebP, 7,500², RGBA": lambda: _plain("RGBA", 7_500, "WEBP", lossless=True, method=0),
    "JPEG, 15,800², CMYK": lambda: _plain("CMYK", 15_800, "JPEG"),
    "JPEG, 15,800², progressive": lambda: _plain("RGB", 15_800, "JPEG", progressive=True),
    "JPEG 2000, 15,800²": lambda: _plain("L", 15_800, "JPEG2000"),
    "JPEG 2000, 6,500², RGB": lambda: _plain("RGB", 6_500, "JPEG2000"),
    "GIF, 15,800²": lambda: _plain("P", 15_800, "GIF"),
    "AVIF, 7,500²": lambda: _plain("RGB", 7_500, "AVIF"),
    "BMP, 8,000²": lambda: _plain("RGB", 8_000, "BMP"),
}
"""The largest pictures that the limits in pixels and bytes let pass, of each kind."""

LARGEST_OF_VISITORS: dict[str, Callable[[], bytes]] = {
    "PNG, 8,100², RGB": lambda: png_of_zeros(8_100, 8_100),
    "PNG, 9,600², 16-bit grey": lambda: png_of_zeros(9_600, 9_600, bits=16, kind=0),
    "PNG, 7,600², RGBA, 16-bit": lambda: png_of_zeros(7_600, 7_600, bits=16, kind=6),
    "TIFF, 7,500², floats": lambda: _plain("F", 7_500, "TIFF", compression="tiff_lzw"),
    "WebP, 3,900², RGBA": lambda: _plain("RGBA", 3_900, "WEBP", lossless=True, method=0),
    "JPEG, 15,800², RGB": lambda: _plain("RGB", 15_800, "JPEG"),
    "JPEG 2000, 15,000²": lambda: _plain("L", 15_000, "JPEG2000"),
    "AVIF, 4,000²": lambda: _plain("RGB", 4_000, "AVIF"),
}
"""The same within the memory that a visitor's picture may take."""
