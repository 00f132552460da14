"""Servers that do not answer: a job says so, waits for them, and then continues."""

from collections.abc import Callable
from typing import TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_delay,
    wait_random_exponential,
)

from catalog.errors import CatalogBusy, CatalogUnreachable
from errors import VasariError
from ingest.place import PlaceUnreachable
from ingest.progress import JobProgress
from search.index.contract import IndexUnreachable

PASSING = (IndexUnreachable, CatalogUnreachable, CatalogBusy, PlaceUnreachable)
"""What is worth waiting for. What a job does is safe to do twice, so a step of which it is not
known whether the server still heard it is simply done again."""

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0

Result = TypeVar("Result")


class Outage(VasariError):
    """A server did not come back in time; the message says what to do."""


class RetryPolicy:
    """Retries steps while their servers do not answer, up to a time limit.

    Args:
        seconds: how long one step is retried; 0 gives up after the first attempt.

    Attributes:
        is_cancelled: asked between attempts; once it says so, no further one is made.
    """

    def __init__(self, seconds: float, progress: JobProgress) -> None:
        self._seconds = seconds
        self._progress = progress
        self.is_cancelled: Callable[[], bool] = lambda: False

    def __call__(self, step: Callable[[], Result]) -> Result:
        """Return what a step returns, once it does.

        Raises:
            Outage: a server did not answer in time.
        """
        attempts = Retrying(
            retry=retry_if_exception_type(PASSING),
            wait=wait_random_exponential(FIRST_PAUSE_SECONDS, max=LONGEST_PAUSE_SECONDS),
            stop=lambda state: self.is_cancelled() or stop_after_delay(self._seconds)(state),
            before_sleep=self._say,
            reraise=True,
        )
        try:
            result = attempts(step)
        except PASSING as error:
            raise Outage(
                f"{error}. Nothing is lost: once it answers, run the same command again to continue"
            ) from error
        if attempts.statistics.get("attempt_number", 1) > 1:
            self._progress.going_on()
        return result

    def _say(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if state.attempt_number == 1 and not isinstance(error, CatalogBusy):
            self._progress.waiting(_server(error), self._seconds)


def _server(error: BaseException | None) -> str:
    if isinstance(error, PlaceUnreachable):
        return "store"
    return "index" if isinstance(error, IndexUnreachable) else "catalog"
