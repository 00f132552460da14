"""Rows that no database, driver or downloader takes: each fails alone, alike on both databases."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from catalog import jobs
from catalog.artworks import list_artworks
from catalog.filters import Filter
from catalog.jobs import Failure
from catalog.record import ArtworkRecord
from deployment import Deployment
from ingest.claims import ClaimedWork
from ingest.job import ingest
from ingest.loading import ImageLoader, LoadedImage
from ingest.readers.csv_file import CsvReader
from ingest.readers.reader import Reader
from ingest.record_batches import REFUSED
from ingest.summary import JobSummary
from settings import Settings
from tests.pictures import draw, write_table


@dataclass
class _Unchecked(Reader):
    """Reads works of which some hold what a record's own checks would have refused."""

    name = "unchecked"
    folder: Path
    faults: Mapping[int, tuple[str, Any]]
    works: int = 9

    @property
    def arguments(self) -> Mapping[str, Any]:
        return {"folder": "\0\udcff"}

    def read(self) -> Iterator[ArtworkRecord | Failure]:
        yield Failure(item="a\0b\udcff", stage="read", reason="no work\0", detail="\x1b")
        for number in range(self.works):
            record = ArtworkRecord(
                source="unchecked",
                source_id=str(number),
                title=f"Work {number}",
                file=f"{number}.png",
                image_location=str(self.folder / f"{number}.png"),
            )
            if number in self.faults:
                field, value = self.faults[number]
                object.__setattr__(record, field, value)
            yield record


def _ingest(deployment: Deployment, reader: Reader) -> JobSummary:
    return ingest(reader, deployment.ingest_context([deployment.embedder("colour_grid")]))


def _titles(deployment: Deployment) -> list[str]:
    with deployment.database.transaction() as session:
        return sorted(work.title for work in list_artworks(session, Filter()).artworks)


@pytest.mark.slow
def test_a_row_that_the_database_refuses_does_not_take_its_batch_along(
    deployment: Deployment, tmp_path: Path
) -> None:
    for number in range(9):
        draw(number).save(tmp_path / f"{number}.png")
    faults = {0: ("title", "\ud800"), 4: ("year", 2**70), 8: ("title", None)}
    summary = _ingest(deployment, _Unchecked(tmp_path, faults))
    assert (summary.added, summary.failed) == (6, 4)
    assert _titles(deployment) == [f"Work {number}" for number in (1, 2, 3, 5, 6, 7)]
    with deployment.database.transaction() as session:
        shown = jobs.show(session, summary.job)
    assert {group.reason: group.count for group in shown.failures} == {REFUSED: 3, "no work": 1}
    refused = next(group for group in shown.failures if group.reason == REFUSED)
    assert [failure.item for failure in refused.examples] == ["0.png", "4.png", "8.png"]


def test_control_characters_and_impossible_ports_stop_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    draw(1).save(tmp_path / "1.png")
    rows = [
        {"image": "1.png", "title": "Good\x00 \x1b[31mwork", "note": "a\0b"},
        {"image": "a\0.png", "title": "NUL", "note": ""},
        {"image": "http://127.0.0.1:99999/1.jpg", "title": "port", "note": ""},
        {"image": f"http://127.0.0.1:{10**30}/1.jpg", "title": "long port", "note": ""},
        {"image": f"http://{'a' * 300}.example/1.jpg", "title": "host", "note": ""},
        {"image": "http://[::1/1.jpg", "title": "bracket", "note": ""},
    ]
    write_table(tmp_path / "works.csv", rows)
    near = settings.model_copy(update={"allow_private_networks": True, "download_attempts": 1})
    with Deployment(near) as deployment:
        summary = _ingest(deployment, CsvReader(tmp_path / "works.csv"))
        assert "Good [31mwork" in _titles(deployment)
    assert (summary.added, summary.failed, summary.left) == (1, 5, 0)
    assert {"file holds a NUL character", "not a web address", "host not found"} == {
        group.reason for group in summary.failures
    }


def test_what_an_address_sets_off_in_the_loading_of_one_work_is_its_failure(
    tiny_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        draw(number).save(tmp_path / f"{number}.png")
    real = ImageLoader.load

    def load(self: ImageLoader, work: ClaimedWork, file: Path) -> LoadedImage | Failure:
        if file.name == "1.png":
            raise OverflowError("port must be 0-65535")
        return real(self, work, file)

    monkeypatch.setattr(ImageLoader, "load", load)
    with Deployment(tiny_settings) as deployment:
        summary = _ingest(deployment, _Unchecked(tmp_path, {}, works=3))
    assert (summary.added, summary.failed) == (2, 2)
    assert "cannot be loaded" in {group.reason for group in summary.failures}
