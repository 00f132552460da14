"""Reproductions of one painting, told from pictures that share material."""

import numpy as np
import pytest

from search.identification.local_features import COLLECTION_KEYPOINTS, COLLECTION_SIDE, extract
from search.same_picture import (
    FEW_KEYPOINTS,
    Agreement,
    Picture,
    Pixels,
    agreement,
    could_be_same,
    perceptual_hash,
)
from tests.reproductions import finished, paint, photographed, sheet


def _picture(pixels: Pixels) -> Picture:
    features = extract(pixels, side=COLLECTION_SIDE, most=COLLECTION_KEYPOINTS)
    return Picture(pixels=pixels, features=features)


def _compared(first: Pixels, second: Pixels) -> Agreement | None:
    one, other = _picture(first), _picture(second)
    matched = could_be_same(one.features, other.features)
    return None if matched is None else agreement(one, other, matched)


def _same(first: Pixels, second: Pixels) -> bool:
    found = _compared(first, second)
    return found is not None and found.same


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("crop", "warm"), [(0.0, 1.0), (0.0, 1.4), (0.1, 1.0), (0.2, 0.75), (0.25, 1.2)]
)
def test_reproductions_cropped_and_of_other_colours_are_the_same(
    seed: int, crop: float, warm: float
) -> None:
    painting = paint(seed)
    found = _compared(painting, photographed(painting, crop=crop, warm=warm))
    assert found is not None
    assert found.same
    assert found.first_shown == pytest.approx((1 - 2 * crop) ** 2, abs=0.05)
    assert found.second_shown == pytest.approx(1, abs=0.03)
    assert (found.colour > 5) == (warm != 1.0)


@pytest.mark.parametrize("seed", range(4))
def test_different_paintings_are_not_the_same(seed: int) -> None:
    assert not _same(paint(seed), paint(seed + 100))


@pytest.mark.parametrize("seed", range(4))
def test_pages_with_one_emblem_share_points_and_are_not_the_same(seed: int) -> None:
    first, second = sheet(seed, emblem=50), sheet(seed + 100, emblem=50)
    assert not _same(first, second)
    assert _same(first, photographed(first, crop=0.05, warm=1.2))


@pytest.mark.parametrize("seed", range(4))
def test_a_study_is_not_the_painting_that_has_its_figure(seed: int) -> None:
    assert not _same(paint(seed), finished(seed, ground=seed + 100))


def test_a_mirror_image_is_not_the_same() -> None:
    painting = paint(1)
    assert not _same(painting, np.ascontiguousarray(painting[:, ::-1]))


def _monochrome(colour: tuple[int, int, int], *, width: int = 300) -> Pixels:
    """Paint one colour that fades to a darker edge below."""
    fall = np.linspace(1, 0.8, 200)[:, None, None]
    return np.broadcast_to(fall * np.array(colour), (200, width, 3)).astype(np.uint8)


def test_paintings_without_keypoints_are_laid_edge_to_edge() -> None:
    blue = _monochrome((20, 40, 180))
    assert len(_picture(blue).features) < FEW_KEYPOINTS
    found = _compared(blue, photographed(blue))
    assert found is not None
    assert found.edge_to_edge
    assert found.same
    assert not _same(blue, _monochrome((180, 40, 20)))
    assert not _same(blue, _monochrome((20, 40, 180), width=450))
    assert not _same(blue, blue[::-1])


def test_the_hash_outlives_recompression_and_tells_paintings_apart() -> None:
    paintings = [paint(seed) for seed in range(12)]
    hashes = [perceptual_hash(item) for item in paintings]
    for number, painting in enumerate(paintings):
        again = perceptual_hash(photographed(painting))
        apart = [int((again != other).sum()) for other in hashes]
        assert apart[number] <= 6
        assert sorted(apart)[1] >= 16
