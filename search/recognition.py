"""Finding which works a photo shows: look at it in stages, and hold the likeliest against it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import cv2
import numpy as np
from numpy.typing import NDArray

from search.index import ScoredId
from search.local_features import (
    QUERY_KEYPOINTS,
    QUERY_SIDE,
    LocalFeatures,
    extract,
    mirrored,
)
from search.stopwatch import Stopwatch
from search.verification import Verification, project, verify
from search.views import Pixels, Quad, View, outlines_in, parts_beside, quartered, views_in_stages

SURE_INLIERS = 15
"""So many matches leave no doubt: wrong works reached 8 at most in 3,600 comparisons."""

VERIFIED_A_STAGE = 20
VERIFIED_A_VIEW = 4
"""Works held against the photo in each stage, and at least of each view."""

GLANCED_PHOTO = 700
GLANCED_WORK = 400
"""Keypoints matched at first: a quarter of the work, and right works show in them."""

THOROUGHLY = 12
"""Works whose keypoints are all matched in the end, if nothing was found."""

MOST_WORKS = 16
MOST_ROUNDS = 4
"""How often to look for more works beside those found."""

Look = Callable[[Sequence[View]], list[list[ScoredId]]]
"""Gives the works nearest to each of some views, the nearest first."""

FeaturesOf = Callable[[Sequence[UUID]], Mapping[UUID, LocalFeatures]]
"""Gives the keypoints of works; works that have none to give are left out."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """One work held against the photo.

    Args:
        mirrored: the photo shows its mirror image. Points and outline are of the photo as it is.
        outline: where the work's corners lie in the photo, clockwise from its own upper left (or
            anticlockwise, mirrored), in pixels, float64 [4, 2]; ``None`` without inliers.
        rotation: degrees clockwise that the work is turned in the photo, in (-180, 180].
        photo_points, work_points: the matching points, float32 [inliers, 2], in pixels of the photo
            and of the work's stored picture.
        work_size: width and height of that stored picture.
    """

    id: UUID
    inliers: int
    matches: int
    mirrored: bool
    outline: Quad | None
    rotation: float
    photo_points: NDArray[np.float32]
    work_points: NDArray[np.float32]
    work_size: tuple[int, int]

    def scaled(self, scale: float) -> "Match":
        """Return the match in a photo ``scale`` times as large."""
        return replace(
            self,
            outline=None if self.outline is None else self.outline * scale,
            photo_points=self.photo_points * np.float32(scale),
        )


@dataclass(frozen=True, kw_only=True)
class Recognition:
    """What was seen in a photo.

    Args:
        found: the works that are surely in it, the one with the most matches first.
        checked: every work that was held against it.
        cosines: of every work that came up, with the view nearest to it.
        rankings: of each view looked at.
        keypoints: of the photo.
    """

    found: tuple[Match, ...]
    checked: Mapping[UUID, Match]
    cosines: Mapping[UUID, float]
    rankings: tuple[tuple[View, list[ScoredId]], ...]
    keypoints: int


def recognise(
    pixels: Pixels, *, look: Look, features_of: FeaturesOf, watch: Stopwatch
) -> Recognition:
    """Find the works of a collection that a photo shows.

    Stage by stage (see :func:`search.views.views_in_stages`) until a work is found without doubt;
    then what stands beside it in the photo is looked at in the same way.

    Args:
        pixels: uint8 [height, width, 3].
    """
    search = _Search(pixels, look, features_of, watch)
    for views in search.stages():
        if search.try_views(views):
            break
    else:
        search.look_thoroughly()
    for _ in range(MOST_ROUNDS if search.found else 0):
        beside = search.views_beside()
        if not beside or not search.try_views(beside):
            break
    search.found.sort(key=lambda match: -match.inliers)
    return Recognition(
        found=tuple(search.found),
        checked=search.checked,
        cosines=search.cosines,
        rankings=tuple(search.rankings),
        keypoints=len(search.photo),
    )


class _Search:
    """The state of one recognition."""

    def __init__(
        self, pixels: Pixels, look: Look, features_of: FeaturesOf, watch: Stopwatch
    ) -> None:
        self._pixels = pixels
        self._look = look
        self._features_of = features_of
        self._watch = watch
        with watch.stage("keypoints"):
            self.photo = extract(pixels, side=QUERY_SIDE, most=QUERY_KEYPOINTS)
            self._mirror_image = mirrored(self.photo)
        with watch.stage("views"):
            self._outlines = outlines_in(pixels)
        self._tried: set[tuple[bytes, float]] = set()
        self.found: list[Match] = []
        self.checked: dict[UUID, Match] = {}
        self.cosines: dict[UUID, float] = {}
        self.rankings: list[tuple[View, list[ScoredId]]] = []

    def stages(self) -> Iterable[list[View]]:
        return views_in_stages(self._pixels, self._outlines)

    def try_views(self, views: Sequence[View]) -> bool:
        """Look at views, hold what they bring up against the photo; tell whether works were found.

        A work whose matches lie where another's do (a second reproduction of it, a copy) is not a
        second work in the photo.
        """
        self._tried |= {
            (view.quad.tobytes(), view.degrees) for view in views if view.quad is not None
        }
        rankings = self._look(views)
        self.rankings += zip(views, rankings, strict=True)
        for scored in (item for ranking in rankings for item in ranking):
            self.cosines[scored.id] = max(scored.cosine, self.cosines.get(scored.id, -1.0))
        return self._accept(self._hold_against(self._shortlist(rankings)))

    def views_beside(self) -> list[View]:
        """Return views of what is not covered by the works found, turned as they are."""
        placed = [match.outline for match in self.found if match.outline is not None]
        quarter = round(self.found[0].rotation / 90) * 90 % 360
        parts = parts_beside(
            placed, (self.photo.width, self.photo.height), self.photo.points, self._outlines
        )
        uncovered = [
            quad for quad in self._outlines if not any(_covers(done, quad) for done in placed)
        ]
        return [
            quartered(self._pixels, quad, quarter)
            for quad in [*uncovered, *parts]
            if (quad.tobytes(), quarter) not in self._tried
        ]

    def _shortlist(self, rankings: Sequence[Sequence[ScoredId]]) -> list[UUID]:
        likely = sorted(
            {item.id for ranking in rankings for item in ranking if item.id not in self.checked},
            key=lambda item: -self.cosines[item],
        )
        heads = [item.id for ranking in rankings for item in ranking[:VERIFIED_A_VIEW]]
        chosen = dict.fromkeys(
            [item for item in heads if item not in self.checked] + likely[:VERIFIED_A_STAGE]
        )
        return list(chosen)

    def look_thoroughly(self) -> None:
        """Match all keypoints of the works that are nearest to some view, where nothing matched."""
        likely = sorted(self.cosines, key=lambda item: -self.cosines[item])[:THOROUGHLY]
        self._accept(self._hold_against(likely, thoroughly=True))

    def _accept(self, matches: Iterable[Match]) -> bool:
        before = len(self.found)
        for match in sorted(matches, key=lambda match: -match.inliers):
            if match.inliers < SURE_INLIERS or len(self.found) >= MOST_WORKS:
                break
            if not any(_same_place(match, other) for other in self.found):
                self.found.append(match)
        return len(self.found) > before

    def _hold_against(self, ids: Sequence[UUID], *, thoroughly: bool = False) -> list[Match]:
        with self._watch.stage("keypoints"):
            works = self._features_of(ids)
        with self._watch.stage("verify"):
            if thoroughly:
                matches = self._verified(works, self.photo)
            else:
                matches = self._glanced(works, self.photo)
                if all(match.inliers < SURE_INLIERS for match in matches):
                    reflected = self._glanced(works, self._mirror_image)
                    matches = [
                        max(pair, key=lambda match: match.inliers)
                        for pair in zip(matches, reflected, strict=True)
                    ]
        for match in matches:
            known = self.checked.get(match.id)
            if known is None or known.inliers < match.inliers:
                self.checked[match.id] = match
        return matches

    def _glanced(self, works: Mapping[UUID, LocalFeatures], photo: LocalFeatures) -> list[Match]:
        """Match the strongest keypoints, and all only where some of those fit a viewpoint."""
        few = {item: work.strongest(GLANCED_WORK) for item, work in works.items()}
        glances = self._verified(few, photo.strongest(GLANCED_PHOTO))
        promising = [match.id for match in glances if match.inliers]
        whole = self._verified({item: works[item] for item in promising}, photo)
        better = {match.id: match for match in whole}
        return [better.get(match.id, match) for match in glances]

    def _verified(self, works: Mapping[UUID, LocalFeatures], photo: LocalFeatures) -> list[Match]:
        found = verify(photo, list(works.values()))
        return [
            _match(item, features, verification, photo.width, mirrored=photo.mirrored)
            for (item, features), verification in zip(works.items(), found, strict=True)
        ]


def _match(
    item: UUID, work: LocalFeatures, verified: Verification, width: int, *, mirrored: bool
) -> Match:
    outline, rotation, points = None, 0.0, verified.photo_points
    if verified.homography is not None:
        outline = verified.outline(work)
        middle = verified.work_points.mean(axis=0)
        ends = project(verified.homography, np.stack([middle, middle + np.array([1, 0])]))
        along = ends[1] - ends[0]
        rotation = float(np.degrees(np.arctan2(along[1], along[0])))
        if mirrored:
            outline, points = _reflected(outline, width), _reflected(points, width)
            rotation = -rotation
    return Match(
        id=item,
        inliers=verified.inliers,
        matches=verified.matches,
        mirrored=mirrored,
        outline=outline,
        rotation=rotation,
        photo_points=points.astype(np.float32),
        work_points=verified.work_points,
        work_size=(work.width, work.height),
    )


def _reflected(points: NDArray[np.floating], width: int) -> NDArray[np.float64]:
    return np.asarray(points * [-1.0, 1.0] + [width - 1.0, 0.0], dtype=np.float64)


def _same_place(match: Match, other: Match) -> bool:
    """Tell whether most of a match's points lie within another work's outline."""
    if other.outline is None:
        return False
    return _share_inside(match.photo_points, other.outline) > 0.5


def _covers(done: Quad, quad: Quad) -> bool:
    return _share_inside(quad * 0.5 + quad.mean(axis=0) * 0.5, done) > 0.5


def _share_inside(points: NDArray[np.floating], quad: Quad) -> float:
    shape = quad.astype(np.float32)
    inside = [
        cv2.pointPolygonTest(shape, (float(x), float(y)), measureDist=False) >= 0 for x, y in points
    ]
    return float(np.mean(inside)) if inside else 0.0
