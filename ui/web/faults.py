"""What a visitor is told of an error, and what goes to the log instead.

A visitor is told what is wrong with what they gave or asked. What is wrong with the collection's
files, servers and settings is for those who look after it, and they read the log.
"""

import logging
from typing import Final

from errors import UNREACHABLE, VasariError
from redaction import redact
from ui.web.blocks import show_notice

NOT_AVAILABLE: Final = "It is not available at the moment."

_log = logging.getLogger(__name__)


def told(error: Exception, *, otherwise: str = UNREACHABLE) -> str:
    """Return what a visitor is told of an error, and log what they are not.

    Args:
        otherwise: what they are told of an error that does not concern them.
    """
    if isinstance(error, VasariError):
        if error.is_for_visitors:
            return str(error)
        _log.error("%s", redact(str(error)))
    else:
        _log.error("a fault of the page", exc_info=error)
    return otherwise


def show_fault(error: Exception) -> None:
    """Tell the visitor of an error in the place of what they asked for."""
    show_notice(told(error), title="This cannot be done now", problem=True)
