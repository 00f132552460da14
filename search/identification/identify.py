"""Is the painting in this photo in the collection, which work is it, and how sure is that?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import cv2
import numpy as np

from catalog.artworks import ArtworkFacts, by_id
from catalog.database import Database
from catalog.filters import Filter
from embedders import DEFAULT_LIMITS, Embedder, ImageInput, ImageLimits, decoded
from search.attributes import Attributes, weighted_attributes
from search.identification.certainty import ABSENT_UNTIL, Verdict, confidence, verdict
from search.identification.keypoint_store import KeypointStore
from search.identification.local_features import LocalFeatures
from search.identification.matches import Match
from search.identification.recognition import Recognition, recognise
from search.identification.shortcomings import Shortcoming, brightened, shortcoming_of
from search.identification.views import View
from search.index.contract import Index, ScoredId, embedding_models, unknown_vector
from search.query import InvalidQuery, check_weights
from search.stopwatch import IDENTIFY_STAGES, Stage, Stopwatch

MODELS = ("resnet50_identity", "resnet50")
"""What to look for likely works with, the best first; else whatever the index holds."""

SHORTLIST = 50
"""Works that each view brings up."""

MOST_CANDIDATES = 100

PHOTO_SIDE = 1_280
"""A larger photo is shrunk to this longest side, in pixels, before it is looked at."""

CHANCE_INLIERS = 8
"""Up to this many matches occur by chance, so they say nothing about the order of candidates."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One work that the photo may show.

    Args:
        cosine: with the view of the photo nearest to it, in [-1, 1].
        inliers: matched points that fit one viewpoint; ``None`` where it was not compared with
            the photo, since nearer works were.
    """

    artwork: ArtworkFacts
    cosine: float
    inliers: int | None


@dataclass(frozen=True, kw_only=True)
class FoundWork:
    """One work that the photo shows.

    Args:
        match: where; outline and points in pixels of the photo as it was given.
    """

    artwork: ArtworkFacts
    confidence: float
    match: Match


@dataclass(frozen=True, kw_only=True)
class Identification:
    """What is known of the painting in a photo.

    Args:
        verdict: ``same`` if the photo shows ``artwork``, ``absent`` if what it shows is not in the
            collection, ``unsure`` between them.
        artwork: the work shown, or the likeliest if unsure; ``None`` if absent, or if the photo
            shows too little.
        confidence: the probability that the likeliest work is the one in the photo.
        inliers: points of the photo that match the likeliest work's under one viewpoint.
        works: all works found in the photo, first the one named; empty unless the verdict is
            ``same``.
        candidates: the likeliest works, the likeliest first.
        shows_too_little: why the photo tells nothing of any work; ``None`` where it does.
        attributes: what kind of work it is, by its neighbours.
        timings_ms: how long each stage took, in milliseconds.
    """

    verdict: Verdict
    artwork: ArtworkFacts | None
    confidence: float
    inliers: int
    works: tuple[FoundWork, ...]
    candidates: tuple[Candidate, ...]
    shows_too_little: Shortcoming | None
    attributes: Attributes
    timings_ms: Mapping[Stage, float]


def model_for_identifying(index: Index) -> str:
    """Return the name of the vector to look for works with.

    Raises:
        UnknownVector: the index is empty.
    """
    # A derived vector is there before it is fitted, for which a small collection is too small.
    filled = {name for name, vectors in index.status().vectors.items() if vectors.points}
    known = [name for name in MODELS if name in filled]
    plain = [name for name in embedding_models(index.specs) if name in filled]
    if not known and not plain:
        raise unknown_vector("any", {})
    return (known or plain)[0]


def identify(
    picture: ImageInput,
    *,
    index: Index,
    database: Database,
    embedder: Embedder,
    keypoints: KeypointStore,
    top: int = 5,
    wanted: Filter | None = None,
    without: Sequence[UUID] = (),
    limits: ImageLimits = DEFAULT_LIMITS,
) -> Identification:
    """Find the work, or the works, that a photo shows.

    Args:
        picture: path, bytes or Pillow image.
        embedder: whose name is a vector of the index; see :func:`model_for_identifying`.
        keypoints: of the collection's works.
        top: candidates wanted.
        wanted: only works that pass.
        without: works to leave out.
        limits: refuse a larger picture.

    Raises:
        InvalidQuery: ``top`` is out of range.
        UnknownVector: the index holds no vectors of the embedder.
        FingerprintMismatch: the embedder's weights are not those that the index was made with.
        UnreadableImage: the picture cannot be decoded.
    """
    if not 1 <= top <= MOST_CANDIDATES:
        raise InvalidQuery(f"top must be from 1 to {MOST_CANDIDATES}, not {top}")
    check_weights(index, embedder)
    watch = Stopwatch(IDENTIFY_STAGES)
    with watch.stage("decode"):
        pixels, scale = _photo(picture, limits)
    facts: dict[UUID, ArtworkFacts] = {}

    def look(views: Sequence[View]) -> list[list[ScoredId]]:
        with watch.stage("embed"):
            vectors = embedder.embed_prepared(
                np.stack([embedder.prepare(view.picture) for view in views])
            )
        with watch.stage("index"):
            rankings = [
                index.nearest(
                    embedder.name, vector, wanted=wanted or Filter(), top=SHORTLIST, without=without
                )
                for vector in vectors
            ]
        with watch.stage("catalog"), database.transaction() as session:
            new = {item.id for ranking in rankings for item in ranking} - set(facts)
            facts.update(by_id(session, new))
        # A work that has just been deleted may still be in the index.
        return [[item for item in ranking if item.id in facts] for ranking in rankings]

    def features_of(ids: Sequence[UUID]) -> Mapping[UUID, LocalFeatures]:
        return keypoints.features([facts[item] for item in ids])

    seen = recognise(brightened(pixels), look=look, features_of=features_of, watch=watch)
    lacks = shortcoming_of(pixels, seen.photo)
    return _identification(seen, facts, top=top, scale=scale, lacks=lacks, watch=watch)


def _identification(
    seen: Recognition,
    facts: Mapping[UUID, ArtworkFacts],
    *,
    top: int,
    scale: float,
    lacks: Shortcoming | None,
    watch: Stopwatch,
) -> Identification:
    order = _in_order(seen)
    best = order[0] if order else None
    match = seen.checked.get(best) if best is not None else None
    inliers = match.inliers if match is not None else 0
    sure = confidence(inliers, spread=match.spread) if match is not None else confidence(0)
    # A poor photo may still be matched well.
    too_little = lacks if sure <= ABSENT_UNTIL else None
    said = verdict(sure, shows_enough=too_little is None)
    shown = list(seen.found)
    if not shown and match is not None:
        # Fewer matches than leave no doubt may still be enough to say so.
        shown = [match]
    works = [
        FoundWork(
            artwork=facts[item.id],
            confidence=confidence(item.inliers, spread=item.spread),
            match=item.scaled(1 / scale),
        )
        for item in shown
    ]
    return Identification(
        verdict=said,
        artwork=None if best is None or said == "absent" or too_little else facts[best],
        confidence=sure,
        inliers=inliers,
        works=tuple(works) if said == "same" else (),
        candidates=tuple(
            Candidate(
                artwork=facts[item],
                cosine=seen.cosines[item],
                inliers=seen.checked[item].inliers if item in seen.checked else None,
            )
            for item in order[:top]
        ),
        shows_too_little=too_little,
        attributes=weighted_attributes(
            [(facts[item.id], item.cosine) for item in _telling_view(seen, best)]
        ),
        timings_ms=watch.milliseconds,
    )


def _in_order(seen: Recognition) -> list[UUID]:
    """Return all works that came up: those found, by matches, then the others by cosine."""
    named = {match.id: place for place, match in enumerate(seen.found)}

    def key(item: UUID) -> tuple[int, int, float]:
        match = seen.checked.get(item)
        inliers = match.inliers if match is not None else 0
        evidence = inliers if inliers > CHANCE_INLIERS else 0
        return (named.get(item, len(named)), -evidence, -seen.cosines[item])

    return sorted(seen.cosines, key=key)


def _telling_view(seen: Recognition, best: UUID | None) -> list[ScoredId]:
    """Return the ranking of the view in which the likeliest work is nearest."""
    rankings = [ranking for _, ranking in seen.rankings]
    cosines = [
        max((item.cosine for item in ranking if item.id == best), default=-1.0)
        for ranking in rankings
    ]
    return rankings[int(np.argmax(cosines))] if rankings else []


def _photo(picture: ImageInput, limits: ImageLimits) -> tuple[np.ndarray, float]:
    """Return the pixels to look at, and their scale to the photo as it was given."""
    with decoded(picture, limits) as found:
        pixels = np.asarray(found.picture, dtype=np.uint8)
        height, width = pixels.shape[:2]
        scale = min(1.0, PHOTO_SIDE / max(height, width))
        if scale < 1:
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        return pixels, scale * width / found.width
