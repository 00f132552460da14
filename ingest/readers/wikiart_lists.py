"""The list files of the WikiArt data set: which picture is of which class."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from catalog.jobs import Failure
from catalog.record import LONGEST_PATH
from ingest.readers.csv_rows import LONGEST_FIELD
from ingest.readers.encodings import find_encoding
from ingest.readers.faults import unread
from ingest.readers.mojibake import repaired
from ingest.readers.reader import UnreadableSource

KINDS = ("artist", "genre", "style")

LONGEST_LINE = 2 * LONGEST_PATH
"""Characters. What is longer names no file."""

_LINE = re.compile(r'^"?(?P<file>[^"]+\.[A-Za-z]{3,4})"?\s*,[\s,]*(?P<number>\d+)$')


@dataclass
class WikiArtLists:
    """What ``genre_train.csv``, ``artist_val.txt`` and the like say of files.

    Args:
        labels: kind -> repaired name of the file -> name of the class.
        written: repaired name of the file -> as the lists write it.
        failures: lines that could not be read.
    """

    labels: dict[str, dict[str, str]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    written: dict[str, str] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)

    def label(self, kind: str, file: str) -> str | None:
        """Return the class of a file by its repaired name."""
        return self.labels[kind].get(file)


def read_lists(folder: Path) -> WikiArtLists:
    """Read all lists in a folder; there may be none."""
    lists = WikiArtLists()
    for kind in KINDS:
        classes = _classes(folder / f"{kind}_class.txt")
        for path in _lists_of(folder, kind):
            for number, line in enumerate(_lines(path), start=1):
                if not line.strip(" ,"):
                    continue
                found = _LINE.match(line.strip()) if len(line) <= LONGEST_LINE else None
                if found:
                    _note(lists, kind, found, classes)
                elif number > 1:  # the first may be a heading, however odd
                    where, reason = (
                        f"{path.name}, line {number}",
                        "not a file and the number of a class",
                    )
                    lists.failures.append(unread(where, reason, line[:80]))
    return lists


def readable(name: str) -> str:
    """Return a class or a folder as a person writes it: ``Art_Nouveau_Modern`` has spaces."""
    return " ".join(name.replace("_", " ").split())


def _note(lists: WikiArtLists, kind: str, found: re.Match[str], classes: Mapping[str, str]) -> None:
    written = found["file"].strip().replace("\\", "/")
    file = repaired(written)
    number = found["number"]
    lists.labels[kind].setdefault(file, classes.get(number, f"{kind} {number}"))
    lists.written.setdefault(file, written)


def _lists_of(folder: Path, kind: str) -> list[Path]:
    return sorted(
        path
        for path in folder.glob(f"{kind}_*")
        if path.suffix in {".csv", ".txt"} and path.stem != f"{kind}_class" and path.is_file()
    )


def _classes(path: Path) -> dict[str, str]:
    """Return number -> name, from lines such as ``4 Claude_Monet``."""
    if not path.is_file():
        return {}
    parts = (line.split(maxsplit=1) for line in _lines(path))
    return {part[0]: readable(part[1]) for part in parts if len(part) == 2}


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding=find_encoding(path).name, errors="replace") as file:
            while line := file.readline(LONGEST_FIELD):
                yield line.rstrip("\r\n")
    except OSError as error:
        raise UnreadableSource(f"{path} cannot be read: {error.strerror}") from error
