"""What a browser is told about the page, so that it does nothing else for it."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.serving.open_paths import FRAMED, OpenPaths

_POLICY = {
    "default-src": "'none'",
    # Our components' scripts come as blobs.
    "script-src": "'self' blob: 'sha256-THxz9J9+wf7rhwR2YkXJoSZ13UCmYyC+3lNDv2+8ugA='",
    # Streamlit writes its styles into the page as it runs.
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self' blob:",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def _written(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in policy.items())


HEADERS = {
    "Content-Security-Policy": _written(_POLICY),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), "
    "payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_OPEN = HEADERS | {
    # Also where no other page asks: a browser gives one page what it has fetched for another.
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}

_FRAMED = _OPEN | {"Content-Security-Policy": _written(_POLICY | {"frame-ancestors": "*"})}
del _FRAMED["X-Frame-Options"]  # it cannot say that every page may


class SecurityHeaders:
    """Puts the headers on every answer of an app.

    Args:
        open_paths: where the answers are for pages of other origins too.
    """

    def __init__(self, app: ASGIApp, open_paths: OpenPaths) -> None:
        self._app = app
        self._open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request as the app does, with the headers."""
        path = scope.get("path", "")
        headers = HEADERS
        if scope["type"] == "http" and path in self._open_paths:
            headers = _FRAMED if path == FRAMED else _OPEN

        async def send_with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                MutableHeaders(scope=message).update(headers)
            await send(message)

        await self._app(scope, receive, send_with_headers)
