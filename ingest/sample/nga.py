"""A sample of real paintings: open-access works of the National Gallery of Art, Washington.

The facts (title, artist, date, nationality) are the museum's open data, CC0, and come with the
package; the images are downloaded from its IIIF server, as any others are.
"""

import asyncio
import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import resources
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from embedders import UnreadableImage, decode_image
from embedders.atomic_file import atomic_file
from ingest.download.downloader import Downloader
from ingest.download.failures import DownloadFailure
from ingest.download.rules import DownloadRules
from ingest.sample.table import write_table

BASE_URL = "https://api.nga.gov/iiif"
SOURCE = "National Gallery of Art"
COLUMNS = ("file", "title", "artist", "genre", "style", "school", "year", "source", "date")

_LARGEST_FILE = 5 * 2**20  # bytes; a 600-pixel JPEG has some hundred thousand


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

    @property
    def row(self) -> dict[str, str | int]:
        """What the fetched folder's table says of it."""
        return {
            "file": self.file,
            "title": self.title,
            "artist": self.artist,
            "school": self.school,
            "year": self.year or "",
            "source": SOURCE,
            "date": self.date,
        }


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


def nga_works() -> Iterator[NgaWork]:
    """The works of the sample, from the list in the package."""
    table = resources.files("ingest.sample").joinpath("nga_works.csv")
    for row in csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))):
        yield NgaWork(**row)


def nga_reachable(rules: DownloadRules, base_url: str = BASE_URL, timeout: float = 3.0) -> bool:
    """Tell whether the museum's image server answers within ``timeout`` seconds.

    It asks for the description of one image and wants JSON: the log-in page of a hotel's network
    is not the museum.
    """

    async def ask(target: Path) -> bool:
        downloader = Downloader(replace(rules, attempts=1))
        try:
            async with asyncio.timeout(timeout):
                url = f"{base_url}/{next(nga_works()).uuid}/info.json"
                await downloader.download(url, target)
            return isinstance(json.loads(target.read_bytes()), dict)
        except (DownloadFailure, TimeoutError, ValueError):
            return False
        finally:
            await downloader.close()

    with TemporaryDirectory() as folder:
        return asyncio.run(ask(Path(folder) / "info.json"))


def fetch_nga_sample(
    folder: Path,
    rules: DownloadRules,
    *,
    base_url: str = BASE_URL,
    on_progress: Callable[[int, int], None] | None = None,
) -> FetchOutcome:
    """Download the sample's images into ``folder`` and write its ``works.csv``.

    ``on_progress`` is called with (done, total). An image that is there already is not downloaded
    again; one that fails is recorded and stops nothing. The table lists only works whose image is
    there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    works = tuple(nga_works())
    wanted = [work for work in works if not (folder / work.file).exists()]
    done = count(len(works) - len(wanted))

    def report() -> None:
        at = next(done)
        if on_progress:
            on_progress(at, len(works))

    report()
    reasons = asyncio.run(_download_all(wanted, folder, rules, base_url, report))
    rows = [work.row for work in works if work.uuid not in reasons]
    table = write_table(folder, COLUMNS, rows)
    failures = tuple((work.uuid, reasons[work.uuid]) for work in works if work.uuid in reasons)
    return FetchOutcome(table, len(wanted) - len(failures), len(works) - len(wanted), failures)


async def _download_all(
    works: list[NgaWork],
    folder: Path,
    rules: DownloadRules,
    base_url: str,
    report: Callable[[], None],
) -> dict[str, str]:
    """Download images; return why those failed that did, by UUID."""
    # A museum that has stopped answering is given up at once.
    downloader = Downloader(replace(rules, max_bytes=_LARGEST_FILE, give_up_seconds=0))
    reasons: dict[str, str] = {}
    # Each has a file open from its turn on.
    turns = asyncio.Semaphore(rules.host_at_once)

    async def download(work: NgaWork) -> None:
        url = f"{base_url}/{work.uuid}/full/!600,600/0/default.jpg"
        try:
            async with turns:
                with atomic_file(folder / work.file) as unfinished:
                    await downloader.download(url, unfinished)
                    decode_image(unfinished)
        except (DownloadFailure, UnreadableImage) as error:
            reasons[work.uuid] = str(error)
        report()

    try:
        await asyncio.gather(*map(download, works))
    finally:
        await downloader.close()
    return reasons
