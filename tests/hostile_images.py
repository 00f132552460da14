"""A folder with everything that goes wrong with image files, and what must become of each."""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from tests.pictures import draw


@dataclass(frozen=True)
class HostileFolder:
    """What lies in the folder: files that go in, and files that fail, with stage and reason."""

    good: tuple[str, ...]
    failing: dict[str, tuple[str, str]]


def write_hostile_folder(folder: Path) -> HostileFolder:
    """Write the folder. Reasons are those of a root user too: no file is only forbidden."""
    folder.mkdir()
    draw(1).save(folder / "plain.jpg")
    draw(2).convert("P", palette=Image.Palette.ADAPTIVE).save(folder / "palette.png")
    transparent = draw(3).convert("RGBA")
    transparent.putalpha(Image.linear_gradient("L").resize(transparent.size))
    transparent.save(folder / "rgba.png")
    sixteen = np.asarray(draw(4).convert("L")).astype(np.uint16) * 257
    Image.fromarray(sixteen).save(folder / "sixteen-bit.tif")
    draw(5).convert("CMYK").save(folder / "cmyk.jpg")
    frames = [draw(6), draw(7), draw(8)]
    frames[0].save(folder / "animated.gif", save_all=True, append_images=frames[1:])
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    draw(9).save(folder / "rotated.jpg", exif=exif)
    draw(10).save(folder / "line\nbreak.jpg")
    draw(11).save(folder / "twin-a.png")
    draw(11).save(folder / "twin-b.png")
    good = tuple(path.name for path in sorted(folder.iterdir()))

    (folder / "empty.jpg").touch()
    (folder / "text.jpg").write_text("Dear museum, please find attached")
    data = (folder / "plain.jpg").read_bytes()
    (folder / "truncated.jpg").write_bytes(data[: len(data) // 2])
    (folder / "bomb.png").write_bytes(huge_png(30_000))
    (folder / "dangling.jpg").symlink_to(folder / "nowhere.jpg")
    (folder / "loop.jpg").symlink_to(folder / "loop.jpg")
    failing = {
        "empty.jpg": ("fetch", "empty file"),
        "text.jpg": ("decode", "not an image"),
        "truncated.jpg": ("decode", "truncated image"),
        "bomb.png": ("decode", "too many pixels"),
        "dangling.jpg": ("fetch", "file not found"),
        "loop.jpg": ("fetch", "unreadable file"),
    }
    return HostileFolder(good, failing)


def huge_png(side: int) -> bytes:
    """Return a PNG of side × side black pixels, one bit each, that packs to a few kilobytes."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    packed = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    data = b"".join(packed.compress(row) for _ in range(side)) + packed.flush()
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", data)
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
