"""A folder of images, with or without a CSV file that says what they are."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from catalog.jobs import Failure
from catalog.record import ArtworkRecord
from ingest.readers.faults import ROW_FAULTS, row_failure, unread
from ingest.readers.files import OUTSIDE, AllowOutside, ImageFolder, absolute, printable
from ingest.readers.reader import Option, Reader, UnreadableSource
from ingest.readers.table import LABEL_COLUMNS, MetadataTable, find_table
from ingest.readers.text import clean, parse_year, title_from_name

Label = Literal["artist", "genre", "style", "school"]
"""Fields that the name of a folder may stand for."""


class FolderReader(Reader):
    """A folder of images, with or without a CSV that describes them.

    Reads image files at any depth, or those that a CSV file in the folder lists. A CSV is used when
    it has a column ``file`` and at least one of title, artist, genre, style, school, year, source.
    Columns besides these are kept with the artwork, and its ``source`` goes before the reader's.
    Without a CSV the title comes from the file's name, and hidden files are skipped.

    Args:
        label_from: ``("style", "artist")`` reads ``Cubism/Juan Gris/violin.jpg``.
    """

    name = "folder"

    def __init__(
        self,
        folder: Annotated[Path, Option("A folder of images, at any depth.")],
        *,
        source: Annotated[
            str | None, Option("Name of the source.", default="the folder's name")
        ] = None,
        table: Annotated[
            Path | None,
            Option(
                "The CSV that describes the images, with a column `file` and any of title, "
                "artist, genre, style, school, year, source.",
                flag="--csv",
                default="the one in the folder",
            ),
        ] = None,
        label_from: Annotated[
            Sequence[Label],
            Option(
                "What the names of subfolders stand for; repeat from the outermost inwards.",
            ),
        ] = (),
        allow_outside: AllowOutside = False,
    ) -> None:
        self.folder = absolute(folder)
        self._images = ImageFolder(folder, allow_outside=allow_outside)
        self.source = clean(source) or clean(self.folder.name) or "folder"
        self.label_from = tuple(label_from)
        self._table_path = table
        self._unlisted = 0

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The folder and how it is read."""
        return {
            "folder": str(self.folder),
            "source": self.source,
            "csv": str(self._table_path) if self._table_path else None,
            "label_from": list(self.label_from),
            "allow_outside": self._images.allow_outside,
        }

    @property
    def left_out(self) -> Mapping[str, int]:
        """Image files that the CSV does not list, and folders and tables that were not read."""
        unlisted = Counter({"image file that the CSV does not list": self._unlisted})
        return dict(+(unlisted + self._images.left_out))

    def read(self) -> Iterator[ArtworkRecord | Failure]:
        """Go through the CSV's rows, or through the image files by name."""
        if not self.folder.is_dir():
            raise UnreadableSource(f"{self.folder} is not a folder")
        files = self._images.files()
        table = find_table(self.folder, self._table_path, self._images.left_out)
        if table is not None:
            yield from self._read_table(table, files)
        elif files:
            for file in files:
                yield self._record(file, {})
        else:
            raise UnreadableSource(f"{self.folder} holds no image files and no CSV that lists any")

    def _read_table(
        self, table: MetadataTable, files: Sequence[str]
    ) -> Iterator[ArtworkRecord | Failure]:
        listed: set[tuple[str, str]] = set()
        for item in table.rows():
            if isinstance(item, Failure):
                yield item
                continue
            number, row = item
            file = (row.pop("file", "") or "").strip()
            place = f"{table.path.name}, row {number}"
            if not file:
                yield unread(place, "no file named")
                continue
            name = os.path.normpath(file)
            leads_out = Path(name).is_absolute() or Path(name).parts[:1] == ("..",)
            if leads_out and not self._images.allow_outside:
                yield unread(f"{place}: {file}", OUTSIDE)
                continue
            name = Path(name).as_posix()
            key = (clean(row.get("source")) or self.source, name)
            if key in listed:
                yield unread(f"{place}: {file}", "file listed twice")
                continue
            listed.add(key)
            yield self._record(name, row)
        names = {name for _, name in listed}
        self._unlisted = sum(1 for file in files if file not in names)

    def _record(self, file: str, row: Mapping[str, str]) -> ArtworkRecord | Failure:
        labels: dict[str, str] = dict(zip(self.label_from, Path(file).parts[:-1], strict=False))
        labels |= {name: row[name] for name in LABEL_COLUMNS if row.get(name, "").strip()}
        year, year_as_given = parse_year(labels.get("year"))
        extra = {name: value for name, value in row.items() if name not in LABEL_COLUMNS and value}
        if year_as_given is not None:
            extra["year"] = year_as_given
        try:
            location, sign = self._images.locate(file)
            return ArtworkRecord(
                source=clean(labels.get("source")) or self.source,
                source_id=file,
                title=clean(labels.get("title")) or title_from_name(Path(file).stem),
                artist=clean(labels.get("artist")),
                genre=clean(labels.get("genre")),
                style=clean(labels.get("style")),
                school=clean(labels.get("school")),
                year=year,
                file=file,
                image_location=location,
                image_signature=sign,
                extra=extra,
            )
        except ROW_FAULTS as error:
            return row_failure(printable(file), error)
