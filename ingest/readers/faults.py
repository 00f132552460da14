"""What goes wrong with one row, told apart from what goes wrong with the source."""

from typing import Final

from catalog.jobs import Failure
from catalog.record import InvalidRecord

ROW_FAULTS: Final = (ValueError, ArithmeticError, LookupError, TypeError, RecursionError)
"""What values can set off while a record is made of them; ``InvalidRecord`` is one of them."""


def row_failure(item: str, error: Exception) -> Failure:
    """Return the failure of a row that no record could be made of.

    Args:
        item: where to look.
    """
    if isinstance(error, InvalidRecord):
        return unread(item, str(error))
    return unread(item, "row cannot be read", f"{type(error).__name__}: {error}")


def unread(item: str, reason: str, detail: str = "") -> Failure:
    """Return the failure of what cannot be a record."""
    return Failure(item=item, stage="read", reason=reason, detail=detail)
