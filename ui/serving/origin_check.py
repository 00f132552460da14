"""Which requests reach the page: those that come to a name of its own, from a page of its own.

Without this, a web page anywhere could have its name resolved to this machine and read the
collection through its visitor's browser, and so could whatever else is served on it.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from settings import Settings
from ui.serving.open_paths import METHODS, OpenPaths

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - listened on, but no address of anything
_PRIVATE = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check")
"""What Streamlit tells of itself and lets programs do; none of it is for visitors."""

_PREFLIGHT = {
    "Access-Control-Allow-Methods": ", ".join(METHODS),
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
"""The answer to a browser that asks first, as it does where a viewer names what it accepts."""


def guarded(app: ASGIApp, settings: Settings, open_paths: OpenPaths) -> ASGIApp:
    """Let only requests to the page's own names, and from its own pages, through to an app.

    Args:
        open_paths: what other pages may ask all the same, though at the page's own names only.
    """
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    own = [host] if settings.host not in _ANY_ADDRESS else []
    names = [*_LOOPBACK, *own, *settings.allowed_hosts]
    return TrustedHostMiddleware(
        OriginCheck(app, names=settings.allowed_hosts, open_paths=open_paths),
        names,
        www_redirect=False,
    )


class OriginCheck:
    """Refuses what another page asks for, and what no page of ours needs.

    Args:
        names: beside the one that is asked for, names of the page's own. Whoever stands before the
            page and asks for it under another name has to have its public name among them.
        open_paths: what every page may ask.
    """

    def __init__(self, app: ASGIApp, *, names: Collection[str], open_paths: OpenPaths) -> None:
        self._app = app
        self._names = {name.lower() for name in names}
        self._open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        foreign = origin is not None and not self._is_own(origin, headers.get("host", ""))
        if foreign and scope["type"] == "http" and scope["path"] in self._open_paths:
            method = headers.get("access-control-request-method")
            if scope["method"] == "OPTIONS" and method in METHODS:
                await Response(status_code=204, headers=_PREFLIGHT)(scope, receive, send)
                return
            foreign = scope["method"] not in METHODS
        if foreign:
            refusal = PlainTextResponse("This page may not be asked by another page.", 403)
            await refusal(scope, receive, send)
        elif scope["path"].startswith(_PRIVATE):
            await PlainTextResponse("Not found", 404)(scope, receive, send)
        else:
            # Streamlit would check the origin again, for which it asks a server on the internet
            # for this machine's address.
            kept = [(name, value) for name, value in scope["headers"] if name != b"origin"]
            await self._app({**scope, "headers": kept}, receive, send)

    def _is_own(self, origin: str, host: str) -> bool:
        try:
            asking = urlsplit(origin)
            name = asking.hostname or ""
        except ValueError:
            return False
        if asking.scheme not in ("http", "https"):
            return False
        # Every port of this machine has pages of its own: there the port has to be the same.
        return asking.netloc.lower() == host.lower() or (
            name in self._names and name not in ("localhost", "127.0.0.1", "::1")
        )
