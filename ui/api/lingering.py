"""The end of a connection whose request was answered before all of it had come.

A server that closes it at once has the answer lost with the bytes that are still on their way; one
that waits for them can be made to wait for ever.
"""

from anyio import move_on_after
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LINGER_SECONDS = 2.0
"""For so long the rest of a request is read and thrown away."""


class Lingering:
    """Closes such connections, a moment after the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_coming = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"

        async def received() -> Message:
            nonlocal is_coming
            message = await receive()
            is_coming = message["type"] == "http.request" and message.get("more_body", False)
            return message

        async def sent(message: Message) -> None:
            if is_coming and message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Connection"] = "close"
            elif is_coming and not message.get("more_body", False):
                await send({**message, "more_body": True})
                with move_on_after(LINGER_SECONDS):
                    while is_coming:
                        await received()
                message = {"type": "http.response.body"}
            await send(message)

        await self._app(scope, received, sent)
