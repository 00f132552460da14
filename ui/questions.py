"""What a person or a program asks of a collection, and its answers: searches, identifications."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from catalog.filters import Filter
from deployment import Deployment
from embedders import Embedder, ImageLimits, ModelRegistry
from errors import VasariError
from search.auto import AUTO, choose
from search.fusion import FUSION
from search.index.contract import searchable_models
from search.query import Example, InvalidQuery, Query
from search.similar import CutOff, HitSelection, SimilarWorks, similar
from ui.arguments import parse_region
from ui.session import models_for_search

if TYPE_CHECKING:
    from search.duplicates import Duplicates, Progress
    from search.identification.identify import Identification

Picture = Path | bytes | UUID
"""A file, what is in one, or a work of the collection."""


class NoTextModel(VasariError):
    """A text was asked for, and no model of the collection knows texts."""

    is_for_visitors = True


@dataclass(frozen=True, kw_only=True)
class SearchRequest:
    """What is looked for, and how.

    Args:
        query: the examples.
        models: to ask, ``fusion`` and ``auto`` among them; none asks the usual ones.
        wanted: only works that pass.
        top: works wanted of each model.
        offset: works passed over first.
        exact: scan every work instead of walking the HNSW graph.
        diverse: prefer works that are unlike those before them.
        weights: the share of each model in ``fusion``.
        cut_off: where each list ends early.
        among: the only works to look at, if not all.
    """

    query: Query = field(repr=False)
    models: tuple[str, ...] = ()
    wanted: Filter = field(default_factory=Filter)
    top: int = 10
    offset: int = 0
    exact: bool = False
    diverse: bool = False
    weights: Mapping[str, float] = field(default_factory=dict)
    cut_off: CutOff = field(default_factory=CutOff)
    among: Sequence[UUID] | None = field(default=None, repr=False)

    @property
    def asks_in_words(self) -> bool:
        """Whether a text is among the examples."""
        return any(isinstance(example.of, str) for example in self.query.examples)


def make_query(
    picture: Picture | None,
    *,
    like: Iterable[Picture] = (),
    unlike: Iterable[Picture] = (),
    texts: Iterable[str] = (),
    region: str | None = None,
) -> Query:
    """Return the examples as one question.

    Args:
        region: X,Y,W,H of ``picture``.

    Raises:
        InvalidQuery: there is none to be like, or the region is none, or of no picture.
    """
    part = parse_region(region)
    if part is not None and picture is None:
        raise InvalidQuery("a region is a part of the picture, and no picture is given")
    return Query(
        (
            *([Example(picture, region=part)] if picture is not None else []),
            *(Example(item) for item in like),
            *(Example(item, weight=-1.0) for item in unlike),
            *(Example(text) for text in texts),
        )
    )


def answer(
    deployment: Deployment, request: SearchRequest, *, limits: ImageLimits | None = None
) -> SimilarWorks:
    """Answer a search.

    Args:
        limits: of the pictures given; those of the settings by default.

    Raises:
        NoTextModel: no model of the collection knows texts.
        VasariError: as ``search.similar.similar`` says.
    """
    names = models_for_search(deployment, list(request.models))
    if request.asks_in_words and names and not request.models:
        names = _models_that_know_texts(names, deployment.registry)
    embedders = _embedders(deployment, request, names) if request.query.needs_embedding else []
    request = replace(request, models=tuple(names))
    return ask(deployment, request, embedders, limits=limits or deployment.image_limits)


def ask(
    deployment: Deployment,
    request: SearchRequest,
    embedders: Sequence[Embedder],
    *,
    limits: ImageLimits,
) -> SimilarWorks:
    """Answer a search with models that are loaded.

    Raises:
        VasariError: as ``search.similar.similar`` says.
    """
    return similar(
        request.query,
        index=deployment.index,
        database=deployment.database,
        embedders=embedders,
        models=request.models,
        wanted=request.wanted,
        top=request.top,
        selection=HitSelection(
            offset=request.offset,
            diverse=request.diverse,
            cut_off=request.cut_off,
            among=request.among,
        ),
        exact=request.exact,
        weights=request.weights,
        picture_of=deployment.picture_of,
        limits=limits,
    )


def identification(
    deployment: Deployment,
    picture: Path | bytes,
    *,
    top: int,
    limits: ImageLimits,
    embedder: Embedder | None = None,
) -> "Identification":
    """Say which work a photo shows.

    Args:
        top: candidates wanted.
        limits: of the photo.
        embedder: the model for it, if it is open already.

    Raises:
        UnreadableImage: the photo cannot be used.
        VasariError: as ``search.identification.identify.identify`` says.
    """
    # Imported here: a search waits for no OpenCV.
    from search.identification.identify import identify, model_for_identifying

    embedder = embedder or deployment.embedder(model_for_identifying(deployment.index))
    # Before the clock of the answer starts.
    embedder.load()
    return identify(
        picture,
        index=deployment.index,
        database=deployment.database,
        embedder=embedder,
        keypoints=deployment.keypoint_store,
        top=top,
        limits=limits,
    )


def duplicates(
    deployment: Deployment, *, neighbours: int | None = None, progress: "Progress | None" = None
) -> "Duplicates":
    """Look through a collection for records of one work.

    Args:
        neighbours: works looked at around each, if not the usual number.

    Raises:
        UnknownVector: the index is empty.
    """
    # Imported here: a search waits for no OpenCV.
    from search.duplicates import NEIGHBOURS, find_duplicates

    return find_duplicates(
        index=deployment.index,
        database=deployment.database,
        keypoints=deployment.keypoint_store,
        picture_of=deployment.thumbnail_of,
        neighbours=neighbours or NEIGHBOURS,
        threads=deployment.settings.decode_threads,
        progress=progress,
    )


def _embedders(deployment: Deployment, request: SearchRequest, names: list[str]) -> list[Embedder]:
    everything = []
    if FUSION in names or AUTO in names:
        everything = models_for_search(deployment, None)
        if request.asks_in_words:
            everything = _models_that_know_texts(everything, deployment.registry)
        elif AUTO in names:
            everything += choose(everything, searchable_models(deployment.index.specs)).shares
    chosen = dict.fromkeys(name for name in [*names, *everything] if name not in (FUSION, AUTO))
    embedders = [deployment.embedder(name) for name in chosen]
    for embedder in embedders:
        # Before the clock of the answer starts.
        embedder.load()
    return embedders


def _models_that_know_texts(names: list[str], registry: ModelRegistry) -> list[str]:
    knowing = [
        name for name in names if name not in (FUSION, AUTO) and registry.describe(name).text
    ]
    if not knowing:
        known = ", ".join(model.name for model in registry.embedding_models() if model.text)
        raise NoTextModel(
            f"no model of this collection knows texts: {', '.join(names)} know pictures only. "
            f"Ingest with `--model {known}` to search by text"
        )
    return knowing
