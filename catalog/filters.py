"""Filters as one frozen value that the catalog, the index and every face use alike."""

import re
from dataclasses import dataclass, fields

from errors import VasariError

KEYWORD_FIELDS = ("artist", "genre", "style", "school", "source")
"""The fields of an artwork that can be filtered by value, in the order in which they are shown."""

PAYLOAD_FIELDS = (*KEYWORD_FIELDS, "year")
"""The fields of an artwork that the index holds beside its vectors."""

LARGEST_YEAR = 2**31 - 1
"""What the column of a year holds."""


NEVER_KEPT = re.compile("[\x00\ud800-\udfff]")
"""Characters that no text of the catalog has."""


class InvalidFilter(VasariError, ValueError):
    """A filter that contradicts itself, or that no work could ever pass."""

    is_for_visitors = True


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which artworks are wanted: any value within a field, all fields together.

    Args:
        artist, genre, style, school, source: accepted values, compared exactly; empty accepts all.
        not_artist, not_genre, not_style, not_school, not_source: values that are not wanted. A
            work with no value in the field passes: it is not by Monet if its artist is unknown.
        year_from, year_to: first and last accepted year, both included. A work without a year
            passes only when neither is given.

    Raises:
        InvalidFilter: ``year_from`` is after ``year_to``, a year is not valid, or a value has a
            character that no text of the catalog has, and that a database may refuse.
    """

    artist: tuple[str, ...] = ()
    genre: tuple[str, ...] = ()
    style: tuple[str, ...] = ()
    school: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    not_artist: tuple[str, ...] = ()
    not_genre: tuple[str, ...] = ()
    not_style: tuple[str, ...] = ()
    not_school: tuple[str, ...] = ()
    not_source: tuple[str, ...] = ()
    year_from: int | None = None
    year_to: int | None = None

    def __post_init__(self) -> None:
        for year in (self.year_from, self.year_to):
            if year is not None and abs(year) > LARGEST_YEAR:
                raise InvalidFilter(f"{year} is not a year")
        for values in (*self.keywords().values(), *self.exclusions().values()):
            if any(NEVER_KEPT.search(value) for value in values):
                raise InvalidFilter("no work has a value with such characters")
        if (
            self.year_from is not None
            and self.year_to is not None
            and self.year_from > self.year_to
        ):
            raise InvalidFilter(
                f"the first year ({self.year_from}) is after the last ({self.year_to})"
            )

    def __bool__(self) -> bool:
        """Tell whether the filter rejects anything at all."""
        return any(getattr(self, field.name) not in ((), None) for field in fields(self))

    def keywords(self) -> dict[str, tuple[str, ...]]:
        """Return the accepted values of each field that has any."""
        return {name: values for name in KEYWORD_FIELDS if (values := getattr(self, name))}

    def exclusions(self) -> dict[str, tuple[str, ...]]:
        """Return the unwanted values of each field that has any."""
        return {name: values for name in KEYWORD_FIELDS if (values := getattr(self, f"not_{name}"))}

    def without(self, field: str) -> "Filter":
        """Return the same filter with no condition on ``field`` (``year`` drops both bounds)."""
        kept = {item.name: getattr(self, item.name) for item in fields(self)}
        dropped = ("year_from", "year_to") if field == "year" else (field, f"not_{field}")
        return Filter(**{name: value for name, value in kept.items() if name not in dropped})
