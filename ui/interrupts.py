"""Ctrl-C from the first millisecond: one line, exit code 130, and no traceback.

Only the standard library's quick modules are imported here, since this is in place before the slow
imports begin.
"""

import atexit
import contextlib
import os
import signal
import socket
import sys
import threading
from types import FrameType
from typing import Any

EXIT_CODE = 130
"""What shells give for a command ended by Ctrl-C."""

SENTENCE = "Interrupted."

GRACE_SECONDS = 10.0
"""How long an interrupted command may take to close what it has open."""

_SHOW_CURSOR = "\x1b[?25h"


class Interrupts:
    """What Ctrl-C does: end at once while importing, then raise KeyboardInterrupt once.

    The second Ctrl-C ends the process wherever it is, since a thread counts them: neither a server
    that hangs nor a job that finishes its batch can hold it up. What a job has written is safe,
    as it is from a kill.
    """

    def __init__(self) -> None:
        self.requested = False
        self._end: int | None = EXIT_CODE

    def install(self) -> None:
        """Take Ctrl-C over; call this before the slow imports."""
        signal.signal(signal.SIGINT, self._handle)
        # As the interpreter ends it would have the system's own way back, which is a death by the
        # signal. The first registered is the last called.
        atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)
        reading, writing = socket.socketpair()
        writing.setblocking(False)
        signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
        threading.Thread(target=_count, args=(reading, writing), daemon=True).start()

    def begin(self) -> None:
        """From here on there is something to close: have Ctrl-C raise KeyboardInterrupt."""
        self._end = None

    def finish(self, code: int) -> None:
        """The command is done: have Ctrl-C end the process with its exit code."""
        self._end = code

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._end is not None:
            if self._end == EXIT_CODE:
                if "--json" in sys.argv:
                    os.write(1, f'{{"error": "{SENTENCE}"}}\n'.encode())
                say_at_once()
            os._exit(self._end)
        if self.requested:
            end_at_once()
        self.requested = True
        # What is interrupted in an import or in a callback may turn into anything, or be passed
        # over: nothing of it is shown, and the process ends all the same.
        sys.unraisablehook = threading.excepthook = _ignore
        end = threading.Timer(GRACE_SECONDS, end_at_once)
        end.daemon = True
        end.start()
        raise KeyboardInterrupt


interrupts = Interrupts()


def end_at_once() -> None:
    """End the process without any cleaning up."""
    say_at_once()
    os._exit(EXIT_CODE)


def say_at_once() -> None:
    """Say on stderr that the command is interrupted, past all buffers."""
    cursor = _SHOW_CURSOR if os.isatty(2) else ""
    with contextlib.suppress(OSError):
        os.write(2, f"{cursor}{SENTENCE}\n".encode())


def _count(reading: socket.socket, _writing: socket.socket) -> None:
    """End the process at the second SIGINT; keeps the writing end open."""
    pressed = 0
    while True:
        pressed += reading.recv(64).count(signal.SIGINT)
        if pressed > 1:
            end_at_once()


def _ignore(_unraisable: Any) -> None:
    pass
