"""What every reader of a source keeps to. A reader's test inherits it and makes a source to read.

``docs/how-to/add-a-source.md`` shows how.
"""

import json
import unicodedata
from abc import ABC, abstractmethod
from pathlib import Path
from weakref import ref

import pytest

from catalog.artworks import list_artworks
from catalog.filters import Filter
from catalog.jobs import Failure
from catalog.record import ArtworkRecord
from deployment import Deployment
from ingest.job import ingest
from ingest.readers.reader import Reader, UnreadableSource
from ingest.readers.registry import parameters, readers, summary
from ingest.survey import survey
from settings import Settings

LABELS = ("title", "artist", "genre", "style", "school")


class ReaderContract(ABC):
    """Inherit it in a class called ``Test...`` and say how to make a source."""

    @abstractmethod
    def make(self, folder: Path, works: int) -> Reader:
        """Make a source in an empty folder and return its reader.

        It has so many good works, whose images are files in the folder, and at least one entry that
        cannot become a work.
        """

    @abstractmethod
    def missing(self, folder: Path) -> Reader:
        """Return a reader of a source that is not there, in an empty folder."""

    def test_it_is_registered_and_explains_itself(self, tmp_path: Path) -> None:
        kind = type(self.make(tmp_path, 2))
        assert readers()[kind.name] is kind
        assert summary(kind).endswith(".")
        assert all(parameter.option.help for parameter in parameters(kind))

    def test_its_arguments_are_those_that_it_was_made_with(self, tmp_path: Path) -> None:
        reader = self.make(tmp_path, 2)
        given = json.loads(json.dumps(reader.arguments))
        flags = {
            parameter.option.flag or f"--{parameter.name}" for parameter in parameters(type(reader))
        }
        named = {flag.split("/")[0].removeprefix("--").replace("-", "_") for flag in flags}
        assert set(given) == named

    def test_it_reads_every_good_work_and_fails_the_others(self, tmp_path: Path) -> None:
        records, failures = _read(self.make(tmp_path, 12))
        assert len(records) == 12
        assert failures
        for failure in failures:
            assert failure.stage == "read"
            assert failure.item
            assert failure.reason
            assert failure.item not in failure.reason  # or it would not group

    def test_ids_are_distinct(self, tmp_path: Path) -> None:
        records, _ = _read(self.make(tmp_path, 12))
        assert len({record.id for record in records}) == len(records)

    def test_ids_and_order_are_the_same_on_another_machine(self, tmp_path: Path) -> None:
        here, _ = _read(self.make(_empty(tmp_path / "here" / "pictures"), 12))
        there, _ = _read(self.make(_empty(tmp_path / "there" / "deeper" / "pictures"), 12))
        assert [record.id for record in here] == [record.id for record in there]

    def test_it_can_be_read_twice(self, tmp_path: Path) -> None:
        reader = self.make(tmp_path, 5)
        assert list(reader.read()) == list(reader.read())

    def test_works_that_are_added_leave_the_others_their_ids(self, tmp_path: Path) -> None:
        few, _ = _read(self.make(_empty(tmp_path / "few"), 5))
        many, _ = _read(self.make(_empty(tmp_path / "many"), 9))
        assert {record.source_id for record in few} < {record.source_id for record in many}

    def test_records_are_clean(self, tmp_path: Path) -> None:
        records, _ = _read(self.make(tmp_path, 12))
        for record in records:
            for name in LABELS:
                value = getattr(record, name)
                assert value is None or value == unicodedata.normalize("NFC", value).strip() != ""
            assert record.extra == json.loads(json.dumps(record.extra, allow_nan=False))
            assert record.image_location.startswith(("/", "http://", "https://"))
            assert None not in record.extra.values()

    def test_an_unchanged_image_has_the_same_signature(self, tmp_path: Path) -> None:
        reader = self.make(tmp_path, 3)
        signatures = [record.image_signature for record in _read(reader)[0]]
        assert None not in signatures
        assert signatures == [record.image_signature for record in _read(reader)[0]]

    def test_records_are_made_one_at_a_time(self, tmp_path: Path) -> None:
        alive: list[ref[ArtworkRecord]] = []
        most = 0
        for item in self.make(tmp_path, 60).read():
            if isinstance(item, ArtworkRecord):
                alive = [*(earlier for earlier in alive if earlier() is not None), ref(item)]
                most = max(most, len(alive))
        assert 0 < most < 10

    def test_a_source_that_is_not_there_is_refused_in_plain_words(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableSource, match=r"\w+ \w+"):
            list(self.missing(tmp_path).read())

    def test_a_survey_says_what_a_job_then_does(
        self, tmp_path: Path, tiny_settings: Settings
    ) -> None:
        reader = self.make(_empty(tmp_path / "source"), 7)
        before = sorted(tmp_path.rglob("*"))
        found = survey(reader)
        assert sorted(tmp_path.rglob("*")) == before
        with Deployment(tiny_settings) as deployment:
            context = deployment.ingest_context([deployment.embedder("colour_grid")])
            summary = ingest(reader, context)
            with deployment.database.transaction() as session:
                listed = list_artworks(session, Filter()).artworks
        assert found.works == len(listed) == 7
        assert found.works + found.failed == summary.seen
        assert {(group.reason, group.count) for group in found.failures} <= {
            (group.reason, group.count) for group in summary.failures
        }
        for name, counts in found.counts.items():
            for value, works in counts.items():
                assert works == sum(getattr(artwork, name) == value for artwork in listed)
            assert sum(counts.values()) + found.missing[name] == 7
        assert [record.id for record in found.first] == [
            record.id for record in _read(reader)[0][:5]
        ]


def _read(reader: Reader) -> tuple[list[ArtworkRecord], list[Failure]]:
    items = list(reader.read())
    return (
        [item for item in items if isinstance(item, ArtworkRecord)],
        [item for item in items if isinstance(item, Failure)],
    )


def _empty(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
