"""What a source would bring, read without taking anything in."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from catalog.centuries import century
from catalog.jobs import Failure, FailureGroup
from catalog.record import ArtworkRecord
from ingest.readers.reader import Reader

COUNTED: Final = ("genre", "school", "style")
REQUIRED_OF_NO_WORK: Final = ("artist", "genre", "school", "style", "year")
FIRST = 5
EXAMPLES = 3


@dataclass(frozen=True, kw_only=True)
class Duplicates:
    """Works that look as if they were the same.

    Args:
        works: how many, the first of each kind not counted.
        examples: the labels of some.
    """

    works: int
    examples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What a source would bring.

    Args:
        works: records that would be taken in.
        failures: rows that could not become records, by reason, the most frequent first.
        left_out: what is skipped on purpose -> how often.
        counts: genre, school and style -> value -> works, the most frequent first.
        centuries: century -> works; the 1st is 1, the 1st before Christ -1.
        missing: field -> works that have no value in it.
        extra: column kept beside the fields -> works that have it.
        same_title_and_artist, same_image: works that share these with an earlier one.
        first: the first records.
    """

    works: int
    failed: int
    failures: tuple[FailureGroup, ...]
    left_out: Mapping[str, int]
    counts: Mapping[str, Mapping[str, int]]
    centuries: Mapping[int, int]
    missing: Mapping[str, int]
    extra: Mapping[str, int]
    same_title_and_artist: Duplicates
    same_image: Duplicates
    first: tuple[ArtworkRecord, ...]


def survey(reader: Reader) -> Survey:
    """Read a source and count. Memory grows by some hundred bytes a work.

    Raises:
        UnreadableSource: there is nothing to read.
    """
    works = 0
    failures: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], list[Failure]] = defaultdict(list)
    values: dict[str, Counter[str]] = {name: Counter() for name in COUNTED}
    centuries, missing, extra = Counter[int](), Counter[str](), Counter[str]()
    titles, images = _Repeats(), _Repeats()
    first: list[ArtworkRecord] = []
    for item in reader.read():
        if isinstance(item, Failure):
            key = (item.stage, item.reason)
            failures[key] += 1
            if failures[key] <= EXAMPLES:
                examples[key].append(item)
            continue
        works += 1
        for name, counted in values.items():
            if (value := getattr(item, name)) is not None:
                counted[value] += 1
        if item.year is not None:
            centuries[century(item.year)] += 1
        missing.update(name for name in REQUIRED_OF_NO_WORK if getattr(item, name) is None)
        extra.update(item.extra.keys())
        label = f"{item.title} ({item.artist or 'unknown artist'})"
        titles.note(f"{item.title.casefold()}\n{(item.artist or '').casefold()}", label)
        images.note(item.image_location, item.file)
        if works <= FIRST:
            first.append(item)
    return Survey(
        works=works,
        failed=sum(failures.values()),
        failures=tuple(
            FailureGroup(stage=stage, reason=reason, count=times, examples=tuple(examples[key]))
            for key, times in failures.most_common()
            for stage, reason in [key]
        ),
        left_out=dict(reader.left_out),
        counts={name: dict(counted.most_common()) for name, counted in values.items()},
        centuries=dict(sorted(centuries.items())),
        missing={name: missing[name] for name in REQUIRED_OF_NO_WORK},
        extra=dict(extra.most_common()),
        same_title_and_artist=titles.found(),
        same_image=images.found(),
        first=tuple(first),
    )


@dataclass
class _Repeats:
    """Counts what has been seen before, by a hash of it."""

    seen: set[int] = field(default_factory=set)
    works: int = 0
    examples: list[str] = field(default_factory=list)

    def note(self, value: str, label: str) -> None:
        digest = blake2b(value.encode(errors="replace"), digest_size=8).digest()
        key = int.from_bytes(digest, "big")
        if key not in self.seen:
            self.seen.add(key)
            return
        self.works += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(label)

    def found(self) -> Duplicates:
        return Duplicates(works=self.works, examples=tuple(self.examples))
