"""One image from a web server into a file."""

import asyncio
import hashlib
import logging
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpcore
import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential

from ingest.download.addresses import CheckedNetwork, Resolver, resolve
from ingest.download.failures import DownloadFailure, Reason, of_status, of_transport
from ingest.download.rate_limiter import RateLimiter
from ingest.download.retry_after import retry_after
from ingest.download.rules import DownloadRules
from ingest.web_address import without_credentials

_NOT_MODIFIED = 304


@dataclass(frozen=True)
class Downloaded:
    """A whole answer, written to a file, and what the server gave the image to be recognised by."""

    sha256: str
    etag: str | None
    last_modified: str | None

    def headers(self) -> dict[str, str]:
        """Return the headers of a conditional request, which is answered 304."""
        wanted = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        # What servers send is not always what a header may hold.
        return {name: value for name, value in wanted.items() if value and value.isascii()}


class Downloader:
    """Downloads images by the rules, within one event loop.

    Args:
        resolver: gives the addresses of a host.
    """

    def __init__(self, rules: DownloadRules, *, resolver: Resolver = resolve) -> None:
        self._rules = rules
        self._limiter = RateLimiter(rules)
        logging.getLogger("httpx").addFilter(_hide_secrets)
        self._client = httpx.AsyncClient(
            # With a transport of its own, a client passes no proxy that the environment names: a
            # proxy would do the looking up, past the check of addresses.
            transport=_CheckedTransport(rules, resolver),
            timeout=httpx.Timeout(rules.read_seconds, connect=rules.connect_seconds, pool=None),
            # An image is packed already; an answer packed again could unpack to anything.
            headers={"User-Agent": rules.user_agent, "Accept-Encoding": "identity"},
        )
        self._backoff = wait_random_exponential(multiplier=rules.backoff, max=rules.longest_pause)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def download(
        self, url: str, target: Path, *, known_by: Downloaded | None = None
    ) -> Downloaded | None:
        """Download an image into a file, asking again where that may help.

        Args:
            known_by: the image that is there already.

        Returns:
            ``None`` where the server says that the image that is there is still the one.

        Raises:
            DownloadFailure: it cannot be had.
        """
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self._rules.attempts),
            retry=retry_if_exception(lambda error: getattr(error, "again", False)),
            wait=self._pause,
            reraise=True,
        )
        return await retrying(self._attempt, url, target, known_by)

    def _pause(self, state: RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        if isinstance(failure, DownloadFailure) and failure.pause is not None:
            return min(failure.pause, self._rules.longest_pause)
        return self._backoff(state)

    async def _attempt(
        self, url: str, target: Path, known_by: Downloaded | None
    ) -> Downloaded | None:
        request = self._request(url, known_by.headers() if known_by else {})
        for _ in range(self._rules.max_redirects + 1):
            # Each hop waits for its own host.
            async with self._limiter.slot(request.url.raw_host.decode("ascii")):
                answer = await self._ask(request, target)
            if not isinstance(answer, httpx.Request):
                return answer
            request = answer
        raise DownloadFailure(Reason.TOO_MANY_REDIRECTS, f"more than {self._rules.max_redirects}")

    def _request(self, url: str, headers: Mapping[str, str]) -> httpx.Request:
        try:
            address = httpx.URL(url)
            request = self._client.build_request(
                # Credentials belong into a header, which no redirect to another host is given.
                "GET",
                address.copy_with(username=None, password=None),
                headers=headers,
            )
        except (httpx.InvalidURL, ValueError) as error:
            raise DownloadFailure(Reason.NOT_A_WEB_ADDRESS, "it cannot be read") from error
        if address.scheme not in {"http", "https"} or not address.host:
            raise DownloadFailure(Reason.NOT_A_WEB_ADDRESS, "neither http nor https, or no host")
        if address.userinfo:
            pair = f"{address.username}:{address.password}".encode()
            request.headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
        return request

    async def _ask(self, request: httpx.Request, target: Path) -> Downloaded | httpx.Request | None:
        answered = False
        try:
            async with asyncio.timeout(self._rules.total_seconds):
                response = await self._client.send(request, stream=True)
                answered = True
                try:
                    return await self._take(response, target)
                finally:
                    await response.aclose()
        except TimeoutError as error:
            detail = f"not all there after {self._rules.total_seconds:g} s"
            raise DownloadFailure(Reason.TIMED_OUT, detail, answered=answered) from error
        except httpx.HTTPError as error:
            raise of_transport(error, answered=answered) from error
        except ValueError as error:
            # Such as a redirect to an invalid host name: no answer may ever end the job.
            raise DownloadFailure(Reason.SERVER_ERROR, f"unusable answer: {error}") from error

    async def _take(
        self, response: httpx.Response, target: Path
    ) -> Downloaded | httpx.Request | None:
        if response.next_request is not None:
            return response.next_request
        asked = response.request.headers
        if response.status_code == _NOT_MODIFIED and (
            "If-None-Match" in asked or "If-Modified-Since" in asked
        ):
            return None
        if not response.is_success:
            raise of_status(
                response.status_code, pause=retry_after(response.headers.get("Retry-After"))
            )
        return Downloaded(
            sha256=await self._write(response, target),
            etag=response.headers.get("ETag"),
            last_modified=response.headers.get("Last-Modified"),
        )

    async def _write(self, response: httpx.Response, target: Path) -> str:
        """Write the body, as far as it may go, and return its SHA-256."""
        announced = response.headers.get("Content-Length", "")
        if announced.isdigit():
            self._check_size(int(announced))
        size, digest = 0, hashlib.sha256()
        with target.open("wb") as file:
            async for piece in response.aiter_bytes():
                size += len(piece)
                self._check_size(size)
                digest.update(piece)
                file.write(piece)
        if size == 0:
            raise DownloadFailure(Reason.EMPTY)
        return digest.hexdigest()

    def _check_size(self, size: int) -> None:
        if size > self._rules.max_bytes:
            raise DownloadFailure(
                Reason.TOO_LARGE,
                f"at least {size:,} bytes, {self._rules.max_bytes:,} are allowed",
            )


class _CheckedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport, over connections to checked addresses."""

    def __init__(self, rules: DownloadRules, resolver: Resolver) -> None:
        network = CheckedNetwork(allow_private=rules.allow_private_networks, resolver=resolver)
        # httpx has no argument for the network beneath its pool. A release of it that keeps its
        # pool elsewhere fails at the first request; none goes out unchecked.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=rules.at_once,
            max_keepalive_connections=rules.at_once,
            keepalive_expiry=5.0,
            network_backend=network,
        )


def _hide_secrets(record: logging.LogRecord) -> bool:
    """Cut from the addresses that httpx logs what may be a key."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            without_credentials(str(item)) if isinstance(item, httpx.URL) else item
            for item in record.args
        )
    return True
