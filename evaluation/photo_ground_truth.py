"""Which answers to a photo of a work are right, which are wrong, and which count neither way."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from catalog.artworks import ArtworkFacts
from evaluation.copies import RelatedWorks, SameWorks, copy_groups

DEPTH = 5


@dataclass(frozen=True, kw_only=True)
class PhotoGroundTruth:
    """Which answers are right.

    Args:
        same: work -> all works that show the same painting, itself among them.
        related: work -> works that share material with one of those.
        without: works left out of the collection.
    """

    same: Mapping[UUID, frozenset[UUID]]
    related: Mapping[UUID, frozenset[UUID]]
    without: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """How one method answered one query.

    Args:
        first: whether the first answer is right; ``None`` if it is a related work, which counts
            neither way.
        among: whether a right answer is among the first ``DEPTH``, related works passed over.
        answer: the first answer; ``None`` where there was none.
    """

    first: bool | None
    among: bool
    answer: UUID | None


def photo_ground_truth(
    works: Sequence[ArtworkFacts],
    same: SameWorks | None,
    related: RelatedWorks | None,
    without: Sequence[UUID],
) -> PhotoGroundTruth:
    """Tell which works show the same painting, and which share material with it.

    Args:
        without: works left out of the collection.

    Raises:
        InvalidCopies: none of the files is in the collection.
    """
    pairs = list(zip(works, copy_groups(works, same).tolist(), strict=True))
    members: dict[int, set[UUID]] = defaultdict(set)
    ids_of: dict[str, set[UUID]] = defaultdict(set)
    near: dict[int, set[UUID]] = defaultdict(set)
    for work, group in pairs:
        members[group].add(work.id)
        ids_of[work.file].add(work.id)
    for work, group in pairs:
        for file in (related or {}).get(work.file, ()):
            near[group] |= ids_of[file]
    return PhotoGroundTruth(
        same={work.id: frozenset(members[group]) for work, group in pairs},
        related={work.id: frozenset(near[group] - members[group]) for work, group in pairs},
        without=tuple(without),
    )


def judged(answers: Sequence[UUID], right: frozenset[UUID], near: frozenset[UUID]) -> Ranking:
    """Judge the answers of one method, the likeliest first.

    Args:
        right: works that are right answers.
        near: works that count neither way.
    """
    counted = [item for item in answers if item not in near][:DEPTH]
    return Ranking(
        first=is_right(answers[0], right, near) if answers else False,
        among=any(item in right for item in counted),
        answer=answers[0] if answers else None,
    )


def is_right(item: UUID, right: frozenset[UUID], near: frozenset[UUID]) -> bool | None:
    """Tell whether an answer is right; ``None`` where it counts neither way."""
    return None if item in near else item in right
