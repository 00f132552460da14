"""What sources write into a field, brought to one form."""

import re
import unicodedata

NOTHING: tuple[object, ...] = (None, "", [], {})
"""Values of a source that say nothing, and are not kept."""

EARLIEST_YEAR, LATEST_YEAR = -40_000, 2_100

_TAG = re.compile(r"</?(?:i|em|b|strong|u|sub|sup|span|p|br)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(\d{3,4})(?!\d)")


def clean(value: str | None) -> str | None:
    """Return a label with its real characters on one line, trimmed; ``None`` if empty.

    Letters with separate accents become the letters that have them (NFC), so that one name is not
    two to a filter. Spaces within a name stay as the source has them.
    """
    if value is None:
        return None
    return unicodedata.normalize("NFC", re.sub(r"[\t\r\n\v\f]+", " ", value)).strip() or None


def without_tags(value: str) -> str:
    """Return a text without the HTML tags of emphasis that museums' databases leave in it."""
    return _TAG.sub("", value) if "<" in value else value


def parse_year(value: str | None) -> tuple[int | None, str | None]:
    """Read a year.

    ``1889`` and ``1889.0`` are years. Of anything else, such as ``c. 1527/1528``, the first
    number of three or four digits is taken.

    Returns:
        The year or ``None``, and the text as given wherever it said more than the year.
    """
    text = clean(value)
    if text is None:
        return None, None
    if re.fullmatch(r"-?\d{1,5}(\.0*)?", text):
        year = int(float(text))
        return (year, None) if EARLIEST_YEAR <= year <= LATEST_YEAR else (None, text)
    found = _YEAR.search(text)
    year = int(found[1]) if found else LATEST_YEAR + 1
    return (year if year <= LATEST_YEAR else None), text


def title_from_name(stem: str) -> str:
    """Return a readable title from a file's name without its suffix."""
    return clean(re.sub(r"[_\-\s]+", " ", stem)) or stem
