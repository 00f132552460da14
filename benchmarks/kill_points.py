"""Places where a command can be killed: before and after each of its writes.

Kills at random moments seldom fall between two writes that belong together; kills at a drawn one
of these do.
"""

import functools
import itertools
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from search.index.edge.generations import Generations
from search.index.edge.index import EdgeIndex
from search.index.server.generations import Generations as ServerGenerations
from search.index.server.index import ServerIndex

WRITES: tuple[tuple[type, tuple[str, ...]], ...] = (
    (Path, ("replace", "rename", "unlink")),
    (EdgeIndex, ("upsert", "set_vectors", "set_payload", "delete", "optimize")),
    (ServerIndex, ("upsert", "set_vectors", "set_payload", "delete", "optimize")),
    (Generations, ("point", "build", "sweep")),
    (ServerGenerations, ("give_names", "build", "delete")),
)


def count_writes(into: Path) -> None:
    """Have this process write down, after each write, how many places it has passed."""
    into.write_text("0")

    def passed(number: int) -> None:
        handle = os.open(into, os.O_WRONLY | os.O_TRUNC)
        os.write(handle, str(number).encode())
        os.close(handle)

    _watch(passed)


def be_killed_at(place: int) -> None:
    """Have this process be killed, as by the system, at the n-th place."""

    def passed(number: int) -> None:
        if number == place:
            os.kill(os.getpid(), signal.SIGKILL)

    _watch(passed)


def _watch(passed: Callable[[int], None]) -> None:
    numbers = itertools.count(1)

    def here(*_: Any) -> None:
        passed(next(numbers))

    def watched(write: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(write)
        def around(*arguments: Any, **options: Any) -> Any:
            here()
            result = write(*arguments, **options)
            here()
            return result

        return around

    for kind, names in WRITES:
        for name in names:
            setattr(kind, name, watched(getattr(kind, name)))
    event.listen(Engine, "commit", here)
    event.listen(Session, "after_commit", here)
