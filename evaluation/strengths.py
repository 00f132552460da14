"""One perturbation at a time, from none to beyond what photos do: what recognition stands, and what
it does not.

The perturbations of ``evaluation.perturbations`` do everything at once, by chance; these do one
thing, by a strength on a scale.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np
from PIL import Image

from evaluation.perturbations import (
    CROP_SHARE,
    HARD_DEGREES,
    JPEG_QUALITY,
    LONGEST_SIDE,
    NOISE,
    USUAL_BLUR,
    USUAL_DEGREES,
    Pixels,
    Rng,
    as_jpeg,
    blurred,
    cropped,
    turned,
    wall,
)

Unit = Literal["degrees", "pixels", "share", "levels", "quality"]
"""Of a strength; ``share`` in [0, 1], ``levels`` of the 255 of a channel."""

COVER = (38, 34, 31)
"""The colour of what stands before a painting: a visitor's dark coat."""

CAMERA_DISTANCE = 2.0
"""From the middle of the painting, in its longest sides."""


@dataclass(frozen=True, kw_only=True)
class GradedPerturbation:
    """One thing that happens to a picture, more or less of it.

    Args:
        title: what it is called in reports.
        scale: what the strength says.
        none: the strength that leaves the picture as it is.
        strengths: the others that are measured, by rising harm.
        reached: how far the perturbations that do everything at once go on this scale, by name.
        change: does it, by a strength other than ``none``; the same generator state gives the same
            photo, and for another strength one that differs by that strength alone.
    """

    title: str
    scale: str
    unit: Unit
    none: float
    strengths: tuple[float, ...]
    reached: Mapping[str, float] = field(default_factory=dict)
    change: Callable[[Image.Image, float, Rng], Image.Image]

    def photo(self, picture: Image.Image, strength: float, rng: Rng) -> Image.Image:
        """Return the photo of an RGB picture."""
        return picture if strength == self.none else self.change(picture, strength, rng)


def shrunk(picture: Image.Image, longest: float = LONGEST_SIDE) -> Image.Image:
    """Return a picture as RGB with its longest side at most ``longest`` pixels."""
    rgb = picture.convert("RGB")
    scale = longest / max(rgb.size)
    if scale >= 1:
        return rgb
    size = (max(1, round(rgb.width * scale)), max(1, round(rgb.height * scale)))
    return rgb.resize(size, Image.Resampling.LANCZOS)


def _turned(picture: Image.Image, degrees: float, rng: Rng) -> Image.Image:
    return turned(picture, degrees * (1 if rng.random() < 0.5 else -1))


def _seen_from_the_side(picture: Image.Image, degrees: float, rng: Rng) -> Image.Image:
    """Walk around the painting by an angle, in any direction; the camera looks at its middle.

    A pinhole camera, whose picture of the painting's middle stays as large as it was.
    """
    width, height = picture.size
    longest = max(width, height)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    away = (corners - [width / 2, height / 2]) / longest
    direction = rng.uniform(0, 2 * np.pi)
    ahead = np.array([np.cos(direction), np.sin(direction)])
    along, aside = away @ ahead, away @ np.array([-ahead[1], ahead[0]])
    angle = np.radians(degrees)
    depth = 1 + along * np.sin(angle) / CAMERA_DISTANCE
    seen = (along * np.cos(angle) / depth)[:, None] * ahead
    seen += (aside / depth)[:, None] * np.array([-ahead[1], ahead[0]])
    placed = (seen - seen.min(axis=0)) * longest
    shape = np.maximum(np.ceil(placed.max(axis=0)).astype(int), 8)
    across = cv2.getPerspectiveTransform(corners.astype(np.float32), placed.astype(np.float32))
    photo = cv2.warpPerspective(
        np.asarray(picture), across, (int(shape[0]), int(shape[1])), flags=cv2.INTER_AREA
    )
    return Image.fromarray(np.asarray(photo, dtype=np.uint8))


def _partly(picture: Image.Image, share: float, rng: Rng) -> Image.Image:
    """Keep a part of the picture's own proportions."""
    side = share**0.5
    return Image.fromarray(cropped(np.asarray(picture), side, side, rng))


def _on_a_wall(picture: Image.Image, share: float, rng: Rng) -> Image.Image:
    """Hang the picture on a wall of its own proportions, and see all of that wall."""
    width, height = round(picture.width / share**0.5), round(picture.height / share**0.5)
    bare = wall((width, height), rng).astype(np.uint8)
    place = rng.uniform(0, 1, 2) * (width - picture.width, height - picture.height)
    photo = Image.fromarray(bare)
    photo.paste(picture, (int(place[0]), int(place[1])))
    return shrunk(photo)


def _covered(picture: Image.Image, share: float, rng: Rng) -> Image.Image:
    """Stand before a part of the picture, of its own proportions."""
    width, height = round(picture.width * share**0.5), round(picture.height * share**0.5)
    place = rng.uniform(0, 1, 2) * (picture.width - width, picture.height - height)
    left, top = int(place[0]), int(place[1])
    photo = picture.copy()
    photo.paste(COVER, (left, top, left + width, top + height))
    return photo


def _noisy(picture: Image.Image, levels: float, rng: Rng) -> Image.Image:
    pixels = np.asarray(picture, dtype=np.float64)
    noise = rng.normal(0, 1, pixels.shape)
    return _image(pixels + levels * noise)


def _image(pixels: np.ndarray) -> Image.Image:
    kept: Pixels = np.clip(np.round(pixels), 0, 255).astype(np.uint8)
    return Image.fromarray(kept)


STRENGTHS: Mapping[str, GradedPerturbation] = {
    "angle": GradedPerturbation(
        title="Turned",
        scale="angle, either way",
        unit="degrees",
        none=0,
        strengths=(5, 15, 30, 45, 90, 180),
        reached={"usual": USUAL_DEGREES, "hard": HARD_DEGREES},
        change=_turned,
    ),
    "perspective": GradedPerturbation(
        title="Seen from the side",
        scale="angle to the straight view",
        unit="degrees",
        none=0,
        strengths=(15, 30, 45, 60, 70, 75),
        change=_seen_from_the_side,
    ),
    "crop": GradedPerturbation(
        title="Only a part in the photo",
        scale="share of the painting that is in it",
        unit="share",
        none=1,
        strengths=(0.8, 0.65, 0.5, 0.3, 0.2, 0.1),
        reached={"hard": CROP_SHARE[0]},
        change=_partly,
    ),
    "wall": GradedPerturbation(
        title="Wall around it",
        scale="share of the photo that the painting takes",
        unit="share",
        none=1,
        strengths=(0.8, 0.6, 0.4, 0.25, 0.15, 0.08),
        change=_on_a_wall,
    ),
    "cover": GradedPerturbation(
        title="Partly hidden",
        scale="share of the painting that is hidden",
        unit="share",
        none=0,
        strengths=(0.1, 0.2, 0.35, 0.5, 0.65, 0.8),
        change=_covered,
    ),
    "blur": GradedPerturbation(
        title="Out of focus",
        scale="radius of the blur",
        unit="pixels",
        none=0,
        strengths=(1, 2, 4, 8, 12, 16),
        reached={"usual": USUAL_BLUR},
        change=lambda picture, radius, _: blurred(picture, radius),
    ),
    "light": GradedPerturbation(
        title="In the dark",
        scale="share of the light that is left",
        unit="share",
        none=1,
        strengths=(0.6, 0.4, 0.2, 0.1, 0.05, 0.03),
        change=lambda picture, share, _: _image(np.asarray(picture) * share),
    ),
    "noise": GradedPerturbation(
        title="Grain",
        scale="standard deviation of the noise, of 255 levels",
        unit="levels",
        none=0,
        strengths=(6, 12, 25, 50, 75, 100),
        reached={"hard": NOISE[1]},
        change=_noisy,
    ),
    "jpeg": GradedPerturbation(
        title="Compressed",
        scale="quality of the JPEG",
        unit="quality",
        none=100,
        strengths=(60, 30, 15, 8, 4, 2),
        reached={"hard": JPEG_QUALITY},
        change=lambda picture, quality, _: as_jpeg(np.asarray(picture), int(quality)),
    ),
    "size": GradedPerturbation(
        title="Small photo",
        scale="longest side of the photo",
        unit="pixels",
        none=LONGEST_SIDE,
        strengths=(320, 224, 160, 112, 80, 56),
        change=lambda picture, longest, _: shrunk(picture, longest),
    ),
}
"""By name. At ``none``, ``jpeg`` is not compressed at all, and ``size`` the largest a photo is."""
