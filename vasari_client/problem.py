"""What a server says when it does not answer a question."""

from typing import Any

import httpx

_KIND = "urn:vasari:problem:"


class Problem(Exception):
    """A request that was refused, or that failed.

    Args:
        status: of HTTP.
        kind: names the problem, and never changes: ``no-such-work``; empty where something between
            here and Vasari has answered.
        detail: says it to people.
        retry_after: seconds after which it may be tried again, where the server says so.
    """

    def __init__(
        self, status: int, kind: str, detail: str, *, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{detail} ({status} {kind})" if kind else f"{detail} ({status})")
        self.status = status
        self.kind = kind
        self.detail = detail
        self.retry_after = retry_after


def check(response: httpx.Response) -> None:
    """Check that an answer, all of which has been read, is one.

    Raises:
        Problem: it is none.
    """
    if response.is_success:
        return
    said: dict[str, Any] = {}
    if response.headers.get("content-type", "").startswith("application/problem+json"):
        said = response.json()
    after = response.headers.get("retry-after", "")
    raise Problem(
        response.status_code,
        str(said.get("type", "")).removeprefix(_KIND),
        str(said.get("detail") or response.text[:200] or response.reason_phrase),
        retry_after=float(after) if after.isdecimal() else None,
    )
