"""A folder of images, with or without a CSV file that says what they are."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from catalog.jobs import Failure
from catalog.record import ArtworkRecord, InvalidRecord
from ingest.readers.reader import UnreadableSource
from ingest.readers.table import LABEL_COLUMNS, MetadataTable, find_table
from ingest.readers.text import clean, parse_year, title_from_name

IMAGE_SUFFIXES = frozenset(
    {".avif", ".bmp", ".gif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg"}
    | {".png", ".ppm", ".tif", ".tiff", ".webp"}
)


class FolderReader:
    """Reads image files at any depth, or those that a CSV file in the folder lists.

    A CSV is used when it has a column ``file`` and at least one of title, artist, genre, style,
    school, year, source. Columns besides these are kept with the artwork. Without a CSV the title
    comes from the file's name, and hidden files are passed over.

    Args:
        folder: the folder to read.
        source: name of the source; the folder's own name by default. A CSV's column ``source``
            goes before it.
        table: the CSV to use, where the folder has several.
        label_from: fields that the names of subfolders stand for, from the outermost inwards:
            ``("style", "artist")`` reads ``Cubism/Juan Gris/violin.jpg``.
    """

    name = "folder"

    def __init__(
        self,
        folder: Path,
        *,
        source: str | None = None,
        table: Path | None = None,
        label_from: Sequence[str] = (),
    ) -> None:
        self.folder = Path(os.path.abspath(folder))  # noqa: PTH100 - links are not followed
        self.source = clean(source) or clean(self.folder.name) or "folder"
        self.label_from = tuple(label_from)
        self._table_path = table
        self.unlisted: int = 0
        """Image files that the CSV does not list, known once the source has been read."""

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The folder and how it is read."""
        return {
            "folder": str(self.folder),
            "source": self.source,
            "csv": str(self._table_path) if self._table_path else None,
            "label_from": list(self.label_from),
        }

    def read(self) -> Iterator[ArtworkRecord | Failure]:
        """Go through the CSV's rows, or through the image files by name."""
        if not self.folder.is_dir():
            raise UnreadableSource(f"{self.folder} is not a folder")
        table = find_table(self.folder, self._table_path)
        files = list(_image_files(self.folder))
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
        for number, row in table.rows():
            file = (row.pop("file", "") or "").strip()
            place = f"{table.path.name}, row {number}"
            if not file:
                yield Failure(item=place, stage="read", reason="no file named")
                continue
            name = os.path.normpath(file)
            if Path(name).is_absolute() or name.startswith(".."):
                yield Failure(
                    item=f"{place}: {file}", stage="read", reason="file outside the folder"
                )
                continue
            name = Path(name).as_posix()
            key = (clean(row.get("source")) or self.source, name)
            if key in listed:
                yield Failure(item=f"{place}: {file}", stage="read", reason="file listed twice")
                continue
            listed.add(key)
            yield self._record(name, row)
        names = {name for _, name in listed}
        self.unlisted = sum(1 for file in files if file not in names)

    def _record(self, file: str, row: Mapping[str, str]) -> ArtworkRecord | Failure:
        labels = dict(zip(self.label_from, Path(file).parts[:-1], strict=False))
        labels |= {name: row[name] for name in LABEL_COLUMNS if row.get(name, "").strip()}
        year, year_as_given = parse_year(labels.get("year"))
        extra = {name: value for name, value in row.items() if name not in LABEL_COLUMNS and value}
        if year_as_given is not None:
            extra["year"] = year_as_given
        path = self.folder / file
        try:
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
                image_location=str(path),
                image_signature=_signature(path),
                extra=extra,
            )
        except InvalidRecord as error:
            item = file.encode(errors="replace").decode()
            return Failure(item=item, stage="read", reason=re.sub(r"\s+", " ", str(error)))


def _image_files(folder: Path) -> Iterator[str]:
    """Go through the image files below a folder, as POSIX paths relative to it, by name."""
    for current, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and Path(name).suffix.lower() in IMAGE_SUFFIXES:
                yield (Path(current) / name).relative_to(folder).as_posix()


def _signature(path: Path) -> str | None:
    """Return a sign that changes whenever the file does; ``None`` where it cannot be looked at."""
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return None
    return f"{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ctime_ns}"
