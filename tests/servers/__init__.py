"""Real servers for the tests: where each is found, how it is started, stopped and cleaned up.

A server is looked for in one order, the same for Qdrant and for Postgres: the one that an
environment variable of the tests names, a container where Docker answers, a program that a
package registry carries. The product's own settings are never read here: a test run must not
touch a museum's collection.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Protocol, TypeVar

Server = TypeVar("Server")


class ServerUnavailable(Exception):
    """No server of this kind can run here; the message says what was tried and why it failed."""


class Lifecycle(Protocol):
    """What can be done to a server that the tests started themselves."""

    def start(self) -> None:
        """Start the server, on the ports and data it had before, and wait until it answers."""

    def stop(self) -> None:
        """Ask the server to shut down, and wait until it has."""

    def kill(self) -> None:
        """End the server at once, as a crash does."""

    def freeze(self) -> None:
        """Stop the server where it is: its connections stay open, and nothing answers."""

    def thaw(self) -> None:
        """Let a frozen server go on; nothing, if it was not."""


@contextmanager
def first_that_starts(
    what: str, *ways: Callable[[], AbstractContextManager[Server]]
) -> Iterator[Server]:
    """Run the server that the first possible way gives, until the block ends.

    Raises:
        ServerUnavailable: no way was possible; every way's reason is in the message.
    """
    with ExitStack() as running:
        reasons = []
        for way in ways:
            try:
                server = running.enter_context(way())
            except ServerUnavailable as reason:
                reasons.append(str(reason))
            else:
                break
        else:
            raise ServerUnavailable(f"no {what} to test against: {'; '.join(reasons)}")
        yield server
