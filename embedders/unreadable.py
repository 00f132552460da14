"""A picture that cannot be used, and why."""

from errors import VasariError


class UnreadableImage(VasariError):
    """A picture that cannot be used, and why.

    ``reason`` is one of a few short fixed phrases, fit for grouping failures: "empty file",
    "not an image", "truncated image", "damaged image", "too many pixels", "too much to decode",
    "file too large", "file not found", "permission denied", "unreadable file". The message adds
    the details.
    """

    is_for_visitors = True

    def __init__(self, reason: str, details: str = "") -> None:
        self.reason = reason
        self.details = details
        super().__init__(f"{reason}: {details}" if details else reason)

    def __reduce__(self) -> tuple[type["UnreadableImage"], tuple[str, str]]:
        return type(self), (self.reason, self.details)


class UnreadableFile(UnreadableImage):
    """A file that cannot be read, so that nobody knows its picture; the message names the file."""

    is_for_visitors = False
