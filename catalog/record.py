"""What a source says of one artwork, before the catalog knows it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from catalog.plain_text import UnfitValue, json_value, one_line, without_controls
from errors import VasariError

ARTWORK_NAMESPACE = UUID("5b7f2f0e-6f0c-5c3e-9d8e-1d7c0d2f6a55")
"""Namespace of all artwork ids. Never to be changed: ids in other people's files depend on it."""

LONGEST_LABEL = 500
"""Characters. Postgres cannot index values much longer, and no artist's name needs them."""

LONGEST_PATH = 2000

LONGEST_KEY_BYTES = 2600
"""Of a source and its own id together, in UTF-8: an entry of Postgres's index holds 2,704."""

LONGEST_EXTRA = 1_000_000
"""Characters of all columns together that the product does not use, as JSON."""

YEARS = range(-(2**31), 2**31)
"""What a column of whole numbers holds in Postgres."""


class InvalidRecord(VasariError, ValueError):
    """A record that the catalog cannot hold; the message says which field and why."""


def artwork_id(source: str, source_id: str) -> UUID:
    """Return the id of a work: the same (source, source's own id) gives the same id anywhere."""
    return uuid5(ARTWORK_NAMESPACE, f"{source}\n{source_id}")


@dataclass(frozen=True, kw_only=True)
class Maker:
    """The artist of a record as the source's own authority knows them.

    Args:
        source_id: the source's own id of the person, the same in all of its records.
        born, died: years.
    """

    source_id: str
    born: int | None = None
    died: int | None = None


@dataclass(frozen=True, kw_only=True)
class ArtworkRecord:
    """One work as its source describes it.

    Control characters are left out of labels and of what is kept beside them, and a label is on
    one line. Names and places of things are never changed, as they would name something else: a
    record with such characters in them is refused.

    Args:
        source: name of the collection it comes from.
        source_id: the source's own id of the work, unique within the source.
        title: as the source spells it.
        file: the image as the source names it.
        image_location: where to read the image: an absolute path or a URL.
        image_signature: cheap sign of a changed image; ``None`` where there is none.
        maker: who the artist is, where the source has an authority of artists.
        extra: columns that the source gave and the product does not use; JSON values.

    Raises:
        InvalidRecord: a field is empty, too long, out of range or not valid text.
    """

    source: str
    source_id: str
    title: str
    file: str
    image_location: str
    image_signature: str | None = None
    artist: str | None = None
    genre: str | None = None
    style: str | None = None
    school: str | None = None
    year: int | None = None
    maker: Maker | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("source", "title", "artist", "genre", "style", "school"):
            self._tidy(name, LONGEST_PATH if name == "title" else LONGEST_LABEL)
        for name in ("source_id", "image_location"):
            _check_name(name, getattr(self, name))
        _check_text("file", self.file, LONGEST_PATH)
        _check_no_controls("file", self.file)
        # Names that went through a wrong encoding have the invisible signs of U+0080 to U+009F.
        self._set("file", without_controls(self.file))
        for name in ("source", "source_id", "title", "file", "image_location"):
            if not getattr(self, name):
                raise InvalidRecord(f"no {name.replace('_', ' ')}")
        _check_key("source_id", self.source, self.source_id)
        _check_year("year", self.year)
        if self.image_signature is not None:
            self._tidy("image_signature", LONGEST_LABEL)
        if self.maker is not None:
            _check_name("the artist's id", self.maker.source_id)
            _check_key("the artist's id", self.source, self.maker.source_id)
            _check_year("the artist's year of birth", self.maker.born)
            _check_year("the artist's year of death", self.maker.died)
        self._set("extra", _checked_extra(self.extra))

    def _tidy(self, name: str, longest: int) -> None:
        value = getattr(self, name)
        if value is None:
            return
        _check_text(name, value, longest)
        tidy = one_line(value)
        if tidy != value:
            self._set(name, tidy.strip() or ("" if name in {"source", "title"} else None))

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)  # while it is made: frozen from then on

    @property
    def id(self) -> UUID:
        """The id that this work has in every catalog and index."""
        return artwork_id(self.source, self.source_id)


def _check_text(name: str, value: str, longest: int) -> None:
    if len(value) > longest:
        raise InvalidRecord(f"{name} is longer than {longest} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidRecord(f"{name} is not valid UTF-8") from None


def _check_name(name: str, value: str) -> None:
    _check_text(name, value, LONGEST_PATH)
    _check_no_controls(name, value)


def _check_no_controls(name: str, value: str) -> None:
    if "\0" in value:
        raise InvalidRecord(f"{name} holds a NUL character")
    if any((sign < " " and sign not in "\t\n\r") or sign == "\x7f" for sign in value):
        raise InvalidRecord(f"{name} holds a control character")


def _check_key(name: str, source: str, key: str) -> None:
    if len(source.encode()) + len(key.encode()) > LONGEST_KEY_BYTES:
        raise InvalidRecord(
            f"{name} and the source's name are longer than {LONGEST_KEY_BYTES} bytes"
        )


def _check_year(name: str, value: int | None) -> None:
    if value is None:
        return
    # Whatever else it may be, a range would be gone through number by number for it.
    if not isinstance(value, int):
        raise InvalidRecord(f"{name} is no year: it is no whole number")
    if value not in YEARS:
        raise InvalidRecord(f"{name} is no year: it has more than nine digits")


def _checked_extra(extra: Mapping[str, Any]) -> dict[str, Any]:
    try:
        kept: dict[str, Any] = json_value(extra)
    except UnfitValue as error:
        raise InvalidRecord(f"the other columns cannot be kept: {error}") from None
    if len(json.dumps(kept, ensure_ascii=False)) > LONGEST_EXTRA:
        raise InvalidRecord(f"the other columns are longer than {LONGEST_EXTRA:,} characters")
    return kept
