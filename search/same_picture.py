"""Whether two pictures are reproductions of one painting, by laying one over the other.

That they share keypoints is not enough: sheets of one book share lettering, a study and its
painting a figure, prints from one block a frame. Reproductions of one painting agree all over the
part that both show, and nearly all that matches fits one change of viewpoint. Colours may differ:
photographs of one painting do, more than paintings of one hand.

A mirror image does not count: prints after paintings are reversed, and are works of their own.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from search.identification.local_features import LocalFeatures
from search.identification.verification import Verification, verify

Pixels = NDArray[np.uint8]
Grey = NDArray[np.float32]

LEAST_INLIERS = 20
"""Matched points that fit one viewpoint: unrelated works reached 8 in 13,000 pairs (sheets of one
book aside), reproductions of one painting 150 and more."""

LEAST_FITTING = 0.8
"""Share of the matches that fit it: 0.9 and more of two reproductions, 0.1 to 0.75 of sheets that
share a part, but for two book covers with 0.86."""

LEAST_SPREAD = 0.25
"""Share of what both pictures show that the matched points span: a shared stamp spans little."""

LEAST_DETAIL = 0.7
"""Correlation of what is drawn: 0.79 or more in 59 pairs of reproductions of one painting."""

FEW_KEYPOINTS = 60
"""A picture with fewer has nothing to match by: a monochrome, a white square."""

FLAT_DIFFERENCE = 12.0
_FLAT_SHAPE = 0.03
"""What pictures without keypoints may differ by, laid edge to edge: in colour, at nearly any place,
and in the ratio of their sides."""

_SIDE = 256
_FINE, _COARSE = 1.5, 8.0
"""Detail is what lies between these two blurs (standard deviation in pixels of ``_SIDE``)."""

_FLAT_BLUR = 4.0
"""Of pictures whose colours are compared: an edge may lie a pixel aside."""

_LEAST_SHARED = 400
"""Pixels of ``_SIDE`` squared; in fewer, a correlation says nothing."""


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How far two pictures agree, the second laid over the first.

    Args:
        edge_to_edge: whether they were laid so, having no keypoints to match by. Inliers, fitting
            and spread are 0 then.
        inliers: matched points that fit one change of viewpoint, each spot once.
        fitting: their share of all matched points, in [0, 1].
        spread: the share of what both show that the matched points span, in [0, 1].
        first_shown, second_shown: how much of each picture the other shows, in [0, 1].
        detail: correlation of what is drawn in the part that both show, in [-1, 1].
        colour: distance of their mean colours there, without lightness, in units of CIE L*a*b*.
        difference: distance of their colours that 99 % of the places there keep below, in the same
            units.
        hash_distance: bits of 63 in which the perceptual hashes of the whole pictures differ.
    """

    edge_to_edge: bool
    inliers: int
    fitting: float
    spread: float
    first_shown: float
    second_shown: float
    detail: float
    colour: float
    difference: float
    hash_distance: int

    @property
    def same(self) -> bool:
        """Whether the pictures are taken for reproductions of one painting."""
        if self.edge_to_edge:
            return self.difference <= FLAT_DIFFERENCE
        return (
            self.inliers >= LEAST_INLIERS
            and self.fitting >= LEAST_FITTING
            and self.spread >= LEAST_SPREAD
            and self.detail >= LEAST_DETAIL
        )


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A work's stored picture: RGB pixels, uint8 [height, width, 3], and the keypoints in them."""

    pixels: Pixels
    features: LocalFeatures


def could_be_same(first: LocalFeatures, second: LocalFeatures) -> Verification | None:
    """Match the keypoints of two pictures; ``None`` where they rule out one painting.

    Cheaper than :func:`agreement`, for which the pixels are needed, and which is to decide.

    Returns:
        The matches, of the first picture as the photo with the second as the work.
    """
    matched = verify(first, [second])[0]
    if matched.inliers >= LEAST_INLIERS and _fitting(matched) < LEAST_FITTING:
        # Much of the first may lie outside the second, and match there by chance.
        back = _turned_round(verify(second, [first])[0])
        matched = max(matched, back, key=_fitting)
    enough = matched.inliers >= LEAST_INLIERS and _fitting(matched) >= LEAST_FITTING
    return matched if enough or _flat_alike(first, second) else None


def agreement(first: Picture, second: Picture, matched: Verification) -> Agreement:
    """Lay one picture over the other and see how far they agree.

    Args:
        matched: the keypoints of the first, as the photo, with those of the second.
    """
    upper, lower = _small(first.pixels), _small(second.pixels)
    placed = _place(matched, first, second, upper, lower)
    onto_first = _edge_to_edge(upper, lower) if placed is None else placed
    laid, on_first = _laid(lower, onto_first, upper)
    _, on_second = _laid(upper, np.asarray(np.linalg.inv(onto_first), np.float64), lower)
    shown = float(on_first.mean())
    colour, difference = _colours(upper, laid, on_first)
    spread = first.features.share_spanned(matched.photo_points) / max(shown, 1e-6)
    return Agreement(
        edge_to_edge=placed is None,
        inliers=0 if placed is None else matched.inliers,
        fitting=0.0 if placed is None else _fitting(matched),
        spread=0.0 if placed is None else min(1.0, spread),
        first_shown=shown,
        second_shown=float(on_second.mean()),
        detail=_correlation(_detail(upper)[on_first], _detail(laid)[on_first]),
        colour=colour,
        difference=difference,
        hash_distance=int(np.count_nonzero(perceptual_hash(upper) != perceptual_hash(lower))),
    )


def perceptual_hash(pixels: Pixels) -> NDArray[np.bool_]:
    """Return 63 bits that hardly change when a picture is shrunk, recompressed or recoloured.

    Whether each of the lowest frequencies of a 32 × 32 picture (of its discrete cosine transform,
    without the mean) is above their median: Zauner, "Implementation and benchmarking of perceptual
    image hash functions", 2010.
    """
    tiny = cv2.resize(_grey(pixels), (32, 32), interpolation=cv2.INTER_AREA)
    lowest = np.asarray(cv2.dct(tiny))[:8, :8].ravel()[1:]
    return np.asarray(lowest > np.median(lowest), dtype=np.bool_)


def _fitting(matched: Verification) -> float:
    return matched.inliers / matched.matches if matched.matches else 0.0


def _turned_round(matched: Verification) -> Verification:
    """Return what the matches are with the photo taken for the work."""
    back = None
    if matched.homography is not None:
        back = np.asarray(np.linalg.inv(matched.homography), np.float64)
    return replace(
        matched,
        homography=back,
        photo_points=matched.work_points,
        work_points=matched.photo_points,
    )


def _flat_alike(first: LocalFeatures, second: LocalFeatures) -> bool:
    """Tell whether pictures with hardly a keypoint have the same shape."""
    shapes = [item.width / item.height for item in (first, second)]
    few = max(len(first), len(second)) < FEW_KEYPOINTS
    return few and max(shapes) <= min(shapes) * (1 + _FLAT_SHAPE)


def _small(pixels: Pixels) -> Pixels:
    scale = _SIDE / max(pixels.shape[:2])
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _grey(pixels: Pixels) -> Grey:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.float32)


def _edge_to_edge(upper: Pixels, lower: Pixels) -> NDArray[np.float64]:
    """Return the map that brings the corners of the lower picture onto those of the upper."""
    return np.diag([upper.shape[1] / lower.shape[1], upper.shape[0] / lower.shape[0], 1.0])


def _place(
    matched: Verification, first: Picture, second: Picture, upper: Pixels, lower: Pixels
) -> NDArray[np.float64] | None:
    """Return the map from the second picture to the first, for their small versions.

    ``None`` where too few points match to tell.
    """
    if matched.homography is None or matched.inliers < LEAST_INLIERS:
        return None
    sizes = first.features, second.features
    shrink = np.diag([upper.shape[1] / sizes[0].width, upper.shape[0] / sizes[0].height, 1.0])
    grow = np.diag([sizes[1].width / lower.shape[1], sizes[1].height / lower.shape[0], 1.0])
    return np.asarray(shrink @ matched.homography @ grow, np.float64)


def _laid(
    pixels: Pixels, homography: NDArray[np.float64], onto: Pixels
) -> tuple[Pixels, NDArray[np.bool_]]:
    """Return a picture laid over another, and where it covers that."""
    size = (onto.shape[1], onto.shape[0])
    laid = cv2.warpPerspective(pixels, homography, size, flags=cv2.INTER_LINEAR)
    everywhere = np.ones(pixels.shape[:2], np.uint8)
    covered = cv2.warpPerspective(everywhere, homography, size, flags=cv2.INTER_NEAREST)
    return np.asarray(laid, np.uint8), np.asarray(covered, np.bool_)


def _correlation(one: Grey, other: Grey) -> float:
    scale = float(one.std() * other.std()) if len(one) >= _LEAST_SHARED else 0.0
    return float(((one - one.mean()) * (other - other.mean())).mean()) / scale if scale else 0.0


def _colours(upper: Pixels, laid: Pixels, both: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the distance of the mean colours, without lightness, and the greatest but for 1 %."""
    if both.sum() < _LEAST_SHARED:
        return 0.0, 0.0
    one, other = (
        cv2.cvtColor(
            cv2.GaussianBlur(item, (0, 0), _FLAT_BLUR) / np.float32(255), cv2.COLOR_RGB2LAB
        )
        for item in (upper, laid)
    )
    apart = np.asarray(one - other, np.float32)[both]
    furthest = np.percentile(np.linalg.norm(apart, axis=1), 99)
    return float(np.linalg.norm(apart[:, 1:].mean(axis=0))), float(furthest)


def _detail(pixels: Pixels) -> Grey:
    """Return what is drawn, without the fall of light over the picture and its grain."""
    grey = _grey(pixels)
    fine = np.asarray(cv2.GaussianBlur(grey, (0, 0), _FINE), np.float32)
    return fine - np.asarray(cv2.GaussianBlur(fine, (0, 0), _COARSE), np.float32)
