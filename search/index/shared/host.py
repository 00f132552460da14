"""The process that has the index open, and answers the others."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from catalog.batching import batched
from errors import VasariError
from search.index.contract import Index, IndexFault
from search.index.shared.messages import (
    ATTRIBUTES,
    CALLS,
    CLOSE,
    NAME,
    OPENING,
    READ,
    Answer,
    Call,
    Failure,
    Items,
    Opened,
    Value,
    address_in,
    is_own,
)

BATCH = 256
"""Points in one message."""

BACKLOG = 128
"""Processes that may be waiting for their first answer."""

_log = logging.getLogger(__name__)


@contextmanager
def share(index: Index, folder: Path) -> Iterator[None]:
    """Let the other processes of this user ask an index that this one has open, during the block.

    Args:
        folder: the index's own, which this process has locked.

    Raises:
        OSError: there can be no socket in the folder.
    """
    place = folder / NAME
    place.mkdir(mode=0o700, exist_ok=True)
    place.chmod(0o700)
    with address_in(place) as address:
        Path(address).unlink(missing_ok=True)  # of a process that was killed
        with Listener(address, "AF_UNIX", backlog=BACKLOG) as listener:
            Thread(target=_accept, args=(listener, _Host(index)), daemon=True).start()
            yield


def _accept(listener: Listener, host: "_Host") -> None:
    while True:
        try:
            connection = listener.accept()
        except OSError:  # the listener is closed
            return
        Thread(target=host.answer_all, args=(connection,), daemon=True).start()


class _Host:
    """Answers calls; what a client has opened is closed when its last connection ends."""

    def __init__(self, index: Index) -> None:
        self._opened: dict[int, tuple[str | None, Index]] = {0: (None, index)}
        self._numbers = count(1)
        self._connections: Counter[str] = Counter()
        self._lock = Lock()

    def answer_all(self, connection: Connection) -> None:
        """Answer the calls of one connection until its end."""
        with connection, suppress(EOFError, OSError):
            if not is_own(connection):
                return
            client = connection.recv()
            with self._lock:
                self._connections[client] += 1
            try:
                while True:
                    for answer in self._answers(client, connection.recv()):
                        connection.send(answer)
            finally:
                self._leave(client)

    def _answers(self, client: str, call: Call) -> Iterator[Answer]:
        try:
            value = self._called(call)
            if isinstance(value, Iterator):
                for items in batched(value, BATCH):
                    yield Items(list(items))
                yield Items([])
            elif call.method in OPENING and value is not None:
                with self._lock:
                    number = next(self._numbers)
                    self._opened[number] = (client, value)
                yield Opened(number)
            else:
                yield Value(value)
        except VasariError as error:
            yield Failure(type(error), str(error))
        except Exception as error:
            _log.exception("a fault while another process asked the index")
            yield Failure(IndexFault, f"the process that has the index open has failed: {error}")

    def _called(self, call: Call) -> Any:
        if call.target not in self._opened:
            raise IndexFault("this generation of the index is closed")
        if call.method == CLOSE and call.target:
            _, index = self._opened.pop(call.target)
            return index.close()
        index = self._opened[call.target][1]
        if call.method == READ and call.args[0] in ATTRIBUTES:
            return getattr(index, call.args[0])
        if call.method not in CALLS:
            raise IndexFault(f"no other process may ask for {call.method!r}")
        return getattr(index, call.method)(*call.args, **call.options)

    def _leave(self, client: str) -> None:
        with self._lock:
            self._connections[client] -= 1
            if self._connections[client] > 0:
                return
            del self._connections[client]
            left = [number for number, (owner, _) in self._opened.items() if owner == client]
            indexes = [self._opened.pop(number)[1] for number in left]
        for index in indexes:
            with suppress(VasariError):
                index.close()
