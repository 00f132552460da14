"""A picture is laid over another to two pixels, and over none that shows something else."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from search.identification.registration import register
from search.identification.verification import project
from tests.reproductions import paint

SHOWN = 1_000
"""Longest side at which a page shows the pictures, in pixels."""

CASES = [
    # degrees, scale, slant
    (0, 1.0, 0.0),
    (20, 0.6, 0.0),
    (-20, 1.6, 0.0),
    (7, 1.2, 0.06),
    (-13, 0.8, 0.06),
    (20, 1.6, 0.06),
    (-20, 0.6, 0.06),
]

Pixels = NDArray[np.uint8]


def _warped(
    pixels: Pixels, degrees: float, scale: float, slant: float, seed: int
) -> tuple[Pixels, NDArray[np.float64]]:
    """Return a picture seen askew on a grey ground, and where places of it went, in pixels."""
    height, width = pixels.shape[:2]
    box = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    shifts = np.random.default_rng(seed).uniform(-slant, slant, (4, 2))
    turn = np.radians(degrees)
    turned = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    placed = (box + shifts * [width, height]) @ turned.T
    placed -= placed.min(axis=0)
    size = np.ceil(placed.max(axis=0)).astype(int)
    true = cv2.getPerspectiveTransform(box.astype(np.float32), placed.astype(np.float32))
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])  # OpenCV counts from pixels' middles
    seen = cv2.warpPerspective(
        pixels,
        np.linalg.inv(half) @ true @ half,
        (int(size[0]), int(size[1])),
        flags=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC,
        borderValue=(120, 120, 120),
    )
    return np.asarray(seen, np.uint8), np.asarray(true, np.float64)


def _error(
    found: NDArray[np.floating], true: NDArray[np.floating], pixels: Pixels, seen: Pixels
) -> float:
    """Return by how many pixels a place is off in the median, as the page shows the pictures."""
    places = np.stack(np.meshgrid(np.linspace(0, 1, 9), np.linspace(0, 1, 9)), -1).reshape(-1, 2)
    expected = project(np.asarray(true, np.float64), places * [pixels.shape[1], pixels.shape[0]])
    size = np.array([seen.shape[1], seen.shape[0]])
    gaps = project(np.asarray(found, np.float64), places) * size - expected
    return float(np.median(np.linalg.norm(gaps, axis=1)) * SHOWN / size.max())


@pytest.mark.parametrize(("degrees", "scale", "slant"), CASES)
def test_known_warps_are_found_to_two_pixels(degrees: float, scale: float, slant: float) -> None:
    for seed in (1, 2):
        pixels = paint(seed, width=500, height=400)
        seen, true = _warped(pixels, degrees, scale, slant, seed)
        found = register(seen, pixels)
        assert found.homography is not None
        assert found.inliers > 20
        assert not found.is_mirrored
        assert _error(found.homography, true, pixels, seen) <= 1.0
        back = register(pixels, seen)
        assert back.homography is not None
        assert _error(np.linalg.inv(back.homography), true, pixels, seen) <= 1.0


def test_a_mirror_image_is_laid_over_as_one() -> None:
    pixels = paint(3, width=500, height=400)
    seen, true = _warped(pixels, 10, 0.9, 0.04, 3)
    mirror = np.ascontiguousarray(seen[:, ::-1])
    flipped = np.array([[-1.0, 0, seen.shape[1]], [0, 1, 0], [0, 0, 1]]) @ true
    found = register(mirror, pixels)
    assert found.is_mirrored
    assert found.homography is not None
    assert _error(found.homography, flipped, pixels, mirror) <= 1.0


def test_a_detail_is_laid_over_the_whole_and_the_whole_over_a_detail() -> None:
    pixels = paint(4, width=900, height=700)
    detail = np.ascontiguousarray(pixels[100:330, 500:800])
    found = register(pixels, detail)
    assert found.homography is not None
    corners = project(found.homography, np.array([[0, 0], [1, 1]])) * [900, 700]
    assert np.abs(corners - [[500, 100], [800, 330]]).max() < 2
    assert register(detail, pixels).homography is not None


def test_what_does_not_show_the_same_is_not_laid_over() -> None:
    flat = np.full((300, 300, 3), 128, np.uint8)
    for one, other in ((paint(5), paint(6)), (paint(5), flat), (flat, flat)):
        assert register(one, other).homography is None
