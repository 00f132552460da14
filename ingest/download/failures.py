"""Why a download failed, in few words that stay the same, and whether asking again helps."""

import ssl
from enum import StrEnum

import httpx

from errors import VasariError


class Reason(StrEnum):
    """Reasons of the stage ``fetch``, for images over HTTP."""

    GONE = "gone"
    FORBIDDEN = "forbidden"
    REQUEST_REFUSED = "request refused"
    RATE_LIMITED = "rate limited"
    SERVER_ERROR = "server error"
    TIMED_OUT = "timed out"
    CONNECTION_LOST = "connection lost"
    NO_CONNECTION = "no connection"
    HOST_NOT_FOUND = "host not found"
    NOT_TRUSTED = "certificate not trusted"
    REFUSED_ADDRESS = "refused address"
    NOT_A_WEB_ADDRESS = "not a web address"
    TOO_MANY_REDIRECTS = "too many redirects"
    # As with files: one cause, one name.
    TOO_LARGE = "file too large"
    EMPTY = "empty file"


class DownloadFailure(VasariError):
    """An image that could not be downloaded.

    Args:
        again: whether asking again after a pause may help.
        pause: seconds that the server asked to be left alone for.
        answered: whether the host said anything at all.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str = "",
        *,
        again: bool = False,
        pause: float | None = None,
        answered: bool = True,
    ) -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail
        self.again = again
        self.pause = pause
        self.answered = answered


_BY_STATUS = {
    401: Reason.FORBIDDEN,
    403: Reason.FORBIDDEN,
    404: Reason.GONE,
    407: Reason.FORBIDDEN,
    408: Reason.TIMED_OUT,
    410: Reason.GONE,
    413: Reason.TOO_LARGE,
    429: Reason.RATE_LIMITED,
    451: Reason.FORBIDDEN,
}
_NEVER_WILL = {501, 505}
"""Server errors that say what the server cannot do, not how it feels."""


def of_status(status: int, *, pause: float | None) -> DownloadFailure:
    """Return what an answer without an image stands for."""
    reason = _BY_STATUS.get(status)
    if reason is None:
        reason = Reason.SERVER_ERROR if status >= 500 or status < 400 else Reason.REQUEST_REFUSED
    passing = reason in {Reason.RATE_LIMITED, Reason.TIMED_OUT} or status >= 500
    again = passing and status not in _NEVER_WILL
    return DownloadFailure(reason, f"HTTP {status}", again=again, pause=pause if again else None)


def of_transport(error: httpx.HTTPError, *, answered: bool) -> DownloadFailure:
    """Return what a request that came to no end stands for.

    Args:
        answered: whether an answer had begun.
    """
    reason, detail, again = Reason.CONNECTION_LOST, str(error) or type(error).__name__, True
    match error:
        case httpx.ConnectTimeout():
            reason, detail = Reason.NO_CONNECTION, "no answer in time"
        case httpx.ConnectError() if _is_about_trust(error):
            reason, again = Reason.NOT_TRUSTED, False
        case httpx.ConnectError():
            reason = Reason.NO_CONNECTION
        case httpx.TimeoutException():
            reason, detail = Reason.TIMED_OUT, "the answer stopped coming"
        case httpx.UnsupportedProtocol():
            reason, again = Reason.NOT_A_WEB_ADDRESS, False
        case httpx.DecodingError():
            reason, again = Reason.SERVER_ERROR, False
    return DownloadFailure(reason, detail, again=again, answered=answered)


def _is_about_trust(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
