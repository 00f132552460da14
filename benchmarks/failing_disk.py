"""A disk that fails SQLite at the n-th write of this process: it is full, or the process dies.

SQLite's own way for tests to replace system calls (``xSetSystemCall``), reached by ctypes. It
holds for the rest of the process, so that a process of its own does what is to be cut short.
"""

import ctypes
import errno
import itertools
import os
from collections.abc import Callable
from enum import StrEnum
from typing import Any

KILLED = 9
WRITE = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t)
POINTERS = (
    *("pNext", "zName", "pAppData", "xOpen", "xDelete", "xAccess", "xFullPathname", "xDlOpen"),
    *("xDlError", "xDlSym", "xDlClose", "xRandomness", "xSleep", "xCurrentTime", "xGetLastError"),
    *("xCurrentTimeInt64", "xSetSystemCall", "xGetSystemCall"),
)
SET_CALL = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
GET_CALL = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)

CALLS: dict[bytes, Any] = {
    name: ctypes.CFUNCTYPE(result, *arguments, use_errno=True)
    for name, result, arguments in (
        (b"write", ctypes.c_ssize_t, WRITE),
        (b"pwrite", ctypes.c_ssize_t, (*WRITE, ctypes.c_long)),
        (b"pwrite64", ctypes.c_ssize_t, (*WRITE, ctypes.c_long)),
        (b"ftruncate", ctypes.c_int, (ctypes.c_int, ctypes.c_long)),
        (b"unlink", ctypes.c_int, (ctypes.c_char_p,)),
    )
}
"""How SQLite changes what is on the disk."""

_kept: list[Any] = []
"""Callbacks that SQLite holds."""

_failed: set[bytes] = set()
"""The calls that were told that the disk is full."""


class Vfs(ctypes.Structure):
    """SQLite's ``sqlite3_vfs``, as far as it is needed."""

    _fields_ = (
        *((name, ctypes.c_int) for name in ("iVersion", "szOsFile", "mxPathname")),
        *((name, ctypes.c_void_p) for name in POINTERS),
    )


class Fault(StrEnum):
    """What happens at the write."""

    KILLED = "killed"
    TORN = "killed half way"
    FULL = "disk full"


def fail_at(count: int, fault: Fault) -> None:
    """Have SQLite's ``count``-th change of a file in this process fail; a full disk stays full."""
    library = ctypes.CDLL("libsqlite3.so.0")
    library.sqlite3_vfs_find.restype = ctypes.POINTER(Vfs)
    vfs = library.sqlite3_vfs_find(None)
    numbers = itertools.count(1)
    for name, kind in CALLS.items():
        address = GET_CALL(vfs.contents.xGetSystemCall)(ctypes.addressof(vfs.contents), name)
        if not address:
            continue
        replaced = kind(_failing(kind(address), numbers, count, fault, name))
        _kept.append(replaced)
        SET_CALL(vfs.contents.xSetSystemCall)(
            ctypes.addressof(vfs.contents), name, ctypes.cast(replaced, ctypes.c_void_p)
        )


def was_full() -> bool:
    """Tell whether SQLite has been told in this process that the disk is full."""
    return bool(_failed)


def _failing(
    real: Callable[..., int], numbers: "itertools.count[int]", count: int, fault: Fault, name: bytes
) -> Callable[..., int]:
    def call(*arguments: Any) -> int:
        number = next(numbers)
        if number < count or (fault == Fault.FULL and "write" not in name.decode()):
            return real(*arguments)
        if fault == Fault.FULL:
            _failed.add(name)
            ctypes.set_errno(errno.ENOSPC)
            return -1
        if fault == Fault.TORN and "write" in name.decode():
            descriptor, data, size, *place = arguments
            real(descriptor, data, size // 2, *place)
        os._exit(KILLED)

    return call
