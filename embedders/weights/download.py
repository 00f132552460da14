"""One large file over HTTP: quick to give up on, checked, and complete or not there."""

import hashlib
from pathlib import Path

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from embedders.atomic_file import atomic_file
from embedders.weights.provider import ProviderFailed, Report

# A machine without internet must go on to the next provider soon; one with a slow line must not
# be cut off while bytes still come.
_TIMEOUT = httpx.Timeout(30, connect=3)
_ATTEMPTS = 3
_CHUNK = 1 << 20
_SERVER_ERROR = 500


def download(url: str, destination: Path, *, sha256_prefix: str, report: Report) -> None:
    """Fetch ``url`` into ``destination`` if the SHA-256 of its bytes begins as expected.

    An interrupted transfer and a server's error are tried again, a refused connection or an
    unknown host is not. Raises ProviderFailed, and leaves nothing behind, when it does not work.
    """

    def attempt() -> None:
        with (
            atomic_file(destination) as unfinished,
            httpx.stream("GET", url, timeout=_TIMEOUT, follow_redirects=True) as response,
        ):
            response.raise_for_status()
            digest = hashlib.sha256()
            size = int(response.headers.get("Content-Length", 0))
            report(f"downloading {destination.name}" + (f", {size / 1e6:.0f} MB" if size else ""))
            with unfinished.open("wb") as file:
                for chunk in response.iter_bytes(_CHUNK):
                    file.write(chunk)
                    digest.update(chunk)
            if not digest.hexdigest().startswith(sha256_prefix):
                raise ProviderFailed(
                    f"the downloaded file's SHA-256 begins {digest.hexdigest()[:12]}, "
                    f"expected {sha256_prefix}; it was thrown away"
                )

    retrying = Retrying(
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_exponential(multiplier=0.5, max=5),
        retry=retry_if_exception(_is_worth_another_try),
        reraise=True,
    )
    try:
        retrying(attempt)
    except httpx.HTTPStatusError as error:
        raise ProviderFailed(f"the server answered {error.response.status_code}") from error
    except httpx.HTTPError as error:
        raise ProviderFailed(f"the download failed: {error or type(error).__name__}") from error
    except OSError as error:
        raise ProviderFailed(f"the download could not be written: {error}") from error


def _is_worth_another_try(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code >= _SERVER_ERROR
    return isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.ReadTimeout)
