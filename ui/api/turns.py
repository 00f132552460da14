"""How many questions are worked on at one time, and for how long each is waited for."""

import asyncio
import contextlib
import math
from collections.abc import Callable
from http import HTTPStatus
from threading import Lock
from typing import TypeVar, cast

from anyio import CapacityLimiter, fail_after, to_thread
from prometheus_client import Gauge

from ui.api.problems import ApiProblem

Answer = TypeVar("Answer")


class Turns:
    """Has questions answered on threads, so many at one time; the others wait for their turn.

    Args:
        at_once: questions that are worked on.
        seconds: from the moment that a question is asked to its answer.
        waiting: counts those that wait.
    """

    def __init__(self, at_once: int, *, seconds: float, waiting: Gauge) -> None:
        self._limiter = CapacityLimiter(at_once)
        self._seconds = seconds
        self._waiting = waiting

    async def take(self, work: Callable[[], Answer]) -> Answer:
        """Return what some work returns.

        A thread cannot be ended: work that takes too long is no longer waited for, and keeps its
        turn until it is done.

        Raises:
            ApiProblem: it takes too long, or its turn has not come.
        """
        turn = Lock()  # held by whoever is the first: the thread that begins, or who gives up
        loop = asyncio.get_running_loop()
        has_turn = False

        def worked() -> Answer | None:
            if not turn.acquire(blocking=False):
                return None  # nobody waits for it any more
            try:
                return work()
            finally:
                # The loop is closed where the server has ended meanwhile.
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(self._limiter.release_on_behalf_of, turn)

        try:
            with fail_after(self._seconds):
                with self._waiting.track_inprogress():
                    await self._limiter.acquire_on_behalf_of(turn)
                has_turn = True
                return cast(Answer, await to_thread.run_sync(worked, abandon_on_cancel=True))
        except TimeoutError:
            if has_turn:
                raise ApiProblem(
                    HTTPStatus.GATEWAY_TIMEOUT,
                    "timed-out",
                    f"the answer takes more than {self._seconds:g} seconds; ask for less: fewer "
                    "models, a smaller picture, no `exact`",
                ) from None
            raise ApiProblem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "busy",
                f"other questions took all of {self._seconds:g} seconds; try again in a minute",
                retry_after=math.ceil(self._seconds),
            ) from None
        finally:
            if has_turn and turn.acquire(blocking=False):
                self._limiter.release_on_behalf_of(turn)
