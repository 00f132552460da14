"""Keypoints: in whose pixels they are, and what a mirror makes of them."""

import numpy as np
from PIL import Image, ImageOps

from search.identification.local_features import LocalFeatures, extract, mirrored
from tests.paintings import paint


def _features(picture: Image.Image, *, side: int = 512, most: int = 500) -> LocalFeatures:
    return extract(np.asarray(picture), side=side, most=most)


def test_a_mirror_image_has_the_keypoints_that_were_worked_out_for_it() -> None:
    painting = paint(1)
    worked_out = mirrored(_features(painting))
    seen = _features(ImageOps.mirror(painting))
    cosines = worked_out.unit_descriptors() @ seen.unit_descriptors().T
    best = cosines.argmax(axis=1)
    apart = np.linalg.norm(worked_out.points - seen.points[best], axis=1)
    alike = (apart < 2) & (cosines.max(axis=1) > 0.98)
    assert alike.mean() > 0.8
    # Not because everything is alike: the picture itself is not its mirror image.
    unturned = _features(painting).unit_descriptors() @ seen.unit_descriptors().T
    assert (unturned.max(axis=1) > 0.98).mean() < 0.2


def test_mirrored_twice_is_as_it_was() -> None:
    features = _features(paint(2))
    again = mirrored(mirrored(features))
    assert not again.mirrored
    np.testing.assert_allclose(again.points, features.points, atol=1e-3)
    np.testing.assert_array_equal(again.descriptors, features.descriptors)


def test_points_are_in_pixels_of_the_picture_as_it_came() -> None:
    painting = paint(3)
    large = painting.resize((painting.width * 3, painting.height * 3), Image.Resampling.BICUBIC)
    small, shrunk = _features(painting, side=360), _features(large, side=360)
    cosines = small.unit_descriptors() @ shrunk.unit_descriptors().T
    best = cosines.argmax(axis=1)
    sure = cosines.max(axis=1) > 0.95
    assert sure.sum() > 50
    apart = np.linalg.norm(3 * small.points[sure] - shrunk.points[best[sure]], axis=1)
    assert np.median(apart) < 3
    assert (shrunk.width, shrunk.height) == large.size


def test_descriptors_are_of_length_one_and_the_strongest_come_first() -> None:
    features = _features(paint(4))
    lengths = np.linalg.norm(features.unit_descriptors(), axis=1)
    np.testing.assert_allclose(lengths, 1, atol=0.03)
    strongest = {tuple(point) for point in features.strongest(60).points.tolist()}
    assert {tuple(point) for point in _features(paint(4), most=50).points.tolist()} <= strongest


def test_a_blank_or_tiny_picture_has_no_keypoints() -> None:
    for size in ((1, 1), (3, 200), (300, 200)):
        features = _features(Image.new("RGB", size, (90, 120, 30)))
        assert len(features) == 0
        assert features.unit_descriptors().shape == (0, 128)
        assert len(mirrored(features)) == 0
