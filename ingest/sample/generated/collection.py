"""The generated sample written down as a folder: JPEG files, and a table of what they are."""

import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from embedders.atomic_file import atomic_file
from ingest.sample.generated.painters import PAINTERS, Painter
from ingest.sample.generated.picture import Picture, Pixels, Size
from ingest.sample.generated.sheet import to_image
from ingest.sample.table import write_table

WORKS = 300
LONG_SIDE = 600  # pixels
SOURCE = "Generated sample"
NOTE = "drawn by Vasari, not a museum's work"
COLUMNS = ("file", "title", "artist", "genre", "style", "school", "year", "source", "note")

_JPEG_QUALITY = 90
_EDITION = 1  # to be raised when the drawing changes: kept folders are then drawn anew
_NUMERALS = ("", " II", " III", " IV", " V", " VI")


@dataclass(frozen=True)
class GeneratedWork:
    """One work of the sample before it is painted: who paints it, and which of theirs it is."""

    painter: Painter
    number: int
    file: str

    def paint(self, seed: int) -> Picture:
        """Paint the work. The same seed gives the same pixels, whatever else is painted."""
        chance = np.random.default_rng([*self._key, seed])
        picture = self.painter.hand.paint(self.size, self.number, chance)
        return Picture(np.clip(picture.pixels, 0, 1), picture.title, picture.genre)

    def year(self, seed: int) -> int:
        """When it was painted: later works later, none outside the painter's years."""
        first, last = self.painter.years
        chance = np.random.default_rng([*self._key, seed, 1])
        share = (self.number % 10 + chance.random()) / 10
        return int(first + share * (last - first + 1))

    @property
    def size(self) -> Size:
        """Width and height in pixels, the longer side :data:`LONG_SIDE`."""
        ratio = self.painter.formats[self.number % len(self.painter.formats)]
        if ratio >= 1:
            return LONG_SIDE, round(LONG_SIDE / ratio)
        return round(LONG_SIDE * ratio), LONG_SIDE

    @property
    def _key(self) -> tuple[int, int]:
        # Keyed by name, not by place in the list: a painter added later changes nobody's works.
        return zlib.crc32(self.painter.name.encode()), self.number


def plan(works: int = WORKS) -> Iterator[GeneratedWork]:
    """The works in order: one of every painter, then a second of every painter, and so on."""
    for index in range(works):
        number, place = divmod(index, len(PAINTERS))
        yield GeneratedWork(PAINTERS[place], number, f"{place + 1:02d}-{number + 1:02d}.jpg")


def draw_collection(
    folder: Path,
    *,
    seed: int = 1550,
    on_progress: Callable[[int, int], None] | None = None,
    works: int | None = None,
) -> Path:
    """Paint the generated sample into ``folder`` and return the path of its ``works.csv``.

    ``works`` is how many (:data:`WORKS` by default), ``on_progress`` is called with (done, total)
    after each. The same seed gives the same pictures and the same table. Pictures that are there
    already are kept, so an interrupted drawing goes on where it stopped; the table is written
    last, and a folder that is complete is left as it is.

    Each file appears whole or not at all: it is written under another name and then renamed.
    """
    total = WORKS if works is None else works
    folder.mkdir(parents=True, exist_ok=True)
    table, stamp = folder / "works.csv", folder / f".drawn-{seed}-{_EDITION}-{total}"
    if stamp.exists() and table.exists() and all((folder / w.file).exists() for w in plan(total)):
        if on_progress:
            on_progress(total, total)
        return table
    _forget_other_seeds(folder, seed)
    for old in folder.glob(".drawn-*"):
        old.unlink()
    rows: list[dict[str, str | int]] = []
    titles: Counter[tuple[str, str]] = Counter()
    for done, work in enumerate(plan(total), start=1):
        title, genre = _painted(work, folder, seed)
        repeats = titles[work.painter.name, title]
        titles[work.painter.name, title] += 1
        rows.append(
            {
                "file": work.file,
                "title": title + _NUMERALS[min(repeats, len(_NUMERALS) - 1)],
                "artist": work.painter.name,
                "genre": genre,
                "style": work.painter.hand.style,
                "school": work.painter.school,
                "year": work.year(seed),
                "source": SOURCE,
                "note": NOTE,
            }
        )
        if on_progress:
            on_progress(done, total)
    write_table(folder, COLUMNS, rows)
    stamp.touch()
    return table


def _painted(work: GeneratedWork, folder: Path, seed: int) -> tuple[str, str]:
    """Paint a work unless it is there; its title and genre, which travel in the JPEG's comment."""
    target = folder / work.file
    if known := _label(target):
        return known
    picture = work.paint(seed)
    label = f"{picture.title}\n{picture.genre}".encode()
    with atomic_file(target) as unfinished:
        _photographed(picture.pixels).save(
            unfinished, "JPEG", quality=_JPEG_QUALITY, optimize=True, comment=label
        )
    return picture.title, picture.genre


def _label(target: Path) -> tuple[str, str] | None:
    """Title and genre of a picture that this module wrote earlier; None where there is none."""
    try:
        with Image.open(target) as image:
            title, _, genre = image.info["comment"].decode().partition("\n")
    except (OSError, KeyError, UnicodeDecodeError):  # not there, or not ours
        return None
    return title, genre


def _photographed(pixels: Pixels) -> Image.Image:
    """The 8-bit picture, a touch sharpened as a reproduction is."""
    return to_image(pixels).filter(ImageFilter.UnsharpMask(radius=1.2, percent=35, threshold=2))


def _forget_other_seeds(folder: Path, seed: int) -> None:
    """Remove pictures of another seed: half of one drawing and half of another fit no table."""
    mark = folder / f".seed-{seed}-{_EDITION}"
    if mark.exists():
        return
    for old in folder.glob(".seed-*"):
        old.unlink()
    for work in plan(len(PAINTERS) * 100):
        (folder / work.file).unlink(missing_ok=True)
    mark.touch()
