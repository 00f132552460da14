"""The drawing of an explanation: heat in its place, in the picture's own shape."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageChops

from embedders import BUILT_IN, load_embedder
from search.explanation import Explanation, explain_pictures
from search.explanation_drawing import Scale, draw_explanation, heat_map
from tests.pictures import draw

Map = NDArray[np.float32]


@pytest.fixture
def explained(tmp_path: Path) -> Explanation:
    wide, tall = draw(1, width=320, height=100), draw(2, width=90, height=300)
    return explain_pictures(wide, tall, load_embedder(BUILT_IN.describe("colour_grid"), tmp_path))


def _hot(row: int, column: int, value: float = 1.0) -> Map:
    contributions = np.zeros((7, 7), np.float32)
    contributions[row, column] = value
    return contributions


def _lightness(picture: Image.Image) -> NDArray[np.float64]:
    lab = cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2LAB)
    return np.asarray(lab[..., 0], np.float64)


@pytest.mark.parametrize("size", [(400, 100), (100, 400), (37, 41)])
def test_heat_lies_where_its_cell_lies_in_the_picture_s_own_shape(size: tuple[int, int]) -> None:
    contributions = _hot(1, 5)
    drawn = heat_map(Image.new("RGB", size, "grey"), contributions, Scale.over(contributions))
    assert drawn.size == size
    row, column = np.unravel_index(_lightness(drawn).argmax(), (size[1], size[0]))
    assert int(row * 7 / size[1]) == 1
    assert int(column * 7 / size[0]) == 5


def test_lightness_rises_with_the_contribution() -> None:
    steps = np.linspace(0, 1, 7, dtype=np.float32)
    contributions = np.tile(steps, (7, 1))
    drawn = heat_map(Image.new("RGB", (700, 70), "grey"), contributions, Scale.over(contributions))
    middles = _lightness(drawn)[35, 50::100]
    rises = np.diff(middles)
    assert rises.min() > 0
    assert rises.max() < 2 * rises.mean()


def test_one_scale_holds_both_maps_and_zero() -> None:
    scale = Scale.over(_hot(0, 0, 0.2), _hot(3, 3, 0.6))
    assert [scale.low, scale.high] == pytest.approx([0, 0.6])
    assert scale.place(0.3) == pytest.approx(0.5)
    signed = Scale.over(_hot(0, 0, -0.2), _hot(3, 3, 0.6))
    assert [signed.low, signed.high] == pytest.approx([-0.2, 0.6])
    assert np.isfinite(Scale.over(np.zeros((7, 7), np.float32)).place(0))


def test_pictures_and_maps_stand_side_by_side_above_a_legend(explained: Explanation) -> None:
    drawn = draw_explanation(explained)
    assert drawn.mode == "RGB"
    assert drawn.width < 1_000
    pixels = np.asarray(drawn)
    wide = np.asarray(
        explained.query_picture.resize((460, 144), Image.Resampling.BICUBIC, reducing_gap=3.0)
    )
    np.testing.assert_array_equal(pixels[50:194, 24:484], wide)
    grey_enough = np.ptp(pixels[50 + 144 + 12 : 50 + 288, 24:484].astype(int), axis=2)
    assert grey_enough.max() > 50  # the heat map below it is coloured
    # The bar grows lighter from left to right.
    rows = [row for row in pixels[650:] if (row[24:-24] != 255).all()]
    assert len(rows) >= 10
    bar = _lightness(Image.fromarray(rows[5][None, 24:-24]))[0]
    parts = [float(np.median(part)) for part in np.array_split(bar, 8)]
    assert parts == sorted(set(parts))


def test_titles_of_any_script_are_written_and_long_ones_are_cut(explained: Explanation) -> None:
    plain = draw_explanation(explained, query_title="", work_title="")
    titled = draw_explanation(
        explained, query_title="Łucja, Илья и 北斎", work_title="a title without an end " * 20
    )
    assert titled.size == plain.size
    left, _, right, bottom = ImageChops.difference(plain, titled).getbbox() or (0, 0, 0, 0)
    assert bottom <= 50
    assert left >= 23
    assert right <= plain.width - 20
    # Letters that a font lacks would all be the same box.
    for one, other in (("Ł", "Ø"), ("И", "Я"), ("北", "斎")):
        drawn = [draw_explanation(explained, query_title=letter) for letter in (one, other)]
        assert ImageChops.difference(*drawn).getbbox()


def test_one_place_is_framed_and_only_its_likes_are_heated(explained: Explanation) -> None:
    cell = explained.pairs[0].query
    whole, place = draw_explanation(explained), draw_explanation(explained, at=cell)
    assert whole.size == place.size
    # The query's map is grey now, but for nothing.
    lower = np.asarray(place)[50 + 144 + 12 : 50 + 288, 24:484].astype(int)
    assert np.ptp(lower, axis=2).max() <= 4
    assert ImageChops.difference(whole, place).getbbox()


def test_contributions_of_both_signs_and_of_none_can_be_drawn(explained: Explanation) -> None:
    assert explained.contributions.min() < 0
    for contributions in (-np.abs(explained.contributions), explained.contributions * 0):
        drawn = draw_explanation(replace(explained, contributions=contributions, pairs=()))
        assert drawn.width < 1_000
