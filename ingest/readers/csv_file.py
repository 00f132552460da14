"""A table of works with a column of image files or addresses."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote

from catalog.jobs import Failure
from catalog.record import ArtworkRecord, InvalidRecord
from ingest.readers.distinct import distinct
from ingest.readers.faults import ROW_FAULTS, row_failure, unread
from ingest.readers.files import AllowOutside, ImageFolder, absolute, require_regular_file
from ingest.readers.parquet import ParquetTable, is_parquet
from ingest.readers.reader import Option, Reader, UnreadableSource
from ingest.readers.table import Table, named, open_csv
from ingest.readers.text import NOTHING, clean, parse_year, title_from_name
from ingest.web_address import without_signature

FIELDS = ("image", "id", "title", "artist", "genre", "style", "school", "year", "source")

IMAGE_COLUMNS = ("image", "file", "file_name", "filename", "image_path", "path", "image_url", "img")
"""Names of a column of images that need no mapping, the likeliest first."""


class CsvReader(Reader):
    """Any CSV or Parquet with a column of image files or addresses.

    Columns called like a field are read as it, others are given by ``map`` or kept with the
    artwork. A work's id is that of the column ``id``, or else the image as the table has it, but
    for the signature of an address: that is another one in every export.
    """

    name = "csv"

    def __init__(
        self,
        file: Annotated[Path, Option("A CSV, however delimited, or a Parquet file.")],
        *,
        map: Annotated[
            Mapping[str, str] | None,
            Option(
                "FIELD=COLUMN, such as title=Titel; repeat for several. "
                f"The fields are {', '.join(FIELDS)}.",
                default="columns called like the fields",
            ),
        ] = None,
        source: Annotated[
            str | None,
            Option("Name of the source.", default="a column `source`, or the file's name"),
        ] = None,
        images: Annotated[
            Path | None,
            Option(
                "The folder of the images, which relative paths begin at.",
                default="the file's folder",
            ),
        ] = None,
        allow_outside: AllowOutside = False,
    ) -> None:
        self.file = absolute(file)
        self.images = ImageFolder(images or self.file.parent, allow_outside=allow_outside)
        self.source = clean(source) or clean(self.file.stem) or "csv"
        self._source_is_given = clean(source) is not None
        self.map = {name.strip().lower(): column for name, column in (map or {}).items()}
        unknown = [name for name in self.map if name not in FIELDS]
        if unknown:
            raise UnreadableSource(
                f"no field is called {unknown[0]!r}; the fields are {', '.join(FIELDS)}. "
                "A mapping is written FIELD=COLUMN"
            )

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The file and how it is read."""
        return {
            "file": str(self.file),
            "map": dict(self.map),
            "source": self.source if self._source_is_given else None,
            "images": str(self.images.path),
            "allow_outside": self.images.allow_outside,
        }

    def read(self) -> Iterator[ArtworkRecord | Failure]:
        """Go through the rows."""
        table = self._open()
        columns = self._columns(table)
        yield from distinct(
            item
            if isinstance(item, Failure)
            else self._record(f"{self.file.name}, row {item[0]}", item[1], columns)
            for item in table.rows()
        )

    def _open(self) -> Table:
        require_regular_file(self.file)
        try:
            if is_parquet(self.file):
                return ParquetTable(self.file)
        except OSError as error:
            raise UnreadableSource(f"{self.file} cannot be read: {error.strerror}") from error
        table = open_csv(self.file)
        if table is None:
            raise UnreadableSource(f"{self.file} is empty")
        return table

    def _columns(self, table: Table) -> dict[str, str]:
        """Return field -> column for all fields that the table has."""
        columns = {name: name for name in FIELDS if name in table.columns}
        if self._source_is_given:
            columns.pop("source", None)
        for name, column in self.map.items():
            columns[name] = column.strip().lower()
            if columns[name] not in table.columns:
                raise UnreadableSource(
                    f"{self.file} has no column {column!r}. It has {named(table.columns)}"
                )
        if "image" not in columns:
            fitting = [name for name in IMAGE_COLUMNS if name in table.columns]
            if not fitting:
                raise UnreadableSource(
                    f"which column of {self.file} has the image files or addresses? "
                    f"Say --map image=COLUMN. It has {named(table.columns)}"
                )
            columns["image"] = fitting[0]
        return columns

    def _record(
        self, place: str, row: Mapping[str, Any], columns: Mapping[str, str]
    ) -> ArtworkRecord | Failure:
        fields = {name: _text(row.get(column)) for name, column in columns.items()}
        image = fields.get("image")
        if image is None:
            return unread(place, "no image named")
        if isinstance(row[columns["image"]], dict):
            return unread(place, "the image is in the table itself: write it to a file first")
        try:
            location, sign = self._locate(image)
            known_as = _unsigned(image)
            year, year_as_given = parse_year(fields.get("year"))
            read = set(columns.values())
            extra = {
                name: _unsigned(value)
                for name, value in row.items()
                if name not in read and value not in NOTHING
            }
            if year_as_given is not None:
                extra["year"] = year_as_given
            return ArtworkRecord(
                source=fields.get("source") or self.source,
                source_id=fields.get("id") or known_as,
                title=fields.get("title") or title_from_name(_stem(image)),
                artist=fields.get("artist"),
                genre=fields.get("genre"),
                style=fields.get("style"),
                school=fields.get("school"),
                year=year,
                file=known_as,
                image_location=location,
                image_signature=sign,
                extra=extra,
            )
        except ROW_FAULTS as error:
            return row_failure(f"{place}: {image}", error)

    def _locate(self, image: str) -> tuple[str, str | None]:
        """Return where an image is, and the sign by which a change of it is seen."""
        scheme, separator, rest = image.partition("://")
        if separator and scheme.lower() in {"http", "https"}:
            return image, None
        if separator and scheme.lower() != "file":
            raise InvalidRecord(f"neither a file nor an address of the web: {scheme}://")
        file = unquote("/" + rest.partition("/")[2]) if separator else image
        return self.images.locate(file)


def _text(value: Any) -> str | None:
    """Return a cell of one column as text; a list, as Parquet files have, item by item."""
    if isinstance(value, list):
        return clean(", ".join(str(item) for item in value if item not in NOTHING))
    return clean(str(value)) if value is not None else None


def _unsigned(value: Any) -> Any:
    """Return a cell, without the signature of a web address."""
    is_address = isinstance(value, str) and value.lower().startswith(("http://", "https://"))
    return without_signature(value) if is_address else value


def _stem(image: str) -> str:
    is_address = "://" in image
    return Path(unquote(re.split("[?#]", image)[0]) if is_address else image).stem
