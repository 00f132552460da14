"""How far the rankings of several models agree on one query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class PairOverlap:
    """The overlap of two models' hits."""

    models: tuple[str, str]
    overlap: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """How far models agree.

    Args:
        overlap: mean of the overlaps of all pairs; ``None`` with fewer than two models, or where
            no model found anything.
        pairs: the overlap of each pair.
    """

    overlap: float | None
    pairs: tuple[PairOverlap, ...] = ()


def overlap_at_k(first: Sequence[UUID], second: Sequence[UUID]) -> float | None:
    """Return the share of hits that two rankings have in common, in [0, 1].

    The size of the intersection over the length of the longer ranking: with k hits each, the
    usual overlap@k. ``None`` where both are empty.
    """
    longest = max(len(first), len(second))
    return len(set(first) & set(second)) / longest if longest else None


def compare(rankings: Mapping[str, Sequence[UUID]]) -> Comparison:
    """Compare the rankings of several models, by model."""
    pairs = tuple(
        PairOverlap(models=(first, second), overlap=overlap)
        for first, second in combinations(rankings, 2)
        if (overlap := overlap_at_k(rankings[first], rankings[second])) is not None
    )
    mean = sum(pair.overlap for pair in pairs) / len(pairs) if pairs else None
    return Comparison(overlap=mean, pairs=pairs)
