"""Connections to Postgres that notice when the server has fallen silent.

A server that is frozen (a paused container, a machine that swaps) closes nothing, and its kernel
goes on acknowledging, so neither TCP nor libpq ever gives it up. A bound on a statement's time
would be no help: some take minutes, and a wait for an advisory lock takes as long as it takes. So
whoever has heard nothing for a while asks on a second connection whether anybody is there, and
only then gives up the first.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from psycopg import waiting
from psycopg.abc import PQGen
from psycopg.errors import ConnectionTimeout
from sqlalchemy import Engine, event

ASK_AFTER_SECONDS = 5.0
"""Of silence, and as long again after each answer."""

ANSWER_SECONDS = 3
"""For an answer of any kind, in whole seconds, and no fewer than two."""

CANCEL_SECONDS = 1.0
"""For a server to hear that a statement is no longer wanted."""

LOOK_SECONDS = 0.1
"""How often a wait looks up: for Ctrl-C, and for how long it has lasted."""

KEEPALIVE = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds
}
"""For a machine that is cut off and no longer acknowledges anything."""

SURELY_SILENT_SECONDS = 1.0
"""For so long after a server was found silent, nobody tries to connect to it again."""

SILENT = "it takes connections but says nothing"

Result = TypeVar("Result")


class WatchedConnection(psycopg.Connection[Any]):
    """A connection whose waits end when the server no longer answers, and at Ctrl-C.

    Attributes:
        on_silence: called when the server is found to have fallen silent.
    """

    on_silence: Callable[[], None] = staticmethod(lambda: None)

    def wait(
        self, gen: PQGen[Result], interval: float = LOOK_SECONDS, timeout: float | None = None
    ) -> Result:
        """Wait for what psycopg does on the connection.

        Raises:
            OperationalError: the server has fallen silent; the connection is closed.
        """
        try:
            return waiting.wait(
                self._watched(gen), self.pgconn.socket, interval=interval, timeout=timeout
            )
        except (KeyboardInterrupt, SystemExit):
            # Not as psycopg does, which waits for the statement's end even now.
            with suppress(psycopg.Error):
                self.cancel_safe(timeout=CANCEL_SECONDS)
            self.close()
            raise

    def _watched(self, gen: PQGen[Result]) -> PQGen[Result]:
        """Stand between a generator of psycopg's and its wait, which sends 0 when nothing came."""
        heard = time.monotonic()
        ready: Any = None  # which begins a generator
        while True:
            try:
                wanted = gen.send(ready)
            except StopIteration as end:
                result: Result = end.value
                return result
            ready = yield wanted
            if ready:
                heard = time.monotonic()
            elif time.monotonic() - heard > ASK_AFTER_SECONDS:
                if not self._somebody_is_there():
                    self.close()
                    self.on_silence()
                    raise psycopg.OperationalError(SILENT)
                heard = time.monotonic()

    def _somebody_is_there(self) -> bool:
        """Ask on a new connection. One that is refused is an answer too: nothing is frozen."""
        asked: dict[str, Any] = {
            **self.info.get_parameters(),
            "hostaddr": self.info.hostaddr,
            "port": self.info.port,
            "password": self.info.password,
            "connect_timeout": ANSWER_SECONDS,
        }
        try:
            psycopg.connect(**asked).close()
        except ConnectionTimeout:
            return False
        except psycopg.Error:
            return True
        return True


def watch(engine: Engine) -> None:
    """Have an engine for Postgres open watched connections."""
    fell_silent = -SURELY_SILENT_SECONDS

    def _note_silence() -> None:
        nonlocal fell_silent
        fell_silent = time.monotonic()

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, arguments: Any, parameters: Any) -> WatchedConnection:
        # The pool answers a connection that was given up with a new one: in vain, and long.
        if time.monotonic() - fell_silent < SURELY_SILENT_SECONDS:
            raise psycopg.OperationalError(SILENT)
        connection = WatchedConnection.connect(*arguments, **parameters)
        connection.on_silence = _note_silence
        return connection
