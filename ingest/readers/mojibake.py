"""File names that were decoded wrongly on their way, and how to find the files all the same.

In the lists of WikiArt "joaquín-sorolla" is "joaquã\\xadn-sorolla": UTF-8 read as Latin-1, and then
put in lower case, so that no ordinary repair recognises it. On a disk the same name may be as in
the list, as it should be, decomposed (macOS), or with the odd characters left out.
"""

import re
import unicodedata
from collections.abc import Iterable

# Â, Ã, Ä and Å are the first bytes of U+0080 to U+017F; in lower case they are â, ã, ä and å.
_LEAD = {"â": "\xc2", "ã": "\xc3", "ä": "\xc4", "å": "\xc5"}
_BROKEN = re.compile("([ÂÃÄÅâãäå])([\x80-\xbf])")


def repaired(name: str) -> str:
    """Return a name with its letters as they were meant, composed; an unbroken one as it is."""
    return unicodedata.normalize("NFC", _BROKEN.sub(_decoded, unicodedata.normalize("NFC", name)))


class NameIndex:
    """Finds the one file that a name means among names that may have suffered.

    Args:
        names: those on the disk.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._exact = set(names)
        self._by_key: dict[str, str | None] = {}
        for name in self._exact:
            for key in set(_keys(name)):
                self._by_key[key] = None if key in self._by_key else name

    def __contains__(self, name: str) -> bool:
        """Tell whether a file has exactly this name."""
        return name in self._exact

    def find(self, name: str) -> str | None:
        """Return the name on the disk; ``None`` where there is none or there are several."""
        if name in self._exact:
            return name
        return next((self._by_key[key] for key in _keys(name) if key in self._by_key), None)


def _keys(name: str) -> tuple[str, ...]:
    """Return what a name is known by, the surest first."""
    meant = repaired(name)
    unaccented = "".join(
        letter
        for letter in unicodedata.normalize("NFD", meant)
        if not unicodedata.combining(letter)
    )
    # Unpackers that cannot write a letter leave it out, or write #U00ed for it.
    bare = re.sub(r"#U[0-9a-fA-F]{4}|[^\x20-\x7e]", "", meant)
    return (meant, unaccented.lower(), bare.lower())


def _decoded(broken: re.Match[str]) -> str:
    lead, rest = broken.groups()
    try:
        return (_LEAD.get(lead, lead) + rest).encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return broken[0]
