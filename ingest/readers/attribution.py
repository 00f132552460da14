"""Attributions as museums write them: a name, and what qualifies it, kept apart.

"Workshop of Rembrandt van Rijn" is a work of nobody called so. The name is what a filter needs, the
qualifier what an honest label must say.
"""

import re
from dataclasses import dataclass

from catalog.record import LONGEST_PATH

_AROUND = r"(?:assistant|circle|copyist|follower|imitator|manner|pupil|studio|style|workshop)"
_PREFIX = re.compile(
    rf"""(?:(?:
        (?:probably|possibly|perhaps|chiefly)
      | attributed\ to
      | {_AROUND}(?:\ or\ {_AROUND})?\ of
      | (?:copy\ )?after
    )\s+)+""",
    re.IGNORECASE | re.VERBOSE,
)
_SUFFIX = re.compile(
    rf"""(?:
        \s+(?:and|or)\ {_AROUND}s?
      | \s+workshop
      | \s+\((?:and|or|possibly|probably|perhaps)\ [^()]*\)
      | \s+\([^()]*\?\)
      | ,\s+(?:after|begun|completed|finished|perhaps|possibly|probably|retouched|with)\ .*
    )$""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class Attribution:
    """A name, and what stood around it.

    Args:
        qualifier: such as ``Workshop of``, ``and Workshop``; both sides of the name are joined by
            an ellipsis. ``None`` where the work is the artist's own.
    """

    artist: str
    qualifier: str | None = None


def split_attribution(text: str) -> Attribution:
    """Part an attribution into the name and its qualifier.

    Several names ("Giovanni Bellini and Titian") and surnames of habit ("called Guercino", "El
    Greco (Domenikos Theotokopoulos)") are left as they are.
    """
    before, name, after = _parts(text)
    return Attribution(name, _joined(before, after))


def qualified(name: str, text: str, *, prefix: str = "", suffix: str = "") -> Attribution:
    """Part an attribution to a name that is known.

    Args:
        name: of the artist, as the source's authority has it; may be qualified itself
            ("Rembrandt Workshop").
        text: the attribution in words.
        prefix, suffix: what the source says before and after the name; without either, what the
            attribution does.
    """
    before, found, after = text.partition(name)
    if prefix or suffix:
        before, after = prefix, suffix
    elif not found:
        before, _, after = _parts(text)
    left, artist, right = _parts(name)
    return Attribution(artist, _joined(f"{before} {left}", f"{right} {after}"))


def _parts(text: str) -> tuple[str, str, str]:
    if len(text) > LONGEST_PATH:
        return "", text, ""
    start = prefix.end() if (prefix := _PREFIX.match(text)) else 0
    end = len(text)
    while suffix := _SUFFIX.search(text, start, end):
        end = suffix.start()
    return (text[:start], text[start:end], text[end:]) if start < end else ("", text, "")


def _joined(before: str, after: str) -> str | None:
    sides = [" ".join(side.strip(" ,").split()) for side in (before, after)]
    return " … ".join(side for side in sides if side) or None
