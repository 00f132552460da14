"""What a photo is looked at as: outlines of framed works, and how the photo is turned."""

import numpy as np
import pytest
from PIL import Image

from search.identification.views import (
    edge_direction,
    outlines_in,
    parts_beside,
    quartered,
    squared,
    views_in_stages,
)
from tests.paintings import WALL, hang, paint, slanted


def test_each_framed_painting_on_a_wall_has_an_outline() -> None:
    photo = np.asarray(hang([paint(seed) for seed in range(4)], columns=2))
    found = outlines_in(photo)
    middles = {tuple(np.round(quad.mean(axis=0), -1).astype(int)) for quad in found}
    assert {(250, 210), (690, 210), (250, 570), (690, 570)} <= middles


def test_a_slanted_work_is_squared() -> None:
    painting = paint(7)
    photo = np.asarray(slanted(hang([painting], frame=4)))
    (quad, *_) = outlines_in(photo)
    front = Image.fromarray(squared(photo, quad))
    # A pixel here or there does not matter, so both are looked at from afar.
    seen, original, other = (
        np.asarray(item.resize((18, 14)), float) for item in (front, painting, paint(8))
    )
    assert np.abs(seen - original).mean() < np.abs(seen - other).mean() / 3


def test_a_quarter_turn_is_a_quarter_turn() -> None:
    photo = np.asarray(hang([paint(9)]))
    quad = outlines_in(photo)[0]
    upright, turned = quartered(photo, quad, 0), quartered(photo, quad, 90)
    np.testing.assert_array_equal(np.rot90(upright.pixels), turned.pixels)


@pytest.mark.parametrize("degrees", [-30, -12, 0, 9, 25, 40])
def test_the_edges_tell_how_a_photo_is_turned(degrees: int) -> None:
    photo = hang([Image.new("RGB", (300, 220), (40, 70, 90))])
    turned = photo.rotate(degrees, expand=True, fillcolor=WALL, resample=Image.Resampling.BICUBIC)
    # Pillow turns counter-clockwise, and pixels count downwards.
    assert edge_direction(np.asarray(turned)) == pytest.approx(-degrees, abs=2)


def test_what_is_beside_a_work_is_looked_at_only_where_there_is_something() -> None:
    rng = np.random.default_rng(1)
    done = [np.array([[20.0, 20], [180, 20], [180, 180], [20, 180]])]
    within = rng.uniform(20, 180, (200, 2)).astype(np.float32)
    right = rng.uniform([220, 20], [380, 180], (200, 2)).astype(np.float32)
    assert parts_beside(done, (400, 200), within, []) == []
    (part,) = parts_beside(done, (400, 200), np.concatenate([within, right]), [])
    np.testing.assert_allclose(part[[0, 2]], [[180, 0], [400, 200]])
    # An outline found there is looked at instead.
    assert parts_beside(done, (400, 200), np.concatenate([within, right]), [done[0] + 200]) != []
    assert parts_beside(done, (400, 200), np.concatenate([within, right]), [part * 0.9]) == []


def test_a_turned_photo_keeps_its_scale_and_its_middle() -> None:
    down, across = np.mgrid[:200, :400]
    disc = np.hypot(across - 199.5, down - 99.5) < 30
    photo = np.repeat(disc[:, :, None], 3, axis=2).astype(np.uint8) * 255
    for view in list(views_in_stages(photo, []))[-1]:
        cos, sin = np.cos(np.radians(view.degrees)), abs(np.sin(np.radians(view.degrees)))
        around = np.array([200 * cos + 400 * sin, 400 * cos + 200 * sin])
        np.testing.assert_allclose(view.pixels.shape[:2], 0.7 * around, atol=1)
        shown = np.argwhere(view.pixels[:, :, 0] > 127)
        assert len(shown) == pytest.approx(disc.sum(), rel=0.05)
        np.testing.assert_allclose(shown.mean(axis=0), 0.35 * around, atol=1)


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 3), (64, 64)])
def test_any_photo_has_views(size: tuple[int, int]) -> None:
    photo = np.zeros((size[1], size[0], 3), np.uint8)
    stages = list(views_in_stages(photo, outlines_in(photo)))
    assert stages[0][0].kind == "whole"
    assert all(view.pixels.size for views in stages for view in views)
