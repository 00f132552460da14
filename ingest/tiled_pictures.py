"""Large pictures as they are looked into: any part, at any size, without decoding the whole.

A picture is kept as tiles at its full size, at half of it, at a quarter and so on: one archive a
picture, of JPEGs that are given out as they are.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from PIL import Image

from embedders.atomic_file import atomic_file
from search.index.disk_space import ask_for_room

TILE = 512
"""Sides of a tile in pixels, but at the right and lower margin."""

QUALITY = 85

MOST_BYTES = 4 * 2**30
"""Of all tiles that are kept: a hundred pictures of a hundred megapixels."""

_SUFFIX = ".tiles"
_TYPICAL_BYTES = 0.4  # of a pixel, of all scales together
_RESAMPLING = Image.Resampling.LANCZOS

Size = tuple[int, int]
Box = tuple[float, float, float, float]
"""Left, top, right and lower side, in pixels."""


@dataclass(frozen=True)
class Part:
    """A part of a picture, and the size at which it is wanted.

    Args:
        left, top, width, height: in pixels of the whole picture, which it does not leave.
        size: width and height wanted, in pixels.
    """

    left: int
    top: int
    width: int
    height: int
    size: Size

    @property
    def scale(self) -> float:
        """Pixels of the whole picture to one that is wanted, along the finer side."""
        return min(self.width / self.size[0], self.height / self.size[1])

    def box(self, whole: Size, shown: Size) -> Box:
        """Return the part in pixels of a smaller version of the whole picture."""
        across, down = shown[0] / whole[0], shown[1] / whole[1]
        right, lower = self.left + self.width, self.top + self.height
        return (
            self.left * across,
            self.top * down,
            shown[0] if right == whole[0] else right * across,
            shown[1] if lower == whole[1] else lower * down,
        )


class LookedInto(Protocol):
    """A picture of which parts can be had."""

    @property
    def size(self) -> Size:
        """Width and height of the whole, in pixels."""
        ...

    def shows(self, part: Part) -> bool:
        """Tell whether it is large enough for a part."""
        ...

    def picture(self, part: Part) -> Image.Image:
        """Return a part as RGB."""
        ...

    def jpeg(self, part: Part) -> bytes:
        """Return a part as a JPEG."""
        ...


@dataclass(frozen=True)
class FlatPicture:
    """A picture in memory, which may be a smaller version of the one that it stands for."""

    shown: Image.Image
    size: Size

    def shows(self, part: Part) -> bool:
        return self.shown.size == self.size or part.scale * self.shown.width >= self.size[0]

    def picture(self, part: Part) -> Image.Image:
        box = part.box(self.size, self.shown.size)
        return self.shown.resize(part.size, _RESAMPLING, box=box, reducing_gap=3.0)

    def jpeg(self, part: Part) -> bytes:
        return encoded(self.picture(part))


@dataclass(frozen=True)
class TiledPicture:
    """A picture as an archive of tiles; reading raises OSError where it is gone or damaged."""

    path: Path

    @cached_property
    def levels(self) -> list[Size]:
        """Width and height at each scale, the largest first."""
        with zipfile.ZipFile(self.path) as archive:
            sizes = archive.comment.decode("ascii").split()
        return [(int(width), int(height)) for width, _, height in (s.partition("x") for s in sizes)]

    @property
    def size(self) -> Size:
        return self.levels[0]

    def shows(self, part: Part) -> bool:
        return True

    def picture(self, part: Part) -> Image.Image:
        level = self._level_for(part)
        box = self._box(part, level)
        left, top = int(box[0]) // TILE, int(box[1]) // TILE
        across, down = _count(box[2]) - left, _count(box[3]) - top
        x, y = left * TILE, top * TILE
        width, height = self.levels[level]
        # No more than the picture has: resampling looks beyond the box.
        laid = Image.new("RGB", (min(across * TILE, width - x), min(down * TILE, height - y)))
        places = [(column, row) for column in range(across) for row in range(down)]
        names = [_name(level, left + column, top + row) for column, row in places]
        for (column, row), tile in zip(places, self._read(names), strict=True):
            with Image.open(io.BytesIO(tile), formats=["JPEG"]) as opened:
                laid.paste(opened, (column * TILE, row * TILE))
        within = (box[0] - x, box[1] - y, box[2] - x, box[3] - y)
        return laid.resize(part.size, _RESAMPLING, box=within, reducing_gap=3.0)

    def jpeg(self, part: Part) -> bytes:
        for level, size in enumerate(self.levels):
            box = self._box(part, level)
            column, row = int(box[0]) // TILE, int(box[1]) // TILE
            if box == _tile_box(size, column, row) and part.size == _size(box):
                return self._read([_name(level, column, row)])[0]
        return encoded(self.picture(part))

    def _read(self, names: Sequence[str]) -> list[bytes]:
        try:
            with zipfile.ZipFile(self.path) as archive:
                return [archive.read(name) for name in names]
        except (KeyError, zipfile.BadZipFile) as error:
            self.path.unlink(missing_ok=True)  # so that it is made anew
            raise OSError(f"{self.path} is damaged") from error

    def _level_for(self, part: Part) -> int:
        """Return the smallest level that is fine enough for a part."""
        level = 0
        while level + 1 < len(self.levels) and 2 ** (level + 1) <= part.scale:
            level += 1
        return level

    def _box(self, part: Part, level: int) -> Box:
        """Return where a part lies in a level, whose sides are rounded up."""
        step = 2**level
        width, height = self.levels[level]
        right, lower = part.left + part.width, part.top + part.height
        return (
            part.left / step,
            part.top / step,
            width if right == self.size[0] else right / step,
            height if lower == self.size[1] else lower / step,
        )


class TileStore:
    """A folder of archives, by the SHA-256 of the image. What was not looked at longest goes first.

    Several processes may share it: an archive appears whole or not at all.

    Args:
        folder: made when it is first written to.
        most_bytes: of all archives together.
    """

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self.folder = folder
        self._most_bytes = most_bytes

    def path(self, sha256: str) -> Path:
        """Return where the tiles of an image lie, or would lie."""
        return self.folder / sha256[:2] / f"{sha256}{_SUFFIX}"

    def kept(self, sha256: str) -> TiledPicture | None:
        """Return the tiles of an image, where they are kept and whole."""
        path = self.path(sha256)
        try:
            found = TiledPicture(path)
            found.levels  # noqa: B018 - read now: a damaged archive is made anew
            path.touch()
        except (OSError, ValueError, zipfile.BadZipFile):
            return None
        return found

    def make(self, sha256: str, picture: Image.Image) -> TiledPicture:
        """Write the tiles of an RGB picture.

        Raises:
            DiskFull: there is no room for them.
            OSError: they cannot be written.
        """
        path = self.path(sha256)
        self.folder.mkdir(parents=True, exist_ok=True)
        ask_for_room(self.folder, int(picture.width * picture.height * _TYPICAL_BYTES))
        with (
            atomic_file(path) as unfinished,
            zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive,
        ):
            sizes = []
            for level, scaled in enumerate(_halved(picture)):
                sizes.append(f"{scaled.width}x{scaled.height}")
                for column in range(_count(scaled.width)):
                    for row in range(_count(scaled.height)):
                        box = _tile_box(scaled.size, column, row)
                        archive.writestr(_name(level, column, row), encoded(scaled.crop(box)))
            archive.comment = " ".join(sizes).encode("ascii")
        self._make_room()
        return TiledPicture(path)

    def _make_room(self) -> None:
        """Remove archives beyond the limit; the newest always stays."""
        found = []
        for path in self.folder.glob(f"*/*{_SUFFIX}"):
            with suppress(OSError):  # another process was faster
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        excess = sum(size for _, size, _ in found) - self._most_bytes
        for _, size, path in sorted(found)[:-1]:
            if excess <= 0:
                return
            path.unlink(missing_ok=True)
            excess -= size


def encoded(picture: Image.Image) -> bytes:
    """Return an RGB picture as a JPEG."""
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


def scale_factors(size: Size) -> list[int]:
    """Return by how much a picture is shrunk at each of its scales, until it is one tile."""
    factors = [1]
    while max(size) > TILE * factors[-1]:
        factors.append(2 * factors[-1])
    return factors


def _halved(picture: Image.Image) -> Iterator[Image.Image]:
    for _ in scale_factors(picture.size):
        yield picture
        picture = picture.reduce(2)


def _tile_box(size: Size, column: int, row: int) -> Box:
    left, top = column * TILE, row * TILE
    return left, top, min(left + TILE, size[0]), min(top + TILE, size[1])


def _size(box: Box) -> Size:
    return round(box[2] - box[0]), round(box[3] - box[1])


def _count(pixels: float) -> int:
    return -int(-pixels // TILE)


def _name(level: int, column: int, row: int) -> str:
    return f"{level}/{column}-{row}"
