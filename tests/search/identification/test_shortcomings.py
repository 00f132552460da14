"""What a photo lacks to show its work, and dim photos brightened."""

import numpy as np
import pytest
from PIL import Image

from search.identification.local_features import QUERY_KEYPOINTS, QUERY_SIDE, extract
from search.identification.shortcomings import Shortcoming, brightened, shortcoming_of
from tests.paintings import paint

WORK = np.asarray(paint(5))


def _lacks(pixels: np.ndarray) -> Shortcoming | None:
    return shortcoming_of(pixels, extract(pixels, side=QUERY_SIDE, most=QUERY_KEYPOINTS))


def _grainy(levels: float) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, levels, WORK.shape)
    return np.clip(WORK + noise, 0, 255).astype(np.uint8)


def test_a_good_photo_lacks_nothing_and_a_poor_one_is_told_what() -> None:
    assert _lacks(WORK) is None
    assert _lacks(_grainy(12)) is None
    assert _lacks(_grainy(150)) == "too grainy"
    assert _lacks((WORK * 0.01).astype(np.uint8)) == "too dark"
    assert _lacks(np.full_like(WORK, 250)) == "few details"


@pytest.mark.parametrize("light", [0.03, 0.1, 0.2])
def test_a_dim_photo_gets_the_contrast_of_a_well_lit_one(light: float) -> None:
    dim = np.round(WORK * light).astype(np.uint8)
    lifted = brightened(dim)
    assert lifted.dtype == np.uint8
    dark, bright = np.percentile(np.asarray(Image.fromarray(lifted).convert("L")), (1, 99))
    assert bright - dark > 200
    assert np.corrcoef(lifted.ravel(), WORK.ravel())[0, 1] > 0.95


def test_a_well_lit_photo_and_one_of_hardly_any_levels_stay_as_they_are() -> None:
    assert brightened(WORK) is WORK
    black = (WORK * 0.01).astype(np.uint8)
    assert brightened(black) is black
