"""The museum's tables over HTTP: kept for a day, then asked for changes, resumed when broken."""

import time
from collections.abc import Callable
from pathlib import Path

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from ingest.readers.nga_export import TABLES, check_columns
from ingest.readers.reader import UnreadableSource

TABLES_URL = "https://raw.githubusercontent.com/NationalGalleryOfArt/opendata/main/data"

_FRESH = 24 * 3600.0  # seconds; the museum publishes once a day
_TIMEOUT = httpx.Timeout(60, connect=5)
_ATTEMPTS = 5


def fetch_tables(
    folder: Path,
    *,
    base_url: str = TABLES_URL,
    report: Callable[[str], None] = lambda _: None,
    backoff: float = 0.5,
) -> None:
    """Bring the tables in a folder up to date.

    Those fetched within a day are left as they are. Of others the server is asked whether they have
    changed. A transfer that broke off continues where it ended, also in a later call, if the
    server's file is still the same.

    Args:
        report: is told of each table that is fetched.
        backoff: seconds before the second attempt, doubled for each further one.

    Raises:
        UnreadableSource: a table cannot be had; what has been fetched of it is kept.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with httpx.Client(timeout=_TIMEOUT, follow_redirects=True) as client:
            for name in TABLES:
                _Table(folder, name, base_url, client, report).fetch(backoff)
    except OSError as error:
        raise UnreadableSource(f"the tables cannot be kept in {folder}: {error}") from error


class _Table:
    def __init__(
        self,
        folder: Path,
        name: str,
        base_url: str,
        client: httpx.Client,
        report: Callable[[str], None],
    ) -> None:
        self._name = name
        self._url = f"{base_url.rstrip('/')}/{name}.csv"
        self._client = client
        self._report = report
        self._path = folder / f"{name}.csv"
        self._version = folder / f"{name}.etag"
        self._part = folder / f"{name}.csv.part"
        self._part_version = folder / f"{name}.part.etag"

    def fetch(self, backoff: float) -> None:
        if self._path.exists() and time.time() - self._path.stat().st_mtime < _FRESH:
            return
        retrying = Retrying(
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_exponential(multiplier=backoff, max=30),
            retry=retry_if_exception(_is_worth_another_try),
            reraise=True,
        )
        try:
            retrying(self._attempt)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = (
                f"the server answered {error.response.status_code}"
                if isinstance(error, httpx.HTTPStatusError)
                else str(error) or type(error).__name__
            )
            kept = f"; --data {self._path.parent} reads what was fetched before"
            raise UnreadableSource(
                f"{self._url} cannot be fetched: {reason}. Run it again to continue, or download "
                "the tables and say where they are: --data DIR"
                + (kept if self._path.exists() else "")
            ) from error

    def _attempt(self) -> None:
        headers = {"Accept-Encoding": "identity"}  # a part of a compressed body cannot be resumed
        done = self._part.stat().st_size if self._part.exists() else 0
        version = _text(self._part_version)
        if done and version:
            headers |= {"Range": f"bytes={done}-", "If-Range": version}
        elif self._path.exists() and (kept := _text(self._version)):
            headers["If-None-Match"] = kept
        with self._client.stream("GET", self._url, headers=headers) as answer:
            if answer.status_code == httpx.codes.NOT_MODIFIED:
                self._path.touch()
                return
            answer.raise_for_status()
            self._receive(answer, done)
        try:
            check_columns(self._part, self._name)
        except UnreadableSource as error:
            self._part.unlink()
            raise UnreadableSource(f"what {self._url} answers is no table: {error}") from error
        self._part.replace(self._path)
        if self._part_version.exists():
            self._part_version.replace(self._version)
        else:
            self._version.unlink(missing_ok=True)

    def _receive(self, answer: httpx.Response, done: int) -> None:
        resumed = answer.status_code == httpx.codes.PARTIAL_CONTENT
        if not resumed:
            done = 0
            self._part_version.unlink(missing_ok=True)
        # A weak tag promises the same meaning, not the same bytes: nothing to resume by.
        version = answer.headers.get("ETag", "")
        if version and not version.startswith("W/"):
            self._part_version.write_text(version, "utf-8")
        size = int(answer.headers.get("Content-Length", 0))
        self._report(
            ("going on with " if resumed else "fetching ")
            + self._path.name
            + (f", {size / 1e6:.1f} MB" if size else "")
        )
        with self._part.open("r+b" if resumed else "wb") as file:
            file.seek(done)
            # As they come: larger chunks would be lost half full when the connection breaks.
            for chunk in answer.iter_bytes():
                file.write(chunk)


def _text(path: Path) -> str | None:
    return path.read_text("utf-8").strip() if path.exists() else None


def _is_worth_another_try(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        status = error.response.status_code
        return (
            status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.TOO_MANY_REQUESTS
        )
    return isinstance(error, httpx.TransportError)
