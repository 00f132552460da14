"""How much memory visitors' pictures may take: of one visit, and of all together.

Streamlit keeps an upload until the page has taken it over, and takes as many as come.
"""

import asyncio
import gc
import logging
import re
import time
from collections import Counter
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

SWEEP_SECONDS = 10.0

GONE_SECONDS = 60.0
"""After so long without a connection a visit is over. A shorter one is a lost network."""

_log = logging.getLogger(__name__)

_UPLOAD = re.compile(r"/_stcore/upload_file/(?P<visit>[^/]+)/[^/]+")


class UploadQuota:
    """Refuses uploads for which there is no memory, and lets go of visits that are over.

    Args:
        visit_bytes: that one visit may have waiting to be taken over by the page.
        total_bytes: that all visits may have together, waiting or kept by the page.
        kept_bytes: gives those that the page keeps.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        visit_bytes: int,
        total_bytes: int,
        kept_bytes: Callable[[], int],
    ) -> None:
        self._app = app
        self._visit_bytes = visit_bytes
        self._total_bytes = total_bytes
        self._kept_bytes = kept_bytes
        self._coming: Counter[str] = Counter()
        self._last_seen: dict[str, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] == "lifespan":
            sweeping = asyncio.create_task(self._sweep())
            try:
                await self._app(scope, receive, send)
            finally:
                sweeping.cancel()
            return
        found = _UPLOAD.fullmatch(scope["path"])
        if found is None or scope["type"] != "http" or scope["method"] != "PUT":
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        if not length.isdecimal():
            await PlainTextResponse("Say how long the file is.", 411)(scope, receive, send)
            return
        await self._upload(found["visit"], int(length), scope, receive, send)

    async def _upload(
        self, visit: str, size: int, scope: Scope, receive: Receive, send: Send
    ) -> None:
        refusal = self._refusal(visit, size)
        if refusal is not None:
            await _read_away(size, self._visit_bytes, receive)
            await PlainTextResponse(refusal, 413)(scope, receive, send)
            return
        self._coming[visit] += size
        if runtime.get_instance().is_active_session(visit):
            self._last_seen[visit] = time.monotonic()
        try:
            await self._app(scope, receive, send)
        finally:
            self._coming[visit] -= size
            if not self._coming[visit]:
                del self._coming[visit]

    def _refusal(self, visit: str, size: int) -> str | None:
        there = bytes_waiting()
        if size + there[visit] + self._coming[visit] > self._visit_bytes:
            return "Your pictures are too large together: wait until the last one has been read."
        held = there.total() + self._coming.total() + self._kept_bytes()
        if size + held > self._total_bytes:
            return "Too many pictures are being looked at. Please try again in a minute."
        return None

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                any_gone = self._close_gone()
            except Exception:  # one visit that cannot be closed must not keep all later ones open
                _log.exception("a visit that is over could not be closed")
            else:
                if any_gone:
                    await asyncio.to_thread(gc.collect)

    def _close_gone(self) -> bool:
        served, now = runtime.get_instance(), time.monotonic()
        gone = []
        for visit, seen in self._last_seen.items():
            if served.is_active_session(visit):
                self._last_seen[visit] = now
            elif now - seen > GONE_SECONDS:
                gone.append(visit)
        for visit in gone:
            del self._last_seen[visit]
            # Streamlit itself drops it only when another visit ends after this one.
            served.close_session(visit)
        return bool(gone)


def bytes_waiting() -> Counter[str]:
    """Return how many bytes of each visit Streamlit holds."""
    manager = runtime.get_instance().uploaded_file_mgr
    assert isinstance(manager, MemoryUploadedFileManager)  # noqa: S101 - what `st.App` makes
    return Counter(
        {
            visit: sum(len(file.data) for file in list(files.values()))
            for visit, files in list(manager.file_storage.items())
        }
    )


async def _read_away(size: int, most: int, receive: Receive) -> None:
    """Read a request's body: a browser that is cut short does not see the answer."""
    more = size <= most
    while more:
        message = await receive()
        more = message["type"] == "http.request" and message.get("more_body", False)
