"""The root of every error that Vasari raises on purpose."""


class VasariError(Exception):
    """What was asked cannot be done; the message says why, and what to do.

    Every interface shows the message as it is and nothing else: no traceback, and no list of
    exceptions to keep. What is not a ``VasariError`` is a fault of Vasari itself.
    """
