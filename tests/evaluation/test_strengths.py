"""Each graded perturbation does as much as its strength says, and at none nothing."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from evaluation.strengths import CAMERA_DISTANCE, COVER, STRENGTHS, shrunk
from tests.paintings import paint

SIZE = (320, 240)
Pixels = NDArray[np.float64]


def photo(name: str, picture: Image.Image, strength: float, seed: int = 1) -> Image.Image:
    return STRENGTHS[name].photo(picture, strength, np.random.default_rng(seed))


def pixels(picture: Image.Image) -> Pixels:
    return np.asarray(picture, dtype=np.float64)


def psnr(one: Image.Image, other: Image.Image) -> float:
    # Of pictures of one size: a small one is seen as large as the other.
    same = other.resize(one.size, Image.Resampling.BICUBIC)
    return cv2.PSNR(np.asarray(one, dtype=np.uint8), np.asarray(same, dtype=np.uint8))


@pytest.mark.parametrize("name", STRENGTHS)
def test_strength_none_gives_the_picture_itself(name: str) -> None:
    picture = paint(1)
    assert photo(name, picture, STRENGTHS[name].none).tobytes() == picture.tobytes()


@pytest.mark.parametrize("name", STRENGTHS)
def test_strengths_rise_in_harm_from_none(name: str) -> None:
    graded = STRENGTHS[name]
    steps = np.diff([graded.none, *graded.strengths])
    assert (steps > 0).all() or (steps < 0).all()
    assert len(graded.strengths) >= 5
    for reached in graded.reached.values():
        assert reached in graded.strengths
        assert reached != graded.strengths[-1]


@pytest.mark.parametrize("name", STRENGTHS)
def test_a_photo_depends_on_its_generator_and_strength_only(name: str) -> None:
    mild, harsh = STRENGTHS[name].strengths[1], STRENGTHS[name].strengths[-1]
    photos = [photo(name, paint(1), strength) for strength in (mild, mild, harsh)]
    assert photos[0].tobytes() == photos[1].tobytes()
    assert photos[0].tobytes() != photos[2].tobytes()
    assert {item.mode for item in photos} == {"RGB"}


@pytest.mark.parametrize("name", ["blur", "noise", "jpeg", "light", "size", "cover"])
def test_pictures_lose_fidelity_with_every_step(name: str) -> None:
    picture = paint(2)
    graded = STRENGTHS[name]
    # The pictures here are 360 pixels long: a photo of 320 takes little from them.
    found = [psnr(picture, photo(name, picture, strength)) for strength in graded.strengths]
    assert all(after < before for before, after in pairwise(found))
    assert found[-1] < 26


def test_a_turn_is_by_the_angle_either_way() -> None:
    picture = np.zeros((300, 300, 3), np.uint8)
    cv2.circle(picture, (240, 150), 6, (255, 255, 255), -1)
    ways = set()
    for seed in range(8):
        for degrees in (5, 30, 90, 180):
            seen = pixels(photo("angle", Image.fromarray(picture), degrees, seed))[..., 0]
            y, x = np.argwhere(seen > 128).mean(axis=0)
            measured = np.degrees(np.arctan2(150 - y, x - 150))
            assert abs(measured) == pytest.approx(degrees, abs=1)
            if degrees == 30:
                ways.add(np.sign(measured))
    assert ways == {-1, 1}


def test_a_view_from_the_side_is_at_the_angle() -> None:
    width, height = SIZE
    picture = np.full((height, width, 3), 255, np.uint8)
    cv2.circle(picture, (width // 2, height // 2), 4, (255, 0, 0), -1)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    for seed, degrees in enumerate((15, 30, 45, 60)):
        seen = np.asarray(photo("perspective", Image.fromarray(picture), degrees, seed))
        quad = _corners_of(seen[..., 0] > 128)
        y, x = np.argwhere((seen[..., 0] > 128) & (seen[..., 2] < 128)).mean(axis=0)
        middle = np.array([width, height]) / 2
        change = cv2.getPerspectiveTransform(
            (corners - middle).astype(np.float32), (quad - [x, y]).astype(np.float32)
        )
        # A pinhole camera sees the plane by K [r1 r2 t]: Hartley and Zisserman, section 8.1.
        focal = CAMERA_DISTANCE * width
        first, second = (np.diag([1 / focal, 1 / focal, 1]) @ change)[:, :2].T
        normal = np.cross(first, second)
        measured = np.degrees(np.arccos(abs(normal[2]) / np.linalg.norm(normal)))
        assert measured == pytest.approx(degrees, abs=2)


def _corners_of(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contour = max(contours, key=cv2.contourArea)
    quad = cv2.approxPolyDP(contour, 0.02 * cv2.arcLength(contour, True), True)[:, 0]
    assert len(quad) == 4
    away = quad - quad.mean(axis=0)
    quad = quad[np.argsort(np.arctan2(away[:, 1], away[:, 0]))]
    return np.roll(quad, -int(quad.sum(axis=1).argmin()), axis=0).astype(np.float64)


def test_shares_are_of_the_area() -> None:
    magenta = Image.new("RGB", SIZE, (255, 0, 255))
    for seed, share in enumerate((0.8, 0.5, 0.3, 0.1)):
        part = photo("crop", paint(3), share, seed)
        whole = paint(3)
        assert part.width * part.height / (whole.width * whole.height) == pytest.approx(
            share, abs=0.01
        )
        assert part.width / part.height == pytest.approx(whole.width / whole.height, rel=0.02)
        wall = pixels(photo("wall", magenta, share, seed))
        assert _share_of(wall, (255, 0, 255)) == pytest.approx(share, abs=0.02)
        hidden = pixels(photo("cover", magenta, share, seed))
        assert _share_of(hidden, COVER) == pytest.approx(share, abs=0.01)


def _share_of(seen: Pixels, colour: tuple[int, int, int]) -> float:
    return float((np.abs(seen - colour).max(axis=2) < 40).mean())


def test_noise_light_and_size_are_what_they_say() -> None:
    grey = Image.new("RGB", SIZE, (128, 128, 128))
    for levels in (6, 12, 25):
        assert pixels(photo("noise", grey, levels)).std() == pytest.approx(levels, rel=0.02)
    for share in (0.6, 0.2, 0.05):
        assert pixels(photo("light", grey, share)).mean() == pytest.approx(128 * share, abs=0.5)
    for longest in (320, 112, 56):
        assert max(photo("size", paint(1), longest).size) == longest
    assert max(shrunk(Image.new("L", (2_000, 900))).size) == 800
    assert shrunk(Image.new("L", (300, 200))).size == (300, 200)


def test_a_blur_spreads_a_point_by_its_radius() -> None:
    dot = np.zeros((201, 201, 3), np.uint8)
    dot[80:121, 80:121] = 255
    for radius in (2, 4, 8):
        seen = pixels(photo("blur", Image.fromarray(dot), radius))[..., 0]
        along = np.arange(201)
        weight = seen.sum(axis=0)
        variance = np.average((along - 100.0) ** 2, weights=weight)
        # Variances add: that of a line 41 pixels long, and that of the blur.
        assert variance - (41**2 - 1) / 12 == pytest.approx(radius**2, rel=0.15)
