"""The messages between the process that has an index open and those that ask it, and their socket.

Both ends are one user's own processes: the socket lies in a folder that only they can enter, and
each end asks the operating system who is at the other. That is why pickled messages will do.
"""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from errors import VasariError
from search.index.contract import GenerationalIndex, Index

NAME = "shared"
"""The folder of the socket, in that of the index."""

READ = "__getattribute__"
"""Asks for an attribute, of those in :data:`ATTRIBUTES`."""

ATTRIBUTES = frozenset({"engine", "specs"})

CLOSE = "close"
"""Lets go of a generation that was opened beside the one in use."""

OPENING = frozenset({"next_generation", "former_generation"})
"""These return another index."""

CALLS = frozenset(
    name
    for contract in (Index, GenerationalIndex)
    for name in vars(contract)
    if not name.startswith("_") and name not in (*ATTRIBUTES, CLOSE)
)
"""What may be asked of an index that is another process's."""


@dataclass(frozen=True)
class Call:
    """A call of a method.

    Args:
        target: the index that is meant, by its number; 0 is the one in use.
    """

    target: int
    method: str
    args: tuple[Any, ...]
    options: dict[str, Any]


@dataclass(frozen=True)
class Value:
    """What a call returned."""

    value: Any


@dataclass(frozen=True)
class Opened:
    """The call returned an index, which is asked under this number."""

    number: int


@dataclass(frozen=True)
class Items:
    """Some of what a call goes through; an empty list is the end."""

    items: list[Any]


@dataclass(frozen=True)
class Failure:
    """What a call raised."""

    kind: type[VasariError]
    message: str

    def error(self) -> VasariError:
        """Return what was raised; its own constructor is not called again."""
        return self.kind.__new__(self.kind, self.message)


Answer = Value | Opened | Items | Failure


@contextmanager
def address_in(folder: Path) -> Iterator[str]:
    """Give the address of the socket in a folder, however long the folder's path is.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        short = Path(f"/proc/self/fd/{handle}")
        yield str((short if short.exists() else folder) / "socket")
    finally:
        os.close(handle)


def is_own(connection: Connection) -> bool:
    """Tell whether the process at the other end is the same user's, as far as the system tells."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    with socket.socket(fileno=os.dup(connection.fileno())) as end:
        data = end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return bool(struct.unpack("3i", data)[1] == os.getuid())
