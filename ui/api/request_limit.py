"""How many requests a minute are answered: of one key, or else of one address."""

import math
from http import HTTPStatus
from ipaddress import IPv6Address, IPv6Network, ip_address
from time import monotonic

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.api.keys import KeyCheck
from ui.api.problems import ApiProblem, problem

MINUTE = 60.0

FORGET_AT = 10_000
"""So many askers are remembered before those who have not asked for a minute are forgotten."""


class RequestLimit:
    """Refuses requests to an app of those who ask too often.

    Each asker may use a minute's requests at once; they come back evenly over a minute. Those of a
    known key are counted by key, from whatever address they come, and all others by address.

    Args:
        per_minute: requests of each.
        free: paths that may always be asked.
    """

    def __init__(
        self, app: ASGIApp, *, per_minute: int, keys: KeyCheck, free: frozenset[str]
    ) -> None:
        self._app = app
        self._interval = MINUTE / per_minute
        self._keys = keys
        self._free = free
        self._whole_at: dict[str, float] = {}
        self._forget_at = FORGET_AT

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] == "http" and scope["path"] not in self._free:
            seconds = self.wait(self._asker(scope))
            if seconds > 0:
                refusal = problem(
                    HTTPStatus.TOO_MANY_REQUESTS,
                    "too-many-requests",
                    f"at most {MINUTE / self._interval:.0f} requests a minute are answered",
                    Retry_After=str(math.ceil(seconds)),
                )
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def wait(self, asker: str) -> float:
        """Return for how many seconds somebody has to wait, and count the request if for none."""
        now = monotonic()
        whole_at = max(self._whole_at.get(asker, now), now) + self._interval
        if whole_at - now > MINUTE + self._interval / 2:
            return whole_at - now - MINUTE
        self._whole_at[asker] = whole_at
        if len(self._whole_at) > self._forget_at:
            self._whole_at = {who: when for who, when in self._whole_at.items() if when > now}
            self._forget_at = max(FORGET_AT, 2 * len(self._whole_at))
        return 0.0

    def _asker(self, scope: Scope) -> str:
        try:
            key = self._keys(Headers(scope=scope).get("authorization"))
        except ApiProblem:
            key = None
        return f"key {key.name}" if key is not None else _address(scope)


def _address(scope: Scope) -> str:
    """Return an asker's address; of IPv6 the network, all of which one machine may have."""
    given = scope["client"][0] if scope.get("client") else ""
    try:
        address = ip_address(given)
    except ValueError:
        return str(given)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address.packed, 64), strict=False))
    return str(address)
