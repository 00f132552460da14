"""The root of every error that Vasari raises on purpose."""

from typing import ClassVar, Final

UNREACHABLE: Final = "The collection can't be reached at the moment. Please try again in a minute."
"""What visitors are told of an error that is not for them."""


class VasariError(Exception):
    """What was asked cannot be done; the message says why, and what to do.

    Every interface shows the message as it is and nothing else: no traceback, and no list of
    exceptions to keep. What is not a ``VasariError`` is a fault of Vasari itself.

    A visitor of the web page is shown only what ``is_for_visitors``: that comes of what they gave
    or asked, and names no file, server or setting. The rest is for whoever runs Vasari, who reads
    it in a terminal or a log.
    """

    is_for_visitors: ClassVar[bool] = False
