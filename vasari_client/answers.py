"""What a server answers. Keys may be added, and are never renamed or removed.

The reference of JSON documents says what each key means.
"""

from typing import Any, Literal

from typing_extensions import TypedDict  # which Pydantic takes before Python 3.12


class Work(TypedDict):
    """A work of the collection; ``None`` where something is not known."""

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


class Works(TypedDict):
    """A page of a listing; ``next`` is the cursor of the next one."""

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


class Statistics(TypedDict):
    """Of the hits of one model."""

    mean_cosine: float
    std_cosine: float
    min_cosine: float
    max_cosine: float
    median_cosine: float
    mean_angular_distance: float
    std_angular_distance: float
    min_angular_distance: float
    max_angular_distance: float
    median_angular_distance: float


class ModelHits(TypedDict):
    """What one model finds."""

    hits: list[Hit]
    statistics: Statistics | None


class PairAgreement(TypedDict):
    """How far two models agree."""

    models: list[str]
    overlap: float
    rbo: float
    spearman: float | None


class Consensus(TypedDict):
    """A work of the models' common ranking."""

    id: str
    score: float


class Comparison(TypedDict):
    """How far the models agree; ``only`` has the works that one of them alone found."""

    overlap: float | None
    rbo: float | None
    spearman: float | None
    pairs: list[PairAgreement]
    consensus: list[Consensus]
    only: dict[str, list[str]]


class SimilarWorks(TypedDict):
    """The answer to a search, by model."""

    models: dict[str, ModelHits]
    comparison: Comparison
    chosen: str | None
    reason: str | None
    timings_ms: dict[str, float]


class NamedWork(TypedDict):
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


class ValueShare(TypedDict):
    """How much speaks for a value."""

    value: str | int
    share: float


class Candidate(NamedWork):
    """A work that a photo was compared with."""

    source: str
    file: str
    cosine: float
    inliers: int


class Identification(TypedDict):
    """Which work a photo shows."""

    picture: str
    verdict: Literal["same", "unsure", "absent"]
    artwork: NamedWork | None
    shows_too_little: str | None
    confidence: float
    inliers: int
    mirrored: bool | None
    rotation: float | None
    outline: Outline | None
    works: list[MatchedWork]
    candidates: list[Candidate]
    attributes: dict[str, list[ValueShare]]
    timings_ms: dict[str, float]


class Cell(TypedDict):
    """A place in the grid that a model sees a picture in, from the upper left."""

    row: int
    column: int


class CellPair(TypedDict):
    """Places of two pictures that make them alike."""

    query: Cell
    work: Cell
    contribution: float
    cosine: float


class Contributions(TypedDict):
    """What each place of a picture adds to the cosine, in rows from the top."""

    contributions: list[list[float]]


class ExplainedWork(ListedWork, Contributions):
    """The work that is like the picture."""


class ExplainedPlace(Cell, Contributions):
    """What one place of the picture is alike to in the work."""


class Explanation(TypedDict):
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


class ValueCount(TypedDict):
    """How many works have a value."""

    value: str
    count: int


class Model(TypedDict):
    """A vector that can be asked."""

    name: str
    dimension: int
    artworks: int


class EvaluatedCollection(TypedDict):
    """Which engine and generation, and how many works."""

    engine: str
    generation: int | None
    works: int


class Code(TypedDict):
    """The code that evaluated, and whether its files differed from the commit."""

    version: str
    commit: str | None
    changed: bool


class Evaluation(TypedDict):
    """What an evaluation says of itself."""

    id: str
    command: str
    protocol: str
    time: str
    options: dict[str, Any]
    seed: int | None
    filter: dict[str, Any]
    models: dict[str, str]
    collection: EvaluatedCollection
    code: Code
    queries: int | None
    files: dict[str, str]


class EvaluationResult(Evaluation):
    """And what it found."""

    result: dict[str, Any]
