"""Which works are learned from and which are asked about, so that the test is fair.

Works are divided in *units* that stay together: the copies of one work always, and all works of an
artist where the question is what was learned of artists not seen. The division is balanced by class
and drawn with a seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.copies import linked
from evaluation.labels import UNLABELLED, Codes

IN_NO_PART = -1
"""The part of a work without a label."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """Works divided in parts.

    Args:
        parts: of each work the number of its part, ``IN_NO_PART`` without a label.
        incomplete: classes that are not in every part: they have too few units for it.
    """

    parts: Codes
    incomplete: frozenset[int]

    def works(self, part: int) -> NDArray[np.int64]:
        """Return the places of the works of a part."""
        return np.flatnonzero(self.parts == part)


def artist_units(artists: Sequence[str | None], copies: Codes) -> Codes:
    """Return a number for each work that it shares with all works by its artist and their copies.

    A work without an artist stands alone, with its copies.

    Args:
        copies: of :func:`evaluation.copies.copy_groups`.
    """
    return linked(artists, copies.tolist())


def split(classes: Codes, units: Codes, shares: Sequence[float], *, seed: int) -> Split:
    """Divide labelled works in parts of given shares, each class in these shares too.

    Exact to one work for units of one work; with larger ones as near as they allow. A class is in
    every part if it has as many units as there are parts. With fewer it is in the first part alone,
    so that it can be learned, but is not asked about.

    Args:
        classes: of each work, ``UNLABELLED`` for works that are in no part.
        units: a number that works of one unit share: copies, or ``artist_units``.
        shares: of the works, above 0; as proportions, they need not sum to 1.
    """
    parts = _divide(classes, units, np.asarray(shares, np.float64), seed=seed, few_to_first=True)
    return Split(parts=parts, incomplete=_incomplete(classes, parts, len(shares)))


def folds(classes: Codes, units: Codes, count: int, *, seed: int) -> Split:
    """Divide labelled works in ``count`` parts of one size, each class spread evenly over them.

    A class with fewer units than parts is in as many parts as it has units. Arguments as in
    :func:`split`.

    Raises:
        ValueError: there are fewer units than parts.
    """
    if len(np.unique(units[classes != UNLABELLED])) < count:
        raise ValueError(f"the works cannot be divided in {count}")
    parts = _divide(classes, units, np.ones(count), seed=seed, few_to_first=False)
    return Split(parts=parts, incomplete=_incomplete(classes, parts, count))


def _divide(
    classes: Codes, units: Codes, shares: NDArray[np.float64], *, seed: int, few_to_first: bool
) -> Codes:
    """Give each unit in turn, the largest first, to the part that lacks most of its classes."""
    labelled = np.flatnonzero(classes != UNLABELLED)
    present, unit_of = np.unique(units[labelled], return_inverse=True)
    held = np.zeros((len(present), int(classes.max(initial=0)) + 1))
    np.add.at(held, (unit_of, classes[labelled]), 1)
    main = held.argmax(axis=1)
    totals = np.maximum(held.sum(axis=0), 1)
    lacking = np.outer(shares / shares.sum(), held.sum(axis=0))
    left = np.bincount(main, minlength=held.shape[1])
    few = left < len(shares)
    without = np.ones(lacking.shape, bool)
    given = np.zeros(len(present), np.int64)
    order = np.random.default_rng(seed).permutation(len(present))
    for unit in order[np.argsort(-held[order].sum(axis=1), kind="stable")]:
        own = main[unit]
        # The squared distance from the wanted numbers, class by class, falls most in this part;
        # where that leaves a choice, in the part that lacks most altogether.
        need = (lacking * held[unit] / totals).sum(axis=1)
        wanted = np.where(need > need.max() - 1e-9, lacking.sum(axis=1), -np.inf)
        if few_to_first and few[own]:
            part = 0
        elif not few[own] and left[own] <= without[:, own].sum():
            # The last units of a class are for the parts that have none of it.
            part = int(np.where(without[:, own], need, -np.inf).argmax())
        else:
            part = int(wanted.argmax())
        given[unit] = part
        left[own] -= 1
        lacking[part] -= held[unit]
        without[part] &= held[unit] == 0
    parts = np.full(len(classes), IN_NO_PART)
    parts[labelled] = given[unit_of]
    return parts


def _incomplete(classes: Codes, parts: Codes, count: int) -> frozenset[int]:
    found = {(int(a), int(b)) for a, b in zip(classes, parts, strict=True) if b != IN_NO_PART}
    return frozenset(
        own for own, _ in found if any((own, part) not in found for part in range(count))
    )
