"""What everybody's questions are answered with, as OpenAPI describes it.

The types of the client's answers describe what it asks for, and these all else. Nothing is checked
or left out by them when a request is answered: the tests hold answers against them. A dataclass in
one stands for the document of its fields.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from search.maps.colours import Category, Facet
from vasari_client.answers import Evaluation, ListedWork, Model


class Models(BaseModel):
    """All of them."""

    models: list[Model]


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
