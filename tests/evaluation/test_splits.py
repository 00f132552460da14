"""How works are divided: shares, classes, copies and artists, on random collections."""

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.labels import UNLABELLED
from evaluation.splits import IN_NO_PART, artist_units, folds, split

SHARES = (0.7, 0.15, 0.15)

Codes = NDArray[np.int64]


def _sides_of_each(units: Codes, parts: Codes) -> list[int]:
    """Return in how many parts each unit's works are."""
    placed = parts != IN_NO_PART
    return [len(set(parts[placed & (units == unit)])) for unit in np.unique(units[placed])]


def _random(seed: int, *, works: int = 300, of: int = 6) -> tuple[Codes, Codes, list[str | None]]:
    """Return classes, copies and artists; an artist has mostly one class, some works are copies."""
    rng = np.random.default_rng(seed)
    artists = rng.zipf(1.6, works) % 60
    classes = np.where(rng.random(works) < 0.8, artists % of, rng.integers(0, of, works))
    classes[rng.random(works) < 0.1] = UNLABELLED
    copies = np.arange(works)
    for first, second in rng.integers(0, works, (15, 2)):
        copies[copies == copies[second]] = copies[first]
    names = [None if rng.random() < 0.1 else f"artist {number}" for number in artists]
    return classes.astype(np.int64), copies.astype(np.int64), names


@pytest.mark.parametrize("seed", range(5))
def test_every_class_and_the_whole_have_the_shares_asked_for_to_one_work(seed: int) -> None:
    rng = np.random.default_rng(seed)
    classes = rng.permutation(np.repeat(np.arange(9), rng.integers(6, 60, 9)))
    parts = split(classes, np.arange(len(classes)), SHARES, seed=seed).parts
    for own in range(9):
        sizes = np.bincount(parts[classes == own], minlength=3)
        assert np.abs(sizes - np.array(SHARES) * sizes.sum()).max() < 1
        assert sizes.min() > 0
    assert np.abs(np.bincount(parts) / len(parts) - SHARES).max() < 0.02


def test_the_split_of_the_field_has_the_sizes_that_it_states() -> None:
    classes = np.repeat(np.arange(8), 200)
    parts = split(classes, np.arange(1600), SHARES, seed=3).parts
    assert np.bincount(parts).tolist() == [1120, 240, 240]
    for own in range(8):
        assert np.bincount(parts[classes == own]).tolist() == [140, 30, 30]


@pytest.mark.parametrize("seed", range(5))
def test_copies_and_artists_are_never_on_two_sides(seed: int) -> None:
    classes, copies, artists = _random(seed)
    by_artist = artist_units(artists, copies)
    names = np.array([f"one of its own {n}" if a is None else a for n, a in enumerate(artists)])
    labelled = classes != UNLABELLED
    for units, apart in ((copies, (copies,)), (by_artist, (copies, names))):
        for found in (
            split(classes, units, SHARES, seed=seed),
            folds(classes, units, 5, seed=seed),
        ):
            assert np.array_equal(found.parts != IN_NO_PART, labelled)
            for together in apart:
                assert set(_sides_of_each(together, found.parts)) == {1}


@pytest.mark.parametrize("seed", range(5))
def test_by_artist_the_classes_are_nearly_in_balance(seed: int) -> None:
    classes, copies, artists = _random(seed, works=1_000)
    units = artist_units(artists, copies)
    parts = split(classes, units, SHARES, seed=seed).parts
    for own in range(6):
        sizes = np.bincount(parts[classes == own], minlength=3)
        assert np.abs(sizes / sizes.sum() - SHARES).max() < 0.15


def test_folds_hold_every_labelled_work_once_and_each_class_evenly() -> None:
    classes = np.array([0] * 23 + [1] * 11 + [2] * 3 + [UNLABELLED] * 4)
    found = folds(classes, np.arange(len(classes)), 5, seed=1)
    for own, size in enumerate((23, 11, 3)):
        sizes = np.bincount(found.parts[classes == own], minlength=5)
        assert sizes.sum() == size
        assert sizes.max() - sizes.min() <= 1
    assert found.incomplete == {2}
    held = np.concatenate([found.works(part) for part in range(5)])
    assert sorted(held) == list(range(37))


def test_a_class_too_small_for_every_part_is_learned_from_but_not_asked_about() -> None:
    classes = np.array([0] * 20 + [1] * 2 + [2] * 3)
    found = split(classes, np.arange(25), SHARES, seed=0)
    assert found.parts[classes == 1].tolist() == [0, 0]
    assert sorted(found.parts[classes == 2]) == [0, 1, 2]
    assert found.incomplete == {1}


def test_copies_and_misattributions_bind_artists_together() -> None:
    copies = np.array([0, 1, 2, 0, 3, 4, 5])
    units = artist_units(["Ada", "Ada", "Bob", "Bob", None, None, "Cleo"], copies)
    assert len(set(units[:4])) == 1
    assert len(set(units)) == 4


def test_the_seed_decides_and_nothing_else() -> None:
    classes, copies, _ = _random(0)
    once, again, other = (split(classes, copies, SHARES, seed=s).parts for s in (4, 4, 5))
    assert np.array_equal(once, again)
    assert not np.array_equal(once, other)


def test_more_folds_than_works_are_refused() -> None:
    with pytest.raises(ValueError, match="divided in 5"):
        folds(np.zeros(8, np.int64), np.repeat(np.arange(4), 2), 5, seed=0)
