"""Requests to a server that may have fallen silent without closing anything."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

import httpx

from redaction import redact
from search.index.contract import IndexUnreachable

ASK_AFTER_SECONDS = 5.0
"""Without a response, and as long again after each sign of life."""

ANSWER_SECONDS = 3.0
"""For a sign of life."""

Result = TypeVar("Result")


def unless_silent(url: str, ask: Callable[[], Result]) -> Result:
    """Return what a request to a Qdrant server brings, however long that takes the server.

    The request has a thread of its own, so that it can be left behind: sent again it would be done
    twice, and its socket is out of reach. It ends by its own time limit.

    Raises:
        IndexUnreachable: the server is frozen: it does not even say that it is alive.
    """
    pending: Future[Result] = Future()

    def _run() -> None:
        try:
            pending.set_result(ask())
        except BaseException as error:
            pending.set_exception(error)

    threading.Thread(target=_run, name="qdrant-request", daemon=True).start()
    while not wait([pending], ASK_AFTER_SECONDS).done:
        if not _gives_a_sign_of_life(url) and not pending.done():
            raise IndexUnreachable(
                f"no Qdrant server answers at {redact(url)}: it takes connections but says nothing"
            )
    return pending.result()


def _gives_a_sign_of_life(url: str) -> bool:
    try:
        httpx.get(f"{url.rstrip('/')}/livez", timeout=ANSWER_SECONDS)
    except httpx.TimeoutException:
        return False
    except httpx.HTTPError:
        return True  # refused: nothing is frozen, and the request itself will tell
    return True
