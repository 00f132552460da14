"""Finding which works a photo shows: look at it in stages, and hold the likeliest against it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

import numpy as np

from search.identification.local_features import (
    COLLECTION_KEYPOINTS,
    QUERY_KEYPOINTS,
    QUERY_SIDE,
    LocalFeatures,
    extract,
    mirrored,
)
from search.identification.matches import Match, covers, match_of, same_place
from search.identification.verification import LEAST_MATCHES, project, verify
from search.identification.views import (
    LIKELY_OUTLINES,
    Pixels,
    Quad,
    View,
    outlines_in,
    parts_beside,
    quartered,
    squared,
    squaring,
    views_in_stages,
)
from search.index.contract import ScoredId
from search.stopwatch import Stopwatch

SURE_INLIERS = 15
"""This many matches leave no doubt: wrong works reached 8 at most in 3,600 comparisons."""

VERIFIED_A_STAGE = 20
VERIFIED_A_VIEW = 4
"""Works compared with the photo in each stage, and at least for each view."""

GLANCED_PHOTO = 700
GLANCED_WORK = 400
"""Keypoints matched at first: a quarter of the work, and right works show in them."""

THOROUGHLY = 12
"""Works whose keypoints are all matched in the end, if nothing was found."""

CLOSELY = 8
"""Works that a part of the photo, examined closely, is compared with."""

MOST_WORKS = 16
MOST_ROUNDS = 4
"""How often to look for more works beside those found."""

Look = Callable[[Sequence[View]], list[list[ScoredId]]]
"""Gives the works nearest to each of some views, the nearest first."""

FeaturesOf = Callable[[Sequence[UUID]], Mapping[UUID, LocalFeatures]]
"""Gives the keypoints of works; works that have none to give are left out."""


def recognise(
    pixels: Pixels, *, look: Look, features_of: FeaturesOf, watch: Stopwatch
) -> "Recognition":
    """Find the works of a collection that a photo shows.

    Stage by stage (see :func:`search.identification.views.views_in_stages`) until a work is found
    without doubt; then what stands beside it in the photo is looked at in the same way. A photo
    with too few keypoints for any match is looked at no further than its first stage.

    Args:
        pixels: uint8 [height, width, 3].
    """
    search = Recognition(pixels, look, features_of, watch)
    for views in search.stages():
        if search.try_views(views) or len(search.photo) < LEAST_MATCHES:
            break
    else:
        search.look_thoroughly()
    for _ in range(MOST_ROUNDS if search.found else 0):
        if not search.look_beside():
            break
    search.found.sort(key=lambda match: -match.inliers)
    return search


class Recognition:
    """What is seen in a photo.

    Attributes:
        photo: its keypoints.
        found: the works that are surely in it, the one with the most matches first.
        checked: every work that was compared with it.
        cosines: of every work that came up, with the view nearest to it.
        rankings: of each view looked at.
    """

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
        self._closely: set[bytes] = set()
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
        return self._accept(self._hold_against(self._shortlist(self._rank(views))))

    def look_beside(self) -> bool:
        """Look closely at what is not covered by the works found, turned as they are."""
        placed = [match.outline for match in self.found if match.outline is not None]
        quarter = round(self.found[0].rotation / 90) * 90 % 360
        parts = parts_beside(
            placed, (self.photo.width, self.photo.height), self.photo.points, self._outlines
        )
        uncovered = [
            quad
            for quad in [*self._outlines, *parts]
            if quad.tobytes() not in self._closely
            and not any(covers(done, quad) for done in placed)
        ]
        return self._look_closely(uncovered, quarter) if uncovered else False

    def look_thoroughly(self) -> None:
        """Match all keypoints of the works that are nearest to some view, where nothing matched."""
        likely = sorted(self.cosines, key=lambda item: -self.cosines[item])[:THOROUGHLY]
        if not self._accept(self._compared(self._features(likely), self.photo)):
            self._look_closely(self._outlines[:LIKELY_OUTLINES], 0)

    def _rank(self, views: Sequence[View]) -> list[list[ScoredId]]:
        rankings = self._look(views)
        self.rankings += zip(views, rankings, strict=True)
        for scored in (item for ranking in rankings for item in ranking):
            self.cosines[scored.id] = max(scored.cosine, self.cosines.get(scored.id, -1.0))
        return rankings

    def _look_closely(self, quads: Sequence[Quad], quarter: int) -> bool:
        """Match the keypoints that parts of the photo have in their own full size."""
        self._closely |= {quad.tobytes() for quad in quads}
        found = False
        tried = [self._ranking_of(quad, quarter) for quad in quads]
        fresh = [quad for quad, known in zip(quads, tried, strict=True) if known is None]
        rankings = iter(
            self._rank([quartered(self._pixels, quad, quarter) for quad in fresh]) if fresh else []
        )
        for quad, known in zip(quads, tried, strict=True):
            ranking = next(rankings) if known is None else known
            works = self._features([item.id for item in ranking[:CLOSELY]])
            with self._watch.stage("keypoints"):
                part = _close_up(self._pixels, quad)
            found |= self._accept(self._compared(works, part))
        return found

    def _ranking_of(self, quad: Quad, quarter: int) -> list[ScoredId] | None:
        for view, ranking in self.rankings:
            if view.quad is quad and view.degrees == quarter:
                return ranking
        return None

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

    def _accept(self, matches: Iterable[Match]) -> bool:
        before = len(self.found)
        for match in sorted(matches, key=lambda match: -match.inliers):
            if match.inliers < SURE_INLIERS or len(self.found) >= MOST_WORKS:
                break
            if not any(same_place(match, other) for other in self.found):
                self.found.append(match)
        return len(self.found) > before

    def _hold_against(self, ids: Sequence[UUID]) -> list[Match]:
        works = self._features(ids)
        with self._watch.stage("verify"):
            matches = self._glanced(works, self.photo)
            if all(match.inliers < SURE_INLIERS for match in matches):
                reflected = self._glanced(works, self._mirror_image)
                matches = [
                    max(pair, key=lambda match: match.inliers)
                    for pair in zip(matches, reflected, strict=True)
                ]
        return self._noted(matches)

    def _compared(self, works: Mapping[UUID, LocalFeatures], photo: LocalFeatures) -> list[Match]:
        """Match all keypoints: mirrored, if a work was found so."""
        is_mirrored = bool(self.found) and self.found[0].mirrored
        with self._watch.stage("verify"):
            return self._noted(self._verified(works, mirrored(photo) if is_mirrored else photo))

    def _noted(self, matches: list[Match]) -> list[Match]:
        for match in matches:
            known = self.checked.get(match.id)
            if known is None or known.inliers < match.inliers:
                self.checked[match.id] = match
        return matches

    def _features(self, ids: Sequence[UUID]) -> Mapping[UUID, LocalFeatures]:
        with self._watch.stage("keypoints"):
            return self._features_of(ids)

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
            match_of(item, features, verification, photo)
            for (item, features), verification in zip(works.items(), found, strict=True)
        ]


def _close_up(pixels: Pixels, quad: Quad) -> LocalFeatures:
    """Return the keypoints of a part seen from the front, placed where they are in the photo."""
    change, _ = squaring(quad)
    part = extract(squared(pixels, quad), side=QUERY_SIDE, most=COLLECTION_KEYPOINTS)
    back = np.asarray(np.linalg.inv(change), dtype=np.float64)
    points = project(back, part.points)
    height, width = pixels.shape[:2]
    return replace(part, points=points.astype(np.float32), width=width, height=height)
