"""Ctrl-C that lets a job finish its batch."""

import signal
import threading
from types import FrameType
from typing import Any, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """While it lasts, the first Ctrl-C (or SIGTERM) is a request, the second interrupts at once.

    Outside the main thread signals cannot be had, and nothing is changed.
    """

    def __init__(self) -> None:
        self.requested = False
        self._former: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._former = {item: signal.signal(item, self._request) for item in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for item, handler in self._former.items():
            signal.signal(item, handler)

    def _request(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
