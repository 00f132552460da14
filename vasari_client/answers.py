"""What a server answers. Keys may be added, and are never renamed or removed.

The reference of JSON documents says what each key means.
"""

from typing import Any, Literal, TypedDict


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
    extra: dict[str, str]
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
    reproductions: list[Any]


class ModelHits(TypedDict):
    """What one model finds."""

    hits: list[Hit]
    statistics: dict[str, float] | None


class SimilarWorks(TypedDict):
    """The answer to a search, by model."""

    models: dict[str, ModelHits]
    comparison: dict[str, Any] | None
    chosen: str | None
    reason: str | None
    timings_ms: dict[str, float]


class Candidate(TypedDict):
    """A work that a photo was compared with."""

    id: str
    title: str
    artist: str | None
    source: str
    file: str
    cosine: float
    inliers: int


class Identification(TypedDict):
    """Which work a photo shows."""

    picture: str
    verdict: Literal["same", "unsure", "absent"]
    artwork: dict[str, Any] | None
    shows_too_little: str | None
    confidence: float
    inliers: int
    mirrored: bool | None
    rotation: float | None
    outline: list[list[float]] | None
    works: list[dict[str, Any]]
    candidates: list[Candidate]
    attributes: dict[str, list[dict[str, Any]]]
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
    collection: dict[str, Any]
    code: dict[str, Any]
    queries: int | None
    files: dict[str, str]


class EvaluationResult(Evaluation):
    """And what it found."""

    result: dict[str, Any]
