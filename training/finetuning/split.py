"""Which works a network is trained on, and how they are divided."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.artworks import ArtworkFacts
from evaluation.copies import SameWorks, copy_groups
from evaluation.labels import UNLABELLED, Codes, Label, encode, label_of
from evaluation.splits import artist_units, split
from evaluation.stored import NothingToEvaluate
from training.finetuning.presets import Preset

PARTS = ("training", "validation", "held out")

FEWEST_OF_OTHER_LABELS = 3
"""Works of a class of another label, to be learned beside the main one."""

UNKNOWN = -100
"""The class of a work that does not count towards a label's loss."""


@dataclass(frozen=True, kw_only=True)
class DatasetSplit:
    """The works of a fine-tuning and the part that each is in.

    Args:
        works: all works of the sources whose pictures can be read, by ascending id.
        classes: of each its class, ``UNLABELLED`` for a class outside the bounds and for none.
        names: of the classes.
        copies: a number that a work shares with its copies.
        artists: of each work a code, ``UNLABELLED`` for none.
        training, validation, held_out: rows of the works of each part.
    """

    works: tuple[ArtworkFacts, ...]
    classes: Codes
    names: tuple[str, ...]
    copies: Codes
    artists: Codes
    training: NDArray[np.int64]
    validation: NDArray[np.int64]
    held_out: NDArray[np.int64]

    @property
    def sizes(self) -> dict[str, int]:
        """How many works each part has."""
        parts = (self.training, self.validation, self.held_out)
        return {name: len(part) for name, part in zip(PARTS, parts, strict=True)}

    @property
    def class_sizes(self) -> dict[str, dict[str, int]]:
        """How many works of each class each part has."""
        parts = zip(PARTS, (self.training, self.validation, self.held_out), strict=True)
        counts = {
            part: np.bincount(self.classes[places], minlength=len(self.names))
            for part, places in parts
        }
        return {
            name: {part: int(count[number]) for part, count in counts.items()}
            for number, name in enumerate(self.names)
        }

    @property
    def unseen(self) -> NDArray[np.int64]:
        """Rows of the held-out works whose artist is known and is in no other part."""
        seen = self.artists[np.concatenate([self.training, self.validation])]
        own = self.artists[self.held_out]
        unseen: NDArray[np.int64] = self.held_out[(own != UNLABELLED) & ~np.isin(own, seen)]
        return unseen


def split_dataset(
    works: Sequence[ArtworkFacts],
    label: Label,
    preset: Preset,
    *,
    seed: int,
    same: SameWorks | None = None,
) -> DatasetSplit:
    """Choose the classes to learn, and divide their works.

    Raises:
        NothingToEvaluate: fewer than two classes can be learned; the message says which bounds
            would do.
    """
    works = sorted(works, key=lambda work: work.id)
    values = [label_of(work, label) for work in works]
    kept = within_bounds(values, label, preset)
    classes, names = encode([value if value in kept else None for value in values])
    copies = copy_groups(works, same)
    artists = [work.artist for work in works]
    by_artist = preset.split == "artists"
    units = artist_units(artists, copies) if by_artist else copies
    divided = split(classes, units, preset.shares, seed=seed)
    if len(divided.incomplete) > len(names) - 2:
        raise NothingToEvaluate(
            f"the works of a {label} are by too few artists to keep some artists apart: "
            "divide by works instead (--split works)"
            if by_artist
            else f"the works of a {label} are too few to divide in {len(PARTS)} parts"
        )
    return DatasetSplit(
        works=tuple(works),
        classes=classes,
        names=names,
        copies=copies,
        artists=encode(artists)[0],
        training=divided.works(0),
        validation=divided.works(1),
        held_out=divided.works(2),
    )


def within_bounds(values: Sequence[str | None], label: Label, preset: Preset) -> frozenset[str]:
    """Return the classes with a number of works within the preset's bounds, at least two.

    Raises:
        NothingToEvaluate: there are fewer; the message says which bounds would leave some.
    """
    sizes = Counter(value for value in values if value is not None)
    min_works, max_works = preset.min_works, preset.max_works
    most = max_works if max_works is not None else max(sizes.values(), default=0)
    kept = frozenset(value for value, size in sizes.items() if min_works <= size <= most)
    if len(kept) >= 2:
        return kept
    if len(sizes) < 2:
        raise NothingToEvaluate(
            f"these works have {len(sizes)} values of {label}: at least two are needed to learn "
            "what tells them apart"
        )
    largest = sizes.most_common()
    low = largest[min(len(largest), 8) - 1][1]
    bounds = f"--min-works {low} --max-works {largest[0][1]}"
    found = ", ".join(f"{value} ({size})" for value, size in largest[:3])
    wanted = f"{min_works:,} to {most:,} works" if max_works else f"at least {min_works:,} works"
    raise NothingToEvaluate(
        f"{len(kept)} values of {label} have {wanted}, and at least two are needed. The largest "
        f"here are {found}: {bounds} would take {min(len(largest), 8)} or more"
    )


def label_classes(
    dataset: DatasetSplit, main: Label, *, others: bool
) -> dict[str, NDArray[np.int64]]:
    """Return each label's classes by work: the main one's, and others that training works have.

    A class of another label is learned if several training works have it.
    """
    classes = {str(main): np.where(dataset.classes == UNLABELLED, UNKNOWN, dataset.classes)}
    learned = np.zeros(len(dataset.works), bool)
    learned[dataset.training] = True
    for label in (Label.STYLE, Label.GENRE, Label.ARTIST) if others else ():
        if label is main:
            continue
        codes, _ = encode([label_of(work, label) for work in dataset.works])
        found, counts = np.unique(codes[learned & (codes != UNLABELLED)], return_counts=True)
        kept = found[counts >= FEWEST_OF_OTHER_LABELS]
        if len(kept) >= 2:
            places = np.searchsorted(kept, codes).clip(max=len(kept) - 1)
            known = learned & (kept[places] == codes)
            classes[str(label)] = np.where(known, places, UNKNOWN)
    return classes
