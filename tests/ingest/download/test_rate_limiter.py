"""The rate limiter: how many, how fast, and when a host is left alone."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from ingest.download.failures import DownloadFailure, Reason
from ingest.download.rate_limiter import RateLimiter
from ingest.download.rules import DownloadRules, download_rules
from settings import Settings

FAST = replace(
    download_rules(Settings.model_construct()), host_rate=10_000, at_once=6, host_at_once=3
)


def _most_at_once(rules: DownloadRules, hosts: list[str]) -> tuple[int, int]:
    """Return the most slots held at one moment: of one host, and of all."""
    limiter, held = RateLimiter(rules), []
    most_of_one, most_of_all = 0, 0

    async def ask(host: str) -> None:
        nonlocal most_of_one, most_of_all
        async with limiter.slot(host):
            held.append(host)
            most_of_one = max(most_of_one, held.count(host))
            most_of_all = max(most_of_all, len(held))
            await asyncio.sleep(0.01)
            held.remove(host)

    async def run() -> None:
        await asyncio.gather(*(ask(host) for host in hosts))

    asyncio.run(run())
    return most_of_one, most_of_all


def test_no_more_turns_are_held_than_allowed() -> None:
    assert _most_at_once(FAST, ["a"] * 20) == (3, 3)
    of_one, of_all = _most_at_once(FAST, ["a", "b", "c", "d"] * 10)
    assert (of_one <= 3, of_all) == (True, 6)


def test_the_turns_of_a_host_are_no_closer_than_its_rate() -> None:
    limiter, moments = RateLimiter(replace(FAST, host_rate=50)), []

    async def ask() -> None:
        async with limiter.slot("a"):
            moments.append(asyncio.get_running_loop().time())

    async def run() -> None:
        await asyncio.gather(*(ask() for _ in range(8)))

    asyncio.run(run())
    # One tick of the loop's clock is forgiven.
    assert min(later - former for former, later in pairwise(moments)) >= 1 / 50 - 0.001


def test_a_pause_holds_up_one_host_and_no_other() -> None:
    limiter = RateLimiter(FAST)
    order = []

    async def ask(host: str) -> None:
        async with limiter.slot(host):
            order.append(host)

    async def run() -> None:
        with pytest.raises(DownloadFailure):
            async with limiter.slot("slow"):
                raise DownloadFailure(Reason.RATE_LIMITED, pause=0.3)
        # More that wait for the slow host than there are slots in all.
        await asyncio.gather(*(ask("slow") for _ in range(10)), ask("other"))

    asyncio.run(run())
    assert order[0] == "other"
    assert order.count("slow") == 10


def test_a_host_that_stays_silent_is_given_up_and_one_that_speaks_is_not() -> None:
    limiter = RateLimiter(replace(FAST, give_up_seconds=0))

    async def fail(host: str, *, answered: bool) -> str:
        with pytest.raises(DownloadFailure) as failure:
            async with limiter.slot(host):
                raise DownloadFailure(Reason.NO_CONNECTION, "nobody", answered=answered)
        return failure.value.detail

    async def run() -> dict[str, str]:
        for number in range(10):
            await fail("silent", answered=False)
            await fail("grumpy", answered=True)
            await fail("unsteady", answered=number == 5)
        return {host: await fail(host, answered=False) for host in ("silent", "grumpy", "unsteady")}

    last = asyncio.run(run())
    assert "silent has not answered" in last.pop("silent")
    assert last == {"grumpy": "nobody", "unsteady": "nobody"}
