"""Text and JSON values as the catalog keeps them: alike in every database, and fit to be shown.

Postgres holds no NUL, neither database holds half a surrogate pair, and a control character does
things to the terminal that it is printed on. What enters the catalog passes through here.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from errors import VasariError

_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")

DEEPEST = 50
"""Values within values."""

LONGEST_INTEGER = 64
"""Bits. Longer ones are kept as text: not every program that reads JSON takes them."""


class UnfitValue(VasariError, ValueError):
    """A value cannot be kept; the message says why, without the value."""

    is_for_visitors = True


def one_line(text: str) -> str:
    """Return a label on one line, without control characters."""
    return without_controls(_BREAKS.sub(" ", text))


def without_controls(text: str) -> str:
    """Return a text without control characters; its tabs and line ends stay."""
    return _CONTROLS.sub("", text)


def well_formed(text: str) -> str:
    """Return a text in which halves of surrogate pairs are the sign for what cannot be read."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


def json_value(value: Any, *, depth: int = 0) -> Any:
    """Return a value as both databases hold it as JSON; NaN and infinities become ``None``.

    Raises:
        UnfitValue: it is nested too deep.
    """
    if depth > DEEPEST:
        raise UnfitValue(f"values are nested more than {DEEPEST} deep")
    if isinstance(value, str):
        return without_controls(well_formed(value))
    if value is None or isinstance(value, bool | int | float):
        return _number(value)
    if isinstance(value, Mapping):
        return {
            without_controls(well_formed(str(key))): json_value(inner, depth=depth + 1)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [json_value(inner, depth=depth + 1) for inner in value]
    return json_value(str(value), depth=depth)


def _number(value: bool | int | float | None) -> bool | int | float | str | None:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or value.bit_length() <= LONGEST_INTEGER:
        return value
    try:
        return str(value)
    except ValueError:
        raise UnfitValue("a number has thousands of digits") from None
