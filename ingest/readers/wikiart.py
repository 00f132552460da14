"""The WikiArt data sets: folders of styles, or one folder with a table of its pieces."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Any
from urllib.parse import unquote

from catalog.jobs import Failure
from catalog.record import ArtworkRecord
from ingest.readers.faults import ROW_FAULTS, row_failure, unread
from ingest.readers.files import AllowOutside, ImageFolder, absolute, printable
from ingest.readers.mojibake import NameIndex, repaired
from ingest.readers.reader import Option, Reader, UnreadableSource
from ingest.readers.table import MetadataTable, with_columns
from ingest.readers.text import NOTHING, clean, title_from_name
from ingest.readers.wikiart_lists import WikiArtLists, read_lists, readable

PIECES = "wikiart_art_pieces.csv"
PIECES_COLUMNS = ("artist", "style", "genre", "file_name")

_YEAR = re.compile(r"-(?P<year>1\d{3}|20\d{2})(?:-\d{1,2})?$")
_COPY = re.compile(r"\s*\(\d+\)$")
_PARTICLES = re.compile(
    "af|da|de|degli|del|della|den|der|des|di|do|dos|du|e|el|la|le|of|ten|ter|the|und|van|vom|von|y|zu"
)


class WikiArtReader(Reader):
    """WikiArt: folders `Style/artist_title-year.jpg` with or without their lists, or one folder.

    Of folders of styles, all images are read; lists (``genre_train.csv``, ``genre_class.txt`` and
    so on) add the genre and the spelling of the artist. One folder is described by its
    ``wikiart_art_pieces.csv``. Names that suffered on their way (mojibake) are found all the same:
    a work's id is its file's name as it was meant, so that it is the same on every disk.
    """

    name = "wikiart"

    def __init__(
        self,
        folder: Annotated[Path, Option(f"Folders of styles, or a folder with {PIECES}.")],
        *,
        lists: Annotated[
            Path | None,
            Option("Where the list files lie.", default="in the folder itself"),
        ] = None,
        allow_outside: AllowOutside = False,
    ) -> None:
        self.folder = absolute(folder)
        self._images = ImageFolder(folder, allow_outside=allow_outside)
        self.lists = absolute(lists) if lists is not None else None
        self._left_out: Counter[str] = Counter()

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The folder, and where its lists are."""
        return {
            "folder": str(self.folder),
            "lists": str(self.lists) if self.lists else None,
            "allow_outside": self._images.allow_outside,
        }

    @property
    def left_out(self) -> Mapping[str, int]:
        """Image files that the table of pieces does not list, and linked folders."""
        return dict(+(self._left_out + self._images.left_out))

    def read(self) -> Iterator[ArtworkRecord | Failure]:
        """Go through the images by name, or through the table of pieces."""
        self._left_out.clear()
        for folder in (self.folder, self.lists):
            if folder is not None and not folder.is_dir():
                raise UnreadableSource(f"{folder} is not a folder")
        files = self._images.files()
        pieces = self.folder / PIECES
        if pieces.is_file():
            yield from self._read_pieces(with_columns(pieces, PIECES_COLUMNS), files)
        else:
            yield from self._read_styles(files)

    def _read_styles(self, files: list[str]) -> Iterator[ArtworkRecord | Failure]:
        in_styles = [file for file in files if "/" in file]
        lists = read_lists(self.lists or self.folder)
        if not in_styles and not lists.written:
            raise UnreadableSource(
                f"{self.folder} holds neither folders of styles with images in them, nor {PIECES}"
            )
        if len(files) > len(in_styles):
            self._left_out["image file outside the folders of styles"] = len(files) - len(in_styles)
        yield from lists.failures
        meant = _meant(in_styles, lists)
        seen: set[str] = set()
        for file in in_styles:
            name = meant.get(file) or repaired(file)
            if name in seen:
                yield unread(printable(file), "the same name twice")
                continue
            seen.add(name)
            yield self._record(name, file, self._of_style(name, lists))
        for name, written in lists.written.items():
            if name not in seen:
                yield unread(written, "listed, but not in the folder")

    def _of_style(self, name: str, lists: WikiArtLists) -> dict[str, Any]:
        path = PurePosixPath(name)
        slug, separator, title = path.stem.partition("_")
        style = readable(path.parts[-2])
        listed_style = lists.label("style", name)
        return {
            **_titled(title if separator else slug),
            "artist": lists.label("artist", name) or (_name_of(slug) if separator else None),
            "style": style,
            "genre": lists.label("genre", name),
            "extra": {"style_class": listed_style if listed_style != style else None},
        }

    def _read_pieces(
        self, table: MetadataTable, files: list[str]
    ) -> Iterator[ArtworkRecord | Failure]:
        places = {PurePosixPath(file).name: file for file in reversed(files)}
        on_disk = NameIndex(places)
        seen: set[str] = set()
        used: set[str] = set()
        for read in table.rows():
            if isinstance(read, Failure):
                yield read
                continue
            number, row = read
            place = f"{table.path.name}, row {number}"
            listed = clean(row.get("file_name"))
            if listed is None:
                yield unread(place, "no file named")
                continue
            name = repaired(PurePosixPath(listed.replace("\\", "/")).name)
            item = f"{place}: {listed}"
            if name in seen:
                yield unread(item, "file listed twice")
                continue
            seen.add(name)
            found = on_disk.find(name)
            if found is None:
                yield unread(item, "listed, but not in the folder", row.get("img", ""))
                continue
            used.add(found)
            yield self._record(name, places[found], _of_piece(name, row))
        unlisted = len(places) - len(used)
        if unlisted:
            self._left_out["image file that the table does not list"] = unlisted

    def _record(self, name: str, file: str, labels: Mapping[str, Any]) -> ArtworkRecord | Failure:
        extra = {
            **labels["extra"],
            "name_on_disk": file if PurePosixPath(file).name != PurePosixPath(name).name else None,
        }
        try:
            location, sign = self._images.locate(file)
            return ArtworkRecord(
                source=self.name,
                source_id=name,
                title=labels["title"],
                artist=labels["artist"],
                genre=labels["genre"],
                style=labels["style"],
                year=labels["year"],
                file=name,
                image_location=location,
                image_signature=sign,
                extra={key: value for key, value in extra.items() if value not in NOTHING},
            )
        except ROW_FAULTS as error:
            return row_failure(printable(file), error)


def _meant(files: list[str], lists: WikiArtLists) -> dict[str, str]:
    """Return file on the disk -> repaired name, of those that the lists name."""
    on_disk = NameIndex(files)
    meant = {written: name for name, written in lists.written.items() if written in on_disk}
    for name, written in lists.written.items():
        # A file that is listed under its very name is not what another name means.
        if written not in meant and (found := on_disk.find(written)) is not None:
            meant.setdefault(found, name)
    return meant


def _of_piece(name: str, row: Mapping[str, str]) -> dict[str, Any]:
    address = unquote(row.get("url", "")).rstrip("/")
    slug = address.rpartition("/")[2] or PurePosixPath(name).stem.rpartition("_")[2]
    used = {"artist", "style", "genre", "file_name"}
    return {
        **_titled(slug),
        **{field: clean(row.get(field)) for field in ("artist", "style", "genre")},
        "extra": {column: value for column, value in row.items() if column not in used},
    }


def _titled(slug: str) -> dict[str, Any]:
    """Return title and year of ``water-lilies-1906`` or ``untitled-1958-1(2)``."""
    bare = _COPY.sub("", slug)
    found = _YEAR.search(bare)
    title = (
        title_from_name(_YEAR.sub("", bare)) if found and found.start() else title_from_name(bare)
    )
    return {"title": title[:1].upper() + title[1:], "year": int(found["year"]) if found else None}


def _name_of(slug: str) -> str | None:
    """Return the artist of ``vincent-van-gogh``; particles stay small, as most painters write."""
    words = slug.replace("-", " ").split()
    named = [
        word if number and _PARTICLES.fullmatch(word) else word[:1].upper() + word[1:]
        for number, word in enumerate(words)
    ]
    return clean(" ".join(named))
