"""What everybody's questions are answered with, as OpenAPI describes it.

Nothing is checked or left out by these models when a request is answered: the tests hold answers
against them. A dataclass in one stands for the document of its fields.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from evaluation.runs import Code, Collection
from search.comparison import Comparison
from search.maps.colours import Category, Facet
from search.statistics import SimilarityStatistics


class Work(BaseModel):
    """A work of the collection; `null` where something is not known."""

    id: str
    title: str
    artist: str | None
    artist_as_given: str | None
    genre: str | None
    style: str | None
    school: str | None
    year: int | None
    source: str
    file: str


class ListedWork(Work):
    """A work of a listing."""

    image: str


class WorkDetails(ListedWork):
    """All that is known of a work."""

    image_sha256: str | None
    image_width: int | None
    image_height: int | None
    extra: dict[str, Any]
    source_says: dict[str, Any]


class Works(BaseModel):
    """A page of a listing; `next` is the cursor of the next one."""

    artworks: list[ListedWork]
    next: str | None
    total: int


class Hit(Work):
    """A work that is like what was asked for."""

    rank: int
    cosine: float | None
    angular_distance: float | None
    percentile: float | None
    z: float | None
    ranks: dict[str, int | None]
    reproductions: list[ListedWork]


class ModelHits(BaseModel):
    """What one model finds."""

    hits: list[Hit]
    statistics: SimilarityStatistics | None


class SimilarWorks(BaseModel):
    """The answer to a search, by model."""

    models: dict[str, ModelHits]
    comparison: Comparison
    chosen: str | None
    reason: str | None
    timings_ms: dict[str, float]


class NamedWork(BaseModel):
    """A work as people know it."""

    id: str
    title: str
    artist: str | None


Outline = list[list[float]]
"""Corners of a work in a photo, each x and y in pixels."""


class MatchedWork(NamedWork):
    """A work that a photo may show."""

    confidence: float
    inliers: int
    mirrored: bool
    rotation: float
    outline: Outline | None


class Candidate(NamedWork):
    """A work that a photo was compared with."""

    source: str
    file: str
    cosine: float
    inliers: int


class ValueShare(BaseModel):
    """How much speaks for a value."""

    value: str | int
    share: float


class Identification(BaseModel):
    """Which work a photo shows."""

    picture: str
    verdict: Literal["same", "unsure", "absent"]
    shows_too_little: str | None
    artwork: NamedWork | None
    confidence: float
    inliers: int
    mirrored: bool | None
    rotation: float | None
    outline: Outline | None
    works: list[MatchedWork]
    candidates: list[Candidate]
    attributes: dict[str, list[ValueShare]]
    timings_ms: dict[str, float]


class Cell(BaseModel):
    """A place in the grid that a model sees a picture in, from the upper left."""

    row: int
    column: int


class CellPair(BaseModel):
    """Places of two pictures that make them alike."""

    query: Cell
    work: Cell
    contribution: float
    cosine: float


class Contributions(BaseModel):
    """What each place of a picture adds to the cosine, in rows from the top."""

    contributions: list[list[float]]


class ExplainedWork(ListedWork, Contributions):
    """The work that is like the picture."""


class ExplainedPlace(Cell, Contributions):
    """What one place of the picture is alike to in the work."""


class Explanation(BaseModel):
    """Which regions make two pictures alike."""

    model: str
    cosine: float
    index_cosine: float | None
    percentile: float | None
    z: float | None
    query: Contributions
    work: ExplainedWork
    pairs: list[CellPair]
    at: ExplainedPlace | None
    picture: None


class ValueCount(BaseModel):
    """How many works have a value."""

    value: str
    count: int


class Model(BaseModel):
    """A vector that can be asked."""

    name: str
    dimension: int
    artworks: int


class Models(BaseModel):
    """All of them."""

    models: list[Model]


class Evaluation(BaseModel):
    """What an evaluation says of itself."""

    id: str
    command: str
    protocol: str
    time: datetime
    options: dict[str, Any]
    seed: int | None
    filter: dict[str, Any]
    models: dict[str, str]
    collection: Collection
    code: Code
    queries: int | None
    files: dict[str, str]


class EvaluationResult(Evaluation):
    """And what it found."""

    result: dict[str, Any]


class Evaluations(BaseModel):
    """All that were kept, the oldest first."""

    evaluations: list[Evaluation]


class Map(BaseModel):
    """A map of the collection, and what its works can be coloured by."""

    model: str
    version: str
    works: int
    fitted: int
    drawn_at: datetime
    facets: list[Facet]


class Maps(BaseModel):
    """All of them."""

    maps: list[Map]


class MapColours(BaseModel):
    """Each work's category, as base64 of its place in the legend, a byte each."""

    version: str
    by: Facet
    legend: list[Category]
    categories: str


class MapWorks(BaseModel):
    """Works in an area of a map; `total` counts those that are not listed, too."""

    works: list[ListedWork]
    total: int


class RegisteredPicture(BaseModel):
    """A work's picture, in pixels."""

    id: str
    width: int
    height: int


class WorkRegistration(BaseModel):
    """How another work's picture is laid over a work's.

    `homography` takes a place in `other` to that in `artwork`, in shares of the pictures' sides.
    """

    artwork: RegisteredPicture
    other: RegisteredPicture
    shows_the_same: bool
    matches: int
    inliers: int
    is_mirrored: bool
    homography: list[list[float]] | None


class Life(BaseModel):
    """That the process answers."""

    status: Literal["alive"]


class Readiness(BaseModel):
    """Whether searches are answered, and what is waited for."""

    ready: bool
    waiting_for: list[str]


class Named(BaseModel):
    """What has an id and a name."""

    id: str
    name: str


class ReconciliationService(BaseModel):
    """What a reconciliation service says of itself."""

    versions: list[str]
    name: str
    identifierSpace: str  # noqa: N815 - the standard's name
    schemaSpace: str  # noqa: N815
    defaultTypes: list[Named]  # noqa: N815
    view: dict[str, Any]
    preview: dict[str, Any]
    suggest: dict[str, Any]
    batchSize: int  # noqa: N815


class Feature(BaseModel):
    """What speaks for a candidate."""

    id: str
    value: bool | float


class ArtistCandidate(Named):
    """An artist who may be meant."""

    description: str
    type: list[Named]
    score: float = Field(ge=0, le=100)
    match: bool
    features: list[Feature]


class ArtistCandidates(BaseModel):
    """Who may be meant by one name."""

    result: list[ArtistCandidate]


class SuggestedArtist(Named):
    """An artist whose name begins so."""

    description: str
    notable: list[Named]


class SuggestedArtists(BaseModel):
    """Artists whose names begin so."""

    result: list[SuggestedArtist]


class SuggestedProperties(BaseModel):
    """What may be said of an artist."""

    result: list[Named]
