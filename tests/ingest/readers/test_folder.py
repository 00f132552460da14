"""A folder keeps the contract of readers; what else it does is tested in test_folder_reader."""

import os
from pathlib import Path

from ingest.readers.folder import FolderReader
from tests.ingest.readers.contract import ReaderContract
from tests.pictures import draw, facts, write_table


class TestFolderWithCsv(ReaderContract):
    def make(self, folder: Path, works: int) -> FolderReader:
        rows = [facts(number) for number in range(works)]
        (folder / "images").mkdir()
        for number, row in enumerate(rows):
            draw(number).save(folder / row["file"])
        write_table(folder / "works.csv", [*rows, {**rows[0], "file": "../outside.jpg"}])
        return FolderReader(folder, source="test")

    def missing(self, folder: Path) -> FolderReader:
        return FolderReader(folder)


class TestFolderWithoutCsv(TestFolderWithCsv):
    def make(self, folder: Path, works: int) -> FolderReader:
        for number in range(works):
            draw(number).save(folder / f"picture-{number}.png")
        with open(os.fsencode(folder) + b"/caf\xe9.png", "wb"):  # noqa: PTH123 - the name is bytes
            pass
        return FolderReader(folder, source="test")
