"""An index that another process of this user has open, asked as if it were this process's own."""

from collections.abc import Iterator
from functools import partial
from multiprocessing.connection import Client, Connection
from pathlib import Path
from threading import Lock
from typing import Any, cast
from uuid import uuid4

from search.index.contract import GenerationalIndex, IndexFault
from search.index.shared.messages import (
    ATTRIBUTES,
    CALLS,
    CLOSE,
    NAME,
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


class HostGone(IndexFault):
    """The process that had the index open has ended."""


def connect(folder: Path) -> GenerationalIndex | None:
    """Return the index in a folder that another process shares; ``None`` where none does."""
    try:
        return cast(GenerationalIndex, _SharedIndex(_Connections(folder), 0))
    except OSError:
        return None


class _Connections:
    """The connections to the process that has the index open: one for each call at a time.

    Raises:
        OSError: no process shares the index.
    """

    def __init__(self, folder: Path) -> None:
        self._place = folder / NAME
        self._client = uuid4().hex
        self._lock = Lock()
        self._free: list[Connection] = []
        # Kept open as long as the index is: by it the other process knows that this one is there.
        self._presence = self._open()

    def ask(self, target: int, method: str, *args: Any, **options: Any) -> Any:
        """Call a method of an index of the other process.

        Raises:
            HostGone: that process has ended.
            VasariError: as the method says.
        """
        try:
            with self._lock:
                connection = self._free.pop() if self._free else None
            connection = connection or self._open()
            connection.send(Call(target, method, args, options))
            answer = connection.recv()
        except (EOFError, OSError) as error:
            raise _gone() from error
        if isinstance(answer, Items):
            return self._items(connection, answer)
        with self._lock:
            self._free.append(connection)
        match answer:
            case Failure():
                raise answer.error()
            case Opened(number):
                return _SharedIndex(self, number)
            case Value(value):
                return value
            case _:
                raise TypeError(answer)

    def close(self) -> None:
        """Let go of the other process's index."""
        with self._lock:
            for connection in self._free:
                connection.close()
            self._free.clear()
        self._presence.close()

    def _items(self, connection: Connection, answer: Answer) -> Iterator[Any]:
        try:
            while isinstance(answer, Items) and answer.items:
                yield from answer.items
                answer = connection.recv()
        except (EOFError, OSError) as error:
            raise _gone() from error
        except GeneratorExit:
            connection.close()
            raise
        with self._lock:
            self._free.append(connection)
        if isinstance(answer, Failure):
            raise answer.error()

    def _open(self) -> Connection:
        with address_in(self._place) as address:
            connection = Client(address, "AF_UNIX")
        if not is_own(connection):
            connection.close()
            raise PermissionError(f"the socket in {self._place} is another user's")
        connection.send(self._client)
        return connection


class _SharedIndex:
    """Has all of :class:`GenerationalIndex`: each call is made in the other process."""

    def __init__(self, connections: _Connections, number: int) -> None:
        self._connections = connections
        self._number = number

    def __getattr__(self, name: str) -> Any:
        if name in ATTRIBUTES:
            return self._connections.ask(self._number, READ, name)
        if name not in CALLS:
            raise AttributeError(name)
        return partial(self._connections.ask, self._number, name)

    def close(self) -> None:
        """Let go of the index, which stays open in the other process if it is in use."""
        if self._number:
            self._connections.ask(self._number, CLOSE)
        else:
            self._connections.close()


def _gone() -> HostGone:
    return HostGone(
        "the process that had the collection open (`vasari serve`) has ended, and what was asked "
        "of it last may not have been done. Nothing is lost: run the same command again"
    )
