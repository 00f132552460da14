"""A small campaign of hostile tables; ``benchmarks.hostile_tables`` is the large one."""

from pathlib import Path

import pytest

from catalog.record import ArtworkRecord
from ingest.readers.reader import Reader, UnreadableSource
from ingest.readers.registry import readers
from ingest.survey import survey
from tests.hostile_tables import READERS, HostileTable, make_hostile_table


def _reader(table: HostileTable) -> Reader:
    name, *given = table.arguments
    if name == "nga":
        options = dict(zip(given[::2], map(Path, given[1::2]), strict=True))
        return readers()[name](**{flag.removeprefix("--"): path for flag, path in options.items()})
    return readers()[name](Path(given[0]))  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", READERS)
def test_no_hostile_row_takes_a_good_one_with_it(kind: str, tmp_path: Path) -> None:
    for number in range(25):
        table = make_hostile_table(kind, number, 7, tmp_path / str(number))
        reader = _reader(table)
        try:
            items = list(reader.read())
        except UnreadableSource:
            assert table.may_be_refused, f"{kind} {number} is refused"
            continue
        records = [item for item in items if isinstance(item, ArtworkRecord)]
        lost = table.good - {record.title for record in records}
        assert not lost, f"{kind} {number} loses {lost}"
        assert survey(reader).works == len(records)
