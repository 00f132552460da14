"""What a source says of one artwork, before the catalog knows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from errors import VasariError

ARTWORK_NAMESPACE = UUID("5b7f2f0e-6f0c-5c3e-9d8e-1d7c0d2f6a55")
"""Namespace of all artwork ids. Fixed for ever: ids in other people's files depend on it."""

LONGEST_LABEL = 500
"""Characters. Postgres cannot index values much longer, and no artist's name needs them."""

LONGEST_PATH = 2000


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
        InvalidRecord: a field is empty, too long or not valid text.
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
        for name in ("source", "source_id", "title", "file", "image_location"):
            if not getattr(self, name):
                raise InvalidRecord(f"no {name.replace('_', ' ')}")
        for name in ("source", "artist", "genre", "style", "school"):
            _check_text(name, getattr(self, name), LONGEST_LABEL)
        for name in ("source_id", "file", "image_location"):
            _check_text(name, getattr(self, name), LONGEST_PATH)
        _check_text("title", self.title, LONGEST_PATH)

    @property
    def id(self) -> UUID:
        """The id that this work has in every catalog and index."""
        return artwork_id(self.source, self.source_id)


def _check_text(name: str, value: str | None, longest: int) -> None:
    if value is None:
        return
    if len(value) > longest:
        raise InvalidRecord(f"{name} is longer than {longest} characters")
    if "\0" in value:
        raise InvalidRecord(f"{name} holds a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidRecord(f"{name} is not valid UTF-8") from None
