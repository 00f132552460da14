"""How fast each host is asked, and when it is left alone."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ingest.download.failures import DownloadFailure, Reason
from ingest.download.rules import DownloadRules

_SILENT_OFTEN_ENOUGH = 10
"""Requests in a row without any answer, at least, before a host may be given up."""


@dataclass
class _Host:
    slots: asyncio.Semaphore
    next_request: float = 0.0
    paused_until: float = 0.0
    silent: int = 0
    silent_since: float = 0.0


class RateLimiter:
    """Limits the requests to each host: how many at once, and how many a second."""

    def __init__(self, rules: DownloadRules) -> None:
        self._rules = rules
        self._all = asyncio.Semaphore(rules.at_once)
        self._hosts = defaultdict[str, _Host](lambda: _Host(asyncio.Semaphore(rules.host_at_once)))

    @asynccontextmanager
    async def slot(self, name: str) -> AsyncIterator[None]:
        """Wait until a host may be asked, and occupy one of its slots.

        A failure within is taken note of: of one with a pause the whole host is left alone for so
        long, and of silence the host may be given up.

        Raises:
            DownloadFailure: the host has been given up.
        """
        host = self._hosts[name]
        async with host.slots:
            await self._wait(host, name)
            # Only now: those who wait for a slow host shall not keep others from theirs.
            async with self._all:
                try:
                    yield
                except DownloadFailure as failure:
                    self._learn(host, failure)
                    raise
        host.silent = 0

    async def _wait(self, host: _Host, name: str) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            silence = clock() - host.silent_since
            if host.silent >= _SILENT_OFTEN_ENOUGH and silence >= self._rules.give_up_seconds:
                raise DownloadFailure(
                    Reason.NO_CONNECTION,
                    f"not asked: {name} has not answered for {silence:.0f} s and is left alone "
                    "until the next job",
                    answered=False,
                )
            pause = max(host.next_request, host.paused_until) - clock()
            if pause <= 0:
                host.next_request = clock() + 1 / self._rules.host_rate
                return
            await asyncio.sleep(pause)

    def _learn(self, host: _Host, failure: DownloadFailure) -> None:
        now = asyncio.get_running_loop().time()
        if failure.pause is not None:
            pause = min(failure.pause, self._rules.longest_pause)
            host.paused_until = max(host.paused_until, now + pause)
        if failure.answered:
            host.silent = 0
        else:
            if host.silent == 0:
                host.silent_since = now
            host.silent += 1
