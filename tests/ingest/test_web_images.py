"""Images over HTTP in the job loop: a server that misbehaves in every way, and what comes of it."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from catalog import jobs
from catalog.artworks import list_artworks
from catalog.filters import Filter
from catalog.models import ImageState
from catalog.record import ArtworkRecord
from deployment import Deployment
from embedders import decode_image
from ingest.job import ingest, retry
from ingest.readers.csv_file import CsvReader
from ingest.readers.reader import Reader
from ingest.summary import JobSummary
from settings import Settings
from tests.ingest.image_server import ImageServer, jpeg, running_image_server
from tests.pictures import write_table

ROOT = Path(__file__).resolve().parents[2]

IMPATIENT = {
    "allow_private_networks": True,
    "downloads_host_rate": 1000.0,
    "downloads_host_at_once": 16,
    "download_attempts": 2,
    "download_backoff": 0.01,
    "download_read_seconds": 3.0,
    "download_total_seconds": 6.0,
    "max_image_bytes": 2**20,
}

TROUBLE = {
    "not_found": ("fetch", "gone"),
    "gone": ("fetch", "gone"),
    "forbidden": ("fetch", "forbidden"),
    "too_many": ("fetch", "rate limited"),
    "server_error": ("fetch", "server error"),
    "reset": ("fetch", "connection lost"),
    "cut_off": ("fetch", "connection lost"),
    "stalled": ("fetch", "timed out"),
    "endless": ("fetch", "timed out"),
    "huge": ("fetch", "file too large"),
    "huge_unannounced": ("fetch", "file too large"),
    "html": ("decode", "not an image"),
    "truncated": ("decode", "truncated image"),
}
"""What is wrong with an image -> stage and reason of its failure."""

LASTING = ("not_found", "gone", "forbidden", "huge", "huge_unannounced", "html")
"""What the next ordinary run does not try again."""


@dataclass
class Addresses(Reader):
    """Reads works whose images lie at web addresses."""

    name = "addresses"
    urls: Mapping[str, str]
    signature: str | None = None

    @property
    def arguments(self) -> Mapping[str, Any]:
        return {}

    def read(self) -> Iterator[ArtworkRecord]:
        for name, url in self.urls.items():
            yield ArtworkRecord(
                source="web",
                source_id=name,
                title=f"Picture {name}",
                file=name,
                image_location=url,
                image_signature=self.signature,
            )


@pytest.fixture
def server() -> Iterator[ImageServer]:
    with running_image_server() as running:
        yield running


def _numbered(server: ImageServer, count: int) -> dict[str, str]:
    return {f"{number}.jpg": f"{server.url}/{number}.jpg" for number in range(count)}


def _ingest(deployment: Deployment, urls: Mapping[str, str], **more: Any) -> JobSummary:
    models = [deployment.embedder(name) for name in deployment.settings.models]
    return ingest(Addresses(urls, **more), deployment.ingest_context(models))


def _retry(deployment: Deployment) -> JobSummary:
    models = [deployment.embedder(name) for name in deployment.settings.models]
    return retry(deployment.ingest_context(models))


def _failures(deployment: Deployment, job: str) -> dict[str, tuple[str, str]]:
    with deployment.database.transaction() as session:
        groups = jobs.failure_groups(session, job, examples=1000)
    return {
        failure.item: (failure.stage, failure.reason)
        for group in groups
        for failure in group.examples
    }


def _ready(deployment: Deployment) -> set[str]:
    with deployment.database.transaction() as session:
        page = list_artworks(session, Filter(), state=ImageState.READY)
    return {artwork.file for artwork in page.artworks}


@pytest.mark.slow
def test_a_job_over_a_hostile_server_ends_with_every_good_image_in_and_every_failure_classed(
    tiny_settings: Settings, server: ImageServer
) -> None:
    urls = _numbered(server, 500)
    kinds = list(TROUBLE)
    # Every tenth, from each kind in turn: fifty, in between the good ones.
    bad = {f"{10 * place + 3}.jpg": kinds[place % len(kinds)] for place in range(50)}
    server.trouble = {f"/{file}": kind for file, kind in bad.items()}
    lasting = {file for file, kind in bad.items() if kind in LASTING}

    with Deployment(tiny_settings.model_copy(update=IMPATIENT)) as deployment:
        first = _ingest(deployment, urls)
        assert (first.seen, first.added, first.failed, first.left) == (500, 450, 50, 0)
        assert _failures(deployment, first.job) == {
            file: TROUBLE[kind] for file, kind in bad.items()
        }
        assert _ready(deployment) == set(urls) - set(bad)
        assert deployment.index.status().points == 450
        requests_for_good = Counter({f"/{file}": 1 for file in urls if file not in bad})
        asked = server.requests.copy()
        assert {path: asked[path] for path in requests_for_good} == requests_for_good

        server.trouble = {}
        second = _ingest(deployment, urls)
        assert (second.added, second.failed) == (50 - len(lasting), len(lasting))
        assert set(_failures(deployment, second.job)) == lasting
        asked_again = server.requests - asked
        assert asked_again == Counter(f"/{file}" for file in bad if file not in lasting)

        third = _retry(deployment)
        assert (third.seen, third.added, third.failed) == (len(lasting), len(lasting), 0)
        assert _ready(deployment) == set(urls)
        assert deployment.index.status().points == 500
        assert server.requests - asked - asked_again == Counter(f"/{file}" for file in lasting)

    kept = {path.read_bytes() for path in (tiny_settings.home / "originals/images").glob("*/*")}
    assert kept == {jpeg(number) for number in range(500)}
    assert not list((tiny_settings.home / "originals/unfinished").iterdir())


@pytest.mark.slow
def test_images_from_the_web_are_searched_and_shown_as_those_from_files_are(
    settings: Settings, server: ImageServer
) -> None:
    server.trouble = {"/5.jpg": "not_found", "/6.jpg": "server_error"}
    with Deployment(settings.model_copy(update=IMPATIENT)) as deployment:
        summary = _ingest(deployment, _numbered(server, 24))
        assert (summary.added, summary.failed) == (22, 2)
        again = _ingest(deployment, _numbered(server, 24))
        assert (again.unchanged, again.failed) == (22, 2)
        assert (server.requests["/5.jpg"], server.requests["/6.jpg"]) == (1, 4)
        query = deployment.embedder("colour_grid").embed([decode_image(jpeg(4))])[0]
        hit = deployment.index.nearest("colour_grid", query, wanted=Filter(), top=1)[0]
        with deployment.database.transaction() as session:
            works = {work.id: work for work in list_artworks(session, Filter()).artworks}
        assert works[hit.id].file == "4.jpg"
        assert deployment.picture_of(works[hit.id]).tobytes() == decode_image(jpeg(4)).tobytes()


@pytest.fixture
def patient(tiny_settings: Settings) -> Settings:
    return tiny_settings.model_copy(update=IMPATIENT)


@pytest.mark.slow
def test_a_second_run_asks_for_nothing_and_a_later_one_whether_anything_changed(
    patient: Settings, server: ImageServer
) -> None:
    urls = _numbered(server, 10)
    with Deployment(patient) as deployment:
        _ingest(deployment, urls)
        assert _ingest(deployment, urls).unchanged == 10
        assert server.requests.total() == 10
    later = patient.model_copy(update={"image_recheck_days": 0.0})
    server.trouble["/3.jpg"] = "other_image"
    with Deployment(later) as deployment:
        summary = _ingest(deployment, urls)
    assert (summary.updated, summary.unchanged) == (1, 9)
    assert server.requests.total() == 20
    assert server.sent.total() == 10


@pytest.mark.slow
def test_an_image_that_the_source_calls_another_is_asked_for_at_once(
    patient: Settings, server: ImageServer
) -> None:
    urls = _numbered(server, 4)
    server.trouble["/3.jpg"] = "not_found"
    with Deployment(patient) as deployment:
        _ingest(deployment, urls, signature="2024-01-01")
        _ingest(deployment, urls, signature="2024-01-01")
        assert server.requests.total() == 4
        server.trouble = {"/1.jpg": "other_image"}
        summary = _ingest(deployment, urls, signature="2025-05-05")
    assert (summary.added, summary.updated, summary.unchanged) == (1, 1, 2)
    assert server.requests.total() == 8


@pytest.mark.slow
def test_an_address_that_is_signed_anew_is_no_other_image(
    patient: Settings, server: ImageServer, tmp_path: Path
) -> None:
    def take_in(signature: str) -> JobSummary:
        signed = f"Expires={signature}&Signature={signature}"
        rows = [{"image": f"{url}?{signed}"} for url in _numbered(server, 3).values()]
        write_table(tmp_path / "works.csv", rows)
        models = [deployment.embedder(name) for name in deployment.settings.models]
        return ingest(CsvReader(tmp_path / "works.csv"), deployment.ingest_context(models))

    server.trouble = {"/2.jpg": "forbidden"}
    with Deployment(patient) as deployment:
        first = take_in("1")
        assert (first.seen, first.added, first.failed) == (3, 2, 1)
        asked = server.requests.copy()
        # What was refused is asked for again: its signature may have been too old.
        server.trouble = {}
        second = take_in("2")
        assert (second.added, second.updated, second.unchanged, second.failed) == (1, 0, 2, 0)
        assert server.requests - asked == Counter({"/2.jpg": 1})
        assert sum(second.embedded.values()) == len(patient.models)
        third = take_in("3")
        assert (third.updated, third.unchanged, sum(third.embedded.values())) == (0, 3, 0)
        assert sum(server.requests.values()) == 4


@pytest.mark.slow
def test_a_model_added_later_needs_no_download_where_originals_are_kept(
    patient: Settings, server: ImageServer
) -> None:
    urls = _numbered(server, 6)
    with Deployment(patient.model_copy(update={"models": ("colour_grid",)})) as deployment:
        _ingest(deployment, urls)
    with Deployment(patient) as deployment:
        assert _ingest(deployment, urls).embedded == {"colour_grid": 0, "edge_grid": 6}
    assert server.requests.total() == 6


@pytest.mark.slow
def test_another_machine_embeds_what_this_one_downloaded(
    patient: Settings, server: ImageServer, tmp_path: Path
) -> None:
    urls = _numbered(server, 6)
    store = {"store_url": SecretStr(f"file://{tmp_path / 'store'}")}
    here = patient.model_copy(update=store | {"models": ("colour_grid",)})
    with Deployment(here) as deployment:
        _ingest(deployment, urls)
    there = patient.model_copy(update=store | {"home": tmp_path / "other"})
    shutil.copytree(here.home, there.home, ignore=shutil.ignore_patterns("originals", "thumbnails"))
    with Deployment(there) as deployment:
        assert _ingest(deployment, urls).embedded == {"colour_grid": 0, "edge_grid": 6}
        assert deployment.image_store.fetched(next(deployment.image_store.hashes())).exists()
    assert server.requests.total() == 6


@pytest.mark.slow
def test_without_originals_nothing_stays_and_nothing_is_downloaded_twice_for_one_model(
    patient: Settings, server: ImageServer
) -> None:
    urls = _numbered(server, 6)
    server.trouble["/2.jpg"] = "html"
    frugal = patient.model_copy(update={"keep_originals": False, "models": ("colour_grid",)})
    with Deployment(frugal) as deployment:
        _ingest(deployment, urls)
        _ingest(deployment, urls)
        assert server.requests.total() == 6
        kept = [path for path in (patient.home / "originals").rglob("*") if path.is_file()]
        assert {path.suffix for path in kept} == {".json"}
    with Deployment(frugal.model_copy(update={"models": patient.models})) as deployment:
        summary = _ingest(deployment, urls)
    assert summary.embedded == {"colour_grid": 0, "edge_grid": 5}
    assert server.requests["/0.jpg"] == 2


@pytest.mark.slow
def test_a_kept_image_that_was_damaged_is_noticed_and_downloaded_again(
    patient: Settings, server: ImageServer
) -> None:
    urls = _numbered(server, 1)
    with Deployment(patient.model_copy(update={"models": ("colour_grid",)})) as deployment:
        _ingest(deployment, urls)
    [kept] = (patient.home / "originals/images").glob("*/*")
    kept.write_bytes(jpeg(99))
    with Deployment(patient) as deployment:
        broken = _ingest(deployment, urls)
        assert _failures(deployment, broken.job) == {"0.jpg": ("fetch", "damaged image")}
        assert _ingest(deployment, urls).failed == 0
    assert server.sent["/0.jpg"] == 2


@pytest.mark.slow
def test_private_addresses_are_refused_unless_allowed(
    tiny_settings: Settings, server: ImageServer
) -> None:
    urls = _numbered(server, 3)
    careful = tiny_settings.model_copy(update=IMPATIENT | {"allow_private_networks": False})
    with Deployment(careful) as deployment:
        summary = _ingest(deployment, urls)
        assert set(_failures(deployment, summary.job).values()) == {("fetch", "refused address")}
    assert server.requests.total() == 0
    with Deployment(tiny_settings.model_copy(update=IMPATIENT)) as deployment:
        assert _ingest(deployment, urls).added == 3


@pytest.mark.slow
def test_slow_images_hold_up_no_others_and_more_are_under_way_than_threads(
    patient: Settings, server: ImageServer
) -> None:
    server.seconds_an_answer = 0.1
    with Deployment(patient.model_copy(update={"downloads_host_at_once": 12})) as deployment:
        assert _ingest(deployment, _numbered(server, 40)).added == 40
    assert patient.decode_threads < server.most_at_once <= 12


def test_no_secret_of_an_address_is_shown_with_a_failure(
    patient: Settings, server: ImageServer
) -> None:
    server.trouble["/1.jpg"] = "forbidden"
    secret = server.url.replace("http://", "http://curator:s3cret@") + "/1.jpg?key=s3cret"
    with Deployment(patient) as deployment:
        summary = _ingest(deployment, {secret: secret})
        with deployment.database.transaction() as session:
            [group] = jobs.failure_groups(session, summary.job)
    assert group.examples[0].item == f"{server.url}/1.jpg?…"
    assert "s3cret" not in repr(group)


_JOB = """
import sys
from deployment import Deployment
from settings import Settings
from tests.ingest.test_web_images import _ingest
with Deployment(Settings()) as deployment:
    summary = _ingest(deployment, {url: url for url in sys.argv[1:]})
print(summary.interrupted, summary.added, summary.failed, summary.left)
"""


@pytest.mark.slow
def test_ctrl_c_ends_a_job_whose_downloads_hang_and_those_that_do_not_are_in(
    patient: Settings, server: ImageServer
) -> None:
    urls = list(_numbered(server, 12).values())
    server.trouble = {f"/{number}.jpg": "silent" for number in range(2, 12)}
    hanging = ("download_read_seconds", "download_total_seconds")
    environment = dict(os.environ) | {
        f"VASARI_{name.upper()}": "100000" if name in hanging else str(value)
        for name, value in (IMPATIENT | {"home": patient.home}).items()
    }
    environment["VASARI_MODELS"] = ",".join(patient.models)
    job = subprocess.Popen(
        [sys.executable, "-c", _JOB, *urls],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        while len(server.requests) < len(urls) or _ready_on_disk(patient) < 2:
            assert job.poll() is None
            server.closing.wait(0.1)
        job.send_signal(signal.SIGINT)
        said, _ = job.communicate(timeout=100)
    finally:
        job.kill()
    assert said.split() == ["True", "2", "0", "10"]


def _ready_on_disk(settings: Settings) -> int:
    with closing(sqlite3.connect(settings.home / "catalog.db")) as catalog:
        counted = catalog.execute("SELECT count(*) FROM artworks WHERE image_state = 'ready'")
        return int(counted.fetchone()[0])
