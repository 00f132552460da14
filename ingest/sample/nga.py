"""A sample of real paintings: open-access works of the National Gallery of Art, Washington.

The facts (title, artist, date, nationality) are the museum's open data, CC0, and come with the
package; the images are fetched from its IIIF server.
"""

import csv
import io
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import httpx
from PIL import Image
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential

from errors import VasariError
from ingest.download.retry_after import retry_after

BASE_URL = "https://api.nga.gov/iiif"
SOURCE = "National Gallery of Art"
COLUMNS = ("file", "title", "artist", "genre", "style", "school", "year", "source", "date")

_ATTEMPTS = 4
_LONGEST_WAIT = 30.0  # seconds; a server that asks for more is asked again after this
_LARGEST_FILE = 5 * 2**20  # bytes; a 600-pixel JPEG has some hundred thousand
_LARGEST_SIDE = 2000  # pixels; 600 were asked for
_DEAD_AFTER = 8  # works in a row without an answer: the server is gone, not the image


@dataclass(frozen=True)
class NgaWork:
    """One row of the list that comes with the package."""

    uuid: str  # of the image on the museum's server
    title: str
    artist: str
    date: str  # as the museum writes it: "c. 1655/1660"
    school: str

    @property
    def year(self) -> int | None:
        """The first three- or four-digit number of the date."""
        found = re.search(r"\d{3,4}", self.date)
        return int(found[0]) if found else None

    @property
    def file(self) -> str:
        """The name of its image in a fetched folder."""
        return f"{self.uuid}.jpg"


@dataclass(frozen=True)
class FetchOutcome:
    """What a fetch left behind."""

    csv: Path
    fetched: int
    already_there: int
    failures: tuple[tuple[str, str], ...]  # (uuid, reason), in the order of the list

    @property
    def images(self) -> int:
        """How many works have their image, and so a row in the table."""
        return self.fetched + self.already_there


class ImageRefusedError(VasariError):
    """The server's answer is not the image that was asked for."""

    def __init__(self, reason: str, *, again: bool = False, after: float | None = None) -> None:
        super().__init__(reason)
        self.again = again  # whether asking again may help
        self.after = after  # seconds that the server asked to wait


@dataclass
class _Pulse:
    """Whether the server still answers at all; shared by the threads of one fetch."""

    silent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, answered: bool) -> None:
        with self.lock:
            self.silent = 0 if answered else self.silent + 1

    @property
    def dead(self) -> bool:
        return self.silent >= _DEAD_AFTER


def nga_works() -> Iterator[NgaWork]:
    """The works of the sample, from the list in the package."""
    table = resources.files("ingest.sample").joinpath("nga_works.csv")
    for row in csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))):
        yield NgaWork(**row)


def nga_reachable(base_url: str = BASE_URL, timeout: float = 3.0) -> bool:
    """Whether the museum's image server answers within ``timeout`` seconds.

    It asks for the description of one image and wants JSON: the log-in page of a hotel's network
    is not the museum. The time holds for everything, the look-up of the name included.
    """
    verdict: list[bool] = []

    def ask() -> None:
        try:
            url = f"{base_url}/{next(nga_works()).uuid}/info.json"
            answer = httpx.get(url, timeout=timeout, follow_redirects=True)
            verdict.append(answer.is_success and isinstance(answer.json(), dict))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            verdict.append(False)

    # A name look-up cannot be cut short from within, so it is left behind on a daemon thread.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(timeout)
    return verdict == [True]


def fetch_nga_sample(
    folder: Path,
    *,
    base_url: str = BASE_URL,
    on_progress: Callable[[int, int], None] | None = None,
    concurrency: int = 4,
    timeout: float = 20.0,
    connect_timeout: float = 4.0,
    backoff: float = 0.5,
) -> FetchOutcome:
    """Fetch the sample's images into ``folder`` and write its ``works.csv``.

    At most ``concurrency`` requests run at once. Times are seconds: ``timeout`` for a read,
    ``connect_timeout`` for a connection, ``backoff`` for the first pause before asking again
    (doubled each time; a server's Retry-After goes before it). ``on_progress`` is called with
    (done, total). An image that is there already is not fetched again; one that fails is recorded
    and stops nothing. The table lists only works whose image is there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    works = tuple(nga_works())
    there = {work.uuid for work in works if (folder / work.file).exists()}
    reasons: dict[str, str] = {}
    done = len(there)
    if on_progress:
        on_progress(done, len(works))
    limits = httpx.Limits(max_connections=concurrency)
    patience = httpx.Timeout(timeout, connect=connect_timeout, pool=None)
    pulse = _Pulse()
    with (
        httpx.Client(timeout=patience, limits=limits, follow_redirects=True) as client,
        ThreadPoolExecutor(concurrency) as pool,
    ):
        waiting = {
            pool.submit(_fetch, client, base_url, work, folder, pulse, backoff): work.uuid
            for work in works
            if work.uuid not in there
        }
        try:
            for finished in as_completed(waiting):
                reason = finished.result()
                if reason is not None:
                    reasons[waiting[finished]] = reason
                done += 1
                if on_progress:
                    on_progress(done, len(works))
        finally:  # interrupted: what has not begun shall not begin
            for future in waiting:
                future.cancel()
    table = _write_table(folder, [work for work in works if work.uuid not in reasons])
    failures = tuple((work.uuid, reasons[work.uuid]) for work in works if work.uuid in reasons)
    return FetchOutcome(table, len(waiting) - len(failures), len(there), failures)


def _fetch(  # noqa: PLR0917
    client: httpx.Client,
    base_url: str,
    work: NgaWork,
    folder: Path,
    pulse: _Pulse,
    backoff: float,
) -> str | None:
    """Fetch one image; the reason where it failed, else None."""
    if pulse.dead:
        return "not tried: the server stopped answering"
    url = f"{base_url}/{work.uuid}/full/!600,600/0/default.jpg"
    retrying = Retrying(
        stop=stop_after_attempt(_ATTEMPTS),
        retry=retry_if_exception(_worth_asking_again),
        wait=_Wait(backoff),
        reraise=True,
    )
    try:
        content = retrying(_download, client, url)
        _check(content)
    except httpx.TransportError as error:
        pulse.answered(False)
        return f"no answer: {error or type(error).__name__}"
    except (ImageRefusedError, httpx.HTTPError, httpx.InvalidURL) as error:
        pulse.answered(True)
        return str(error)
    pulse.answered(True)
    target = folder / work.file
    unfinished = target.with_suffix(".part")
    unfinished.write_bytes(content)
    unfinished.replace(target)
    return None


def _download(client: httpx.Client, url: str) -> bytes:
    """The body of the answer, at most ``_LARGEST_FILE`` bytes of it."""
    with client.stream("GET", url) as answer:
        if not answer.is_success:
            status = answer.status_code
            raise ImageRefusedError(
                f"HTTP {status} {answer.reason_phrase}".strip(),
                again=status == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error,
                after=retry_after(answer.headers.get("Retry-After")),
            )
        content = bytearray()
        for chunk in answer.iter_bytes():
            content += chunk
            if len(content) > _LARGEST_FILE:
                raise ImageRefusedError(f"larger than {_LARGEST_FILE // 2**20} MiB")
    return bytes(content)


def _check(content: bytes) -> None:
    """Raise unless ``content`` is one whole JPEG of a sensible size."""
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
            if max(image.size) > _LARGEST_SIDE:
                raise ImageRefusedError(
                    f"{image.width} × {image.height} pixels, 600 were asked for"
                )
            image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        kind = "cut short" if content.startswith(b"\xff\xd8") else "not a JPEG"
        raise ImageRefusedError(f"{kind}: {error}") from error


def _worth_asking_again(error: BaseException) -> bool:
    if isinstance(error, ImageRefusedError):
        return error.again
    return isinstance(error, httpx.TransportError)


class _Wait:
    """The pause before asking again: what the server asked for, else longer each time."""

    def __init__(self, backoff: float) -> None:
        self._otherwise = wait_random_exponential(multiplier=backoff, max=_LONGEST_WAIT)

    def __call__(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, ImageRefusedError) and error.after is not None:
            return min(error.after, _LONGEST_WAIT)
        return self._otherwise(state)


def _write_table(folder: Path, works: list[NgaWork]) -> Path:
    table = folder / "works.csv"
    unfinished = table.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        for work in works:
            writer.writerow(
                {
                    "file": work.file,
                    "title": work.title,
                    "artist": work.artist,
                    "genre": "",
                    "style": "",
                    "school": work.school,
                    "year": work.year or "",
                    "source": SOURCE,
                    "date": work.date,
                }
            )
    unfinished.replace(table)
    return table
