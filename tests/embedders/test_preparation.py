"""The whole picture is painted into the square that models look at."""

import numpy as np
import pytest
from PIL import Image

from embedders import BUILT_IN, Preparation


def test_the_result_is_a_square_of_bytes(picture: Image.Image) -> None:
    prepared = Preparation(224, "bicubic").apply(picture)
    assert prepared.shape == (224, 224, 3)
    assert prepared.dtype == np.uint8


def test_nothing_is_cropped_from_a_long_picture() -> None:
    image = Image.new("RGB", (1000, 100), "white")
    image.paste("black", (0, 0, 100, 100))
    image.paste("black", (900, 0, 1000, 100))
    prepared = Preparation(224, "bicubic").apply(image)
    assert (prepared[:, :20].max(), prepared[:, -20:].max(), prepared[:, 112].min()) == (0, 0, 255)


def test_shrinking_is_antialiased_even_by_a_large_factor() -> None:
    stripes = np.zeros((2240, 2240, 3), np.uint8)
    stripes[:, ::2] = 255
    prepared = Preparation(224, "bicubic").apply(Image.fromarray(stripes))
    inside = prepared[10:-10, 10:-10].astype(int)  # at the rim a stripe is cut off
    assert np.abs(inside - 128).max() <= 2


def test_equal_preparations_are_one_key_so_that_models_share_prepared_pictures() -> None:
    assert (
        BUILT_IN.describe("resnet50").preparation
        == BUILT_IN.describe("efficientnet_lite0").preparation
    )
    assert len({Preparation(224, "bicubic"), Preparation(224, "bicubic")}) == 1


def test_what_makes_no_sense_is_refused(picture: Image.Image) -> None:
    with pytest.raises(ValueError, match="bicubic"):
        Preparation(224, "nearest")
    with pytest.raises(ValueError, match="at least 1"):
        Preparation(0, "bicubic")
    with pytest.raises(ValueError, match="RGB"):
        Preparation(224, "bicubic").apply(picture.convert("L"))
