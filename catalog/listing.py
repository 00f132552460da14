"""Listings of works: in an order, and by words in titles and artists that take no note of accents.

A word is looked for anywhere in title or artist, in upper or lower case, with or without accents:
"cezanne" finds Cézanne. Each database folds its texts as the query does, row by row: a quick look
through 170,000 titles needs no index, and no column that every way of changing a title would have
to keep up with.
"""

import unicodedata
from typing import Any, Literal

from sqlalchemy import ColumnElement, Text, and_, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from catalog.models import Artwork

Order = Literal["artist", "title", "year", "newest"]

MOST_WORDS = 10

_MARKS = "[\u0300-\u036f]"
"""Combining diacritical marks, which decomposed letters carry."""

ORDERS: dict[Order, tuple[Any, ...]] = {
    "artist": (Artwork.artist.nulls_last(), Artwork.year.nulls_last(), Artwork.title),
    "title": (Artwork.title, Artwork.artist.nulls_last()),
    "year": (Artwork.year.nulls_last(), Artwork.artist.nulls_last(), Artwork.title),
    "newest": (Artwork.created_at.desc(),),
}
"""What works are sorted by; their ids decide between equals."""


class folded(GenericFunction[str]):  # noqa: N801 - named as the database calls it
    """A text without accents and in lower case, as :func:`fold` gives it."""

    type = Text()
    inherit_cache = True


@compiles(folded, "postgresql")
def _on_postgres(element: Any, compiler: Any, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"lower(regexp_replace(normalize({text}, NFKD), '{_MARKS}', '', 'g'))"


def fold(text: str | None) -> str | None:
    """Return a text without accents and in lower case."""
    if text is None or text.isascii():
        return text and text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not "\u0300" <= letter <= "\u036f").lower()


def has_words(text: str) -> ColumnElement[bool]:
    """Return the condition that all words of a text are in a work's title or artist."""
    words = (fold(text) or "").split()[:MOST_WORDS]
    columns = (Artwork.title, Artwork.artist, Artwork.artist_as_given)
    return and_(
        True,
        *(
            or_(*(folded(column).contains(word, autoescape=True) for column in columns))
            for word in words
        ),
    )
