"""The open data of the National Gallery of Art, Washington."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from catalog.jobs import Failure
from catalog.record import ArtworkRecord, InvalidRecord, Maker
from ingest.readers.attribution import qualified, split_attribution
from ingest.readers.faults import ROW_FAULTS, row_failure, unread
from ingest.readers.files import AllowOutside, ImageFolder, absolute
from ingest.readers.nga_export import ANY, NgaExport, NgaObject, Row
from ingest.readers.nga_tables import TABLES_URL, fetch_tables
from ingest.readers.reader import Option, Reader, UnreadableSource
from ingest.readers.text import NOTHING, clean, parse_year, without_tags

LONGEST_LIFE = 110

_READ_COLUMNS = frozenset({"title", "beginyear", "endyear"})
"""Columns of an object that become fields of the record; all others are kept beside them."""


class NgaReader(Reader):
    """Open data of the National Gallery of Art, Washington, as the museum publishes it.

    Objects of one classification that have a primary image. Genre and style are the museum's own
    themes and styles for browsing, or else the terms of these types; of several, the first by
    alphabet, since the catalog has one, and all are kept with the artwork. The artist is the first
    of the object's artists, or what its attribution names, without what qualifies it. The year is
    the first of the museum's span.
    """

    name = "nga"

    def __init__(
        self,
        *,
        data: Annotated[
            Path | None,
            Option("The folder of the museum's CSV files.", default="they are fetched"),
        ] = None,
        images: Annotated[
            Path | None,
            Option(
                "A folder of images named by the image's uuid, the object's id or its accession "
                "number.",
                default="the museum's image server",
            ),
        ] = None,
        classification: Annotated[
            str, Option(f"Which kind of object; `{ANY}` takes all.")
        ] = "painting",
        open_access_only: Annotated[
            bool,
            Option(
                "Only images that may be downloaded freely, or all that are published.",
                flag="--open-access-only/--all-images",
            ),
        ] = True,
        size: Annotated[
            int, Option("Longest side in pixels of an image from the museum's server.")
        ] = 1024,
        cache: Annotated[
            Path | None, Option("Where fetched tables are kept.", default="~/.cache/vasari/nga")
        ] = None,
        tables_url: Annotated[str, Option("Where the tables are fetched from.")] = TABLES_URL,
        allow_outside: AllowOutside = False,
    ) -> None:
        if size < 1:
            raise UnreadableSource(f"an image of {size} pixels cannot be asked for; --size 1024")
        self.data = absolute(data) if data is not None else None
        self.images = (
            ImageFolder(images, allow_outside=allow_outside) if images is not None else None
        )
        self.allow_outside = allow_outside
        self.classification = classification.strip()
        self.open_access_only = open_access_only
        self.size = size
        self.cache = absolute(cache) if cache is not None else None
        self.tables_url = tables_url
        self._left_out: Counter[str] = Counter()
        self._report: Callable[[str], None] = lambda _: None

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What is read, and which part of it."""
        return {
            "data": str(self.data) if self.data else None,
            "images": str(self.images.path) if self.images else None,
            "classification": self.classification,
            "open_access_only": self.open_access_only,
            "size": self.size,
            "cache": str(self.cache) if self.cache else None,
            "tables_url": self.tables_url,
            "allow_outside": self.allow_outside,
        }

    @property
    def left_out(self) -> Mapping[str, int]:
        """Objects without the image that was asked for, other objects, images of no object."""
        return dict(self._left_out)

    def report_to(self, report: Callable[[str], None]) -> None:
        """Hear which tables are fetched."""
        self._report = report

    def read(self) -> Iterator[ArtworkRecord | Failure]:
        """Go through the objects in the order of the export."""
        self._left_out.clear()
        export = NgaExport(self.data or self._fetched())
        if self.open_access_only and not export.says_what_is_open:
            raise UnreadableSource(
                "published_images.csv has no column openaccess, so it does not say which images "
                "may be downloaded freely. --all-images takes all that are published"
            )
        files = self._image_files()
        seen: dict[str, int] = {}
        for item in export.objects(self.classification):
            if isinstance(item, Failure):
                yield item
            elif (outcome := self._outcome(item, files, seen)) is not None:
                yield outcome
        self._count_what_is_not_an_object(export)

    def _fetched(self) -> Path:
        folder = self.cache or Path.home() / ".cache" / "vasari" / "nga"
        fetch_tables(folder, base_url=self.tables_url, report=self._report)
        return folder

    def _outcome(
        self, item: NgaObject, files: Mapping[str, str] | None, seen: dict[str, int]
    ) -> ArtworkRecord | Failure | None:
        object_id = item.row.get("objectid", "")
        title = clean(item.row.get("title")) or "without title"
        if not object_id:
            return unread(title, "object without an id")
        content = hash(frozenset(item.row.items()))
        if object_id in seen:
            if seen[object_id] != content:
                where = f"object {object_id}: {title}"
                return unread(where, "object listed twice, with different facts")
            self._left_out["the same object again"] += 1
            return None
        seen[object_id] = content
        image = self._image(item.images)
        return None if image is None else self._record(item, image, files)

    def _image(self, images: Sequence[Row]) -> Row | None:
        """Return the image to show of an object's primary ones; ``None`` is counted as left out."""
        if not images:
            self._left_out["object without a primary image"] += 1
            return None
        if self.open_access_only:
            images = [image for image in images if image.get("openaccess") in {"1", "1.0"}]
            if not images:
                self._left_out["object whose image is not open access"] += 1
                return None
        return min(
            images, key=lambda image: (_integer(image.get("sequence")), image.get("uuid", ""))
        )

    def _record(
        self, item: NgaObject, image: Row, files: Mapping[str, str] | None
    ) -> ArtworkRecord | Failure:
        row = item.row
        where = f"object {row['objectid']}: {clean(row.get('title')) or 'without title'}"
        try:
            location, sign = self._locate(row, image, files)
            year, year_as_given = parse_year(row.get("beginyear") or row.get("displaydate"))
            last_year, _ = parse_year(row.get("endyear"))
            artist, qualifier = _artist(item)
            maker = _maker(item, artist)
            terms = _terms(item.terms)
            genres = terms.pop("visualbrowsertheme", None) or terms.get("Theme", [])
            styles = terms.pop("visualbrowserstyle", None) or terms.get("Style", [])
            extra = {
                **{name: value for name, value in row.items() if name not in _READ_COLUMNS},
                "artist_qualifier": qualifier,
                "year_end": last_year if last_year != year else None,
                "year_as_given": year_as_given if row.get("beginyear") else None,
                "genres": genres if len(genres) > 1 else None,
                "styles": styles if len(styles) > 1 else None,
                "terms": terms,
                "constituents": [dict(person) for person in item.constituents],
                "image": dict(image),
            }
            return ArtworkRecord(
                source=self.name,
                source_id=row["objectid"],
                title=clean(without_tags(row.get("title", ""))) or _nameless(row),
                artist=artist,
                genre=genres[0] if genres else None,
                style=styles[0] if styles else None,
                school=next(iter(terms.get("School", [])), None),
                year=year,
                maker=maker,
                file=f"{image.get('uuid') or row['objectid']}.jpg",
                image_location=location,
                image_signature=sign,
                extra={name: value for name, value in extra.items() if value not in NOTHING},
            )
        except ROW_FAULTS as error:
            return row_failure(where, error)

    def _locate(
        self, row: Row, image: Row, files: Mapping[str, str] | None
    ) -> tuple[str, str | None]:
        """Return where an image is, and the sign by which a change of it is seen."""
        if files is not None and self.images is not None:
            names = (image.get("uuid", ""), row["objectid"], row.get("accessionnum", ""))
            found = next((files[name] for name in names if name in files), None)
            if found is None:
                raise InvalidRecord("no image of it in the folder of images")
            return self.images.locate(found)
        address = image.get("iiifurl", "").strip().rstrip("/")
        if not address.startswith(("https://", "http://")):
            raise InvalidRecord("no address of its image")
        side = min(self.size, _integer(image.get("maxpixels")) or self.size)
        return f"{address}/full/!{side},{side}/0/default.jpg", image.get("modified")

    def _image_files(self) -> Mapping[str, str] | None:
        """Return name without suffix -> file, of the folder of images; ``None`` without one."""
        if self.images is None:
            return None
        if not self.images.path.is_dir():
            raise UnreadableSource(f"{self.images.path} is not a folder of images")
        files = {Path(file).stem: file for file in self.images.files()}
        self._left_out += self.images.left_out
        return files

    def _count_what_is_not_an_object(self, export: NgaExport) -> None:
        kinds = export.classifications
        if self.classification.casefold() != ANY:
            wanted = {kind for kind in kinds if kind.casefold() == self.classification.casefold()}
            if not wanted:
                known = ", ".join(kind for kind, _ in kinds.most_common() if kind)
                raise UnreadableSource(
                    f"no object is classified as {self.classification!r}. "
                    f"There are {known or 'none'}"
                )
            others = sum(count for kind, count in kinds.items() if kind not in wanted)
            if others:
                self._left_out["object of another classification"] = others
        if export.images_without_object:
            self._left_out["primary image of no object"] = export.images_without_object


def _artist(item: NgaObject) -> tuple[str | None, str | None]:
    """Return an object's artist and what qualifies the attribution to them."""
    text = clean(without_tags(item.row.get("attribution", ""))) or ""
    artists = [person for person in item.constituents if person.get("roletype") == "artist"]
    name = clean(artists[0].get("forwarddisplayname")) if artists else None
    if name is None:
        attribution = split_attribution(text)
    elif artists[0].get("constituenttype") == "corporate":
        return name, None
    else:
        prefix, suffix = artists[0].get("prefix", ""), artists[0].get("suffix", "")
        attribution = qualified(name, text, prefix=prefix, suffix=suffix)
    return clean(attribution.artist), attribution.qualifier


def _maker(item: NgaObject, artist: str | None) -> Maker | None:
    """Return who the museum's own authority says the artist is.

    ``None`` where its entry is of somebody else, such as the artist's workshop.
    """
    artists = [person for person in item.constituents if person.get("roletype") == "artist"]
    if not artists or clean(artists[0].get("forwarddisplayname")) != artist:
        return None
    number = artists[0].get("constituentid")
    if not number:
        return None
    born, died = (parse_year(artists[0].get(name))[0] for name in ("born", "died"))
    if born is not None and died is not None and died - born > LONGEST_LIFE:
        # The museum's way of saying in which times somebody may have lived.
        born, died = None, None
    return Maker(source_id=number, born=born, died=died)


def _terms(rows: Sequence[Row]) -> dict[str, list[str]]:
    """Return type -> terms of it, without tags, each once and by alphabet."""
    named = defaultdict(set)
    for row in rows:
        given = (
            (row.get("termtype", "other"), row.get("term")),
            *((name, row.get(name)) for name in ("visualbrowsertheme", "visualbrowserstyle")),
        )
        for kind, term in given:
            if term and (cleaned := clean(without_tags(term))):
                named[kind].add(cleaned)
    return {kind: sorted(terms) for kind, terms in sorted(named.items())}


def _nameless(row: Row) -> str:
    return f"without title ({row.get('accessionnum') or row['objectid']})"


def _integer(text: str | None) -> int:
    """Return a number that may be written as 17.0; 0 where there is none."""
    try:
        return int(float(text or 0))
    except (ValueError, OverflowError):
        return 0
