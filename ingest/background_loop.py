"""An event loop on a thread of its own, for code that runs on threads."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

Result = TypeVar("Result")

_FAREWELL_SECONDS = 5.0
"""For connections to be closed in good order. What takes longer is left to the end of the process:
the thread is a daemon."""


class BackgroundLoop:
    """Runs coroutines in the background; closing it cancels those that are not done."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Start a coroutine."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self, farewell: Coroutine[Any, Any, None]) -> None:
        """Cancel what runs, run a last coroutine, and end."""
        with suppress(TimeoutError):
            self.submit(self._end(farewell)).result(_FAREWELL_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_FAREWELL_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()

    async def _end(self, farewell: Coroutine[Any, Any, None]) -> None:
        running = asyncio.all_tasks() - {asyncio.current_task()}
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await farewell
