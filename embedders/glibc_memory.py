"""Keeping glibc from handing the network's memory back between layers.

Every layer of a network allocates an activation of some megabytes and frees the previous one. By
default glibc maps each such block anew and unmaps it when freed, and the kernel fills every page
with zeros again; that costs as much as the convolutions. With mapping switched off and no trimming,
blocks are reused. The process keeps its peak memory, some hundred megabytes at a batch of 32.
"""

import ctypes
import platform
from functools import cache

# Parameters of mallopt(3) in glibc's malloc.h.
_M_TRIM_THRESHOLD = -1
_M_TOP_PAD = -2
_M_MMAP_MAX = -4
_M_ARENA_MAX = -8
_NEVER = 2**31 - 1
_TOP_PAD_BYTES = 256 * 2**20


@cache
def keep_freed_memory() -> bool:
    """Apply the settings once in this process; False where the C library is not glibc.

    One arena for all threads is part of it: the arenas that other threads get are too small for
    an activation, so glibc would go on mapping for every thread but the first.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    settings = (
        (_M_MMAP_MAX, 0),
        (_M_TRIM_THRESHOLD, _NEVER),
        (_M_TOP_PAD, _TOP_PAD_BYTES),
        (_M_ARENA_MAX, 1),
    )
    accepted = [mallopt(parameter, value) == 1 for parameter, value in settings]
    return all(accepted)
