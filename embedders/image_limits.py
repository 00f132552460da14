"""The largest picture that is read and decoded, and the memory that all decoding shares."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition

from embedders.unreadable import UnreadableImage

_LONGEST_WAIT_SECONDS = 300
# The pictures of a page, a megabyte each, need not queue behind somebody's poster.
_TOO_SMALL_TO_COUNT = 4 * 2**20


@dataclass(frozen=True)
class ImageLimits:
    """What a picture may be.

    Args:
        file_bytes: of the file.
        pixels: width times height.
        decode_bytes: of memory, at the worst moment of decoding.
        shared_bytes: the memory that pictures decoded at the same time may take together; by
            default ``decode_bytes``.
    """

    file_bytes: int = 200 * 2**20
    pixels: int = 250_000_000
    decode_bytes: int = 2**30
    shared_bytes: int | None = None


DEFAULT_LIMITS = ImageLimits()


class DecodingRoom:
    """Lets the threads of a process decode side by side as far as their memory allows.

    They are let in as they came, so that a large picture is not passed over for ever.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._waiting: deque[object] = deque()
        self._taken = 0

    @contextmanager
    def taken(self, needed: int, limits: ImageLimits) -> Iterator[None]:
        """Wait until there is room for ``needed`` bytes, and keep it for the block.

        A picture that would not fit in at all is let in when it is alone: whether it may be
        decoded is for ``limits.decode_bytes`` to say.

        Raises:
            UnreadableImage: others have not left room for five minutes.
        """
        if needed <= _TOO_SMALL_TO_COUNT:
            yield
            return
        self._enter(needed, limits.shared_bytes or limits.decode_bytes)
        try:
            yield
        finally:
            with self._changed:
                self._taken -= needed
                self._changed.notify_all()

    def _enter(self, needed: int, room: int) -> None:
        ticket = object()

        def may_enter() -> bool:
            fits = self._taken == 0 or self._taken + needed <= room
            return fits and self._waiting[0] is ticket

        with self._changed:
            self._waiting.append(ticket)
            try:
                if not self._changed.wait_for(may_enter, _LONGEST_WAIT_SECONDS):
                    raise UnreadableImage(
                        "too much to decode", "others are being decoded: try again in a while"
                    )
                self._taken += needed
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()


ROOM = DecodingRoom()
"""The one that all decoding of this process shares."""
