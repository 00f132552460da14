"""Matching under one change of viewpoint: what fits, where it lies, and what must not fit."""

import numpy as np
import pytest
from PIL import Image

from search.identification.local_features import LocalFeatures, extract
from search.identification.recognition import SURE_INLIERS
from search.identification.verification import corners, project, verify
from tests.paintings import hang, paint, slanted


def _features(picture: Image.Image) -> LocalFeatures:
    return extract(np.asarray(picture), side=720, most=1_000)


def test_a_painting_on_a_wall_lies_where_it_was_hung() -> None:
    work = _features(paint(1))
    (found,) = verify(_features(hang([paint(1)])), [work])
    assert found.inliers > 100
    expected = np.array([[70, 70], [430, 70], [430, 350], [70, 350]])
    assert found.homography is not None
    outline = project(found.homography, corners(work.width, work.height))
    np.testing.assert_allclose(outline, expected, atol=3)
    np.testing.assert_allclose(
        project(found.homography, found.work_points), found.photo_points, atol=8
    )


def test_a_homography_takes_what_is_farther_away_nearer_together() -> None:
    homography = np.array([[2.0, 0, 10], [0, 2, 20], [0.01, 0, 1]])
    points = np.array([[0.0, 0], [100, 0], [100, 50]])
    np.testing.assert_allclose(project(homography, points), [[10, 20], [105, 10], [105, 60]])


@pytest.mark.parametrize("degrees", [45, 90, 180, 260])
def test_a_turned_and_slanted_photo_is_verified(degrees: int) -> None:
    photo = slanted(hang([paint(2)])).rotate(degrees, expand=True, fillcolor=(188, 182, 170))
    (found,) = verify(_features(photo), [_features(paint(2))])
    assert found.inliers > 50


@pytest.mark.slow
def test_other_paintings_are_not_verified() -> None:
    photo = _features(slanted(hang([paint(3)])))
    found = verify(photo, [_features(paint(seed)) for seed in range(100, 140)])
    assert max(item.inliers for item in found) < SURE_INLIERS


def test_a_mirror_image_is_not_the_same_view() -> None:
    photo = paint(4).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    (found,) = verify(_features(photo), [_features(paint(4))])
    assert found.inliers < SURE_INLIERS


def test_matches_at_one_spot_count_once() -> None:
    work = _features(paint(5))
    # Every keypoint of the photo is one of three spots, however many descriptors lie there.
    spots = np.array([[50, 50], [200, 60], [120, 220]], np.float32)
    photo = LocalFeatures(
        points=spots[np.arange(len(work)) % 3],
        descriptors=work.descriptors,
        width=360,
        height=280,
    )
    (found,) = verify(photo, [work])
    assert found.matches <= 3
    assert found.inliers == 0


def test_nothing_is_found_without_keypoints() -> None:
    blank = _features(Image.new("RGB", (200, 200), "white"))
    work = _features(paint(6))
    assert [item.inliers for item in verify(blank, [work])] == [0]
    assert [item.inliers for item in verify(work, [blank])] == [0]
    assert verify(work, []) == []
