"""The collection that this server shows: opened once, shared by all its visitors.

Streamlit runs each visitor's page in a thread of its own. The catalog gives every thread its own
session, the embedders are safe to share, and so are both engines of the index when they are only
read, which is all that the page does. What must not happen twice is the opening; Streamlit lets one
thread at a time into a function that it caches the result of.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID

import streamlit as st

from catalog import artworks, same_works
from catalog.artists import with_preferred_names
from catalog.artworks import ArtworkFacts, ArtworkPage, by_id, facets, list_artworks, year_span
from catalog.backgrounds import Background
from catalog.filters import Filter
from catalog.listing import Order
from catalog.models import ImageState
from deployment import Deployment
from embedders import DerivedEmbedder, Embedder, UnknownModel, WeightsUnavailable
from search.background import current_backgrounds
from search.index.contract import Index, VectorSpec, mismatch, searchable_models
from search.maps.area import MapArea
from search.maps.shown import NoMap, ShownMap
from search.maps.stored import MapUnreadable
from search.model_choice import ModelChoice
from search.similar import SimilarWorks
from settings import Settings
from ui.curating.job_runner import JobRunner
from ui.questions import SearchRequest, ask
from ui.settings_reading import read_settings
from ui.web.embedding_cache import CachingEmbedder
from ui.web.faults import NOT_AVAILABLE, told
from ui.wording import models as wording
from ui.wording.works import work_label

FRESH_SECONDS = 60
"""How long the page may show counts of a catalog that another process has just changed."""

REMEMBERED_ANSWERS = 256
RETRY_WEIGHTS_SECONDS = 60.0

Measured = Callable[[str, Mapping[Any, float]], None]
"""Takes a kind of question, and the milliseconds of its stages."""


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The whole collection in a few numbers.

    Args:
        works: that can be searched.
        known: that the catalog knows, searchable or not.
        values: field -> value -> works, over the whole collection.
        years: first and last year of any work.
    """

    works: int
    known: int
    values: dict[str, dict[str, int]]
    years: tuple[int, int] | None


@dataclass
class _Shown:
    settings: Settings | None = None
    runner: JobRunner | None = None
    measured: Measured | None = None


_shown = _Shown()


@contextmanager
def shown(settings: Settings, runner: JobRunner, measured: Measured) -> Iterator[None]:
    """Show the collection of these settings, and not that of the environment's.

    Args:
        runner: starts the jobs of curators.
        measured: is told of each question that was answered.
    """
    _shown.settings, _shown.runner, _shown.measured = settings, runner, measured
    try:
        yield
    finally:
        _shown.settings = _shown.runner = _shown.measured = None


def settings() -> Settings:
    """Return the settings of the collection.

    Raises:
        InvalidSettings: one of them is not what it must be.
    """
    return _shown.settings or read_settings()


def runner() -> JobRunner:
    """Return what starts the jobs of curators."""
    return _shown.runner or JobRunner(settings().home, most=settings().curator_jobs)


def measured(question: str, timings_ms: Mapping[Any, float]) -> None:
    """Count a question that was answered, and what its stages took."""
    if _shown.measured is not None:
        _shown.measured(question, timings_ms)


@st.cache_resource(show_spinner=False)
def deployment() -> Deployment:
    """Open the catalog. An error is not kept: the next visit tries again."""
    opened = Deployment(settings(), serves=True)
    try:
        opened.database  # noqa: B018 - it is opened by asking for it
    except BaseException:
        opened.close()
        raise
    return opened


@st.cache_resource(show_spinner="Opening the index …")
def index() -> Index:
    """Open the index, which the embedded engine gives to one process, this one."""
    return deployment().index


def model_choice() -> ModelChoice:
    """Return what may be chosen among the collection's models."""
    return ModelChoice(deployment().registry)


def model_title(name: str) -> str:
    """Return what a person calls a model of the collection, or a joint answer."""
    return wording.model_title(name, deployment().registry)


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def askable() -> list[str]:
    """Return the vectors that can be asked, those of the settings' models first.

    A derived vector is there before there are works enough to derive it from; it is left out.
    """
    usual = deployment().settings.models
    # Another process may have made a model since.
    deployment().look_for_own_models()
    filled = index().status().vectors
    held = [name for name in searchable_models(index().specs) if filled[name].points]
    return [name for name in usual if name in held] + [name for name in held if name not in usual]


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def overview() -> Overview:
    """Count the collection."""
    with deployment().database.transaction() as session:
        return Overview(
            works=list_artworks(session, Filter(), limit=0, state=ImageState.READY).total,
            known=list_artworks(session, Filter(), limit=0).total,
            values=facets(session, Filter()),
            years=year_span(session),
        )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=256, show_spinner=False)
def value_counts(wanted: Filter) -> dict[str, dict[str, int]]:
    """Count the values of each field under a filter."""
    with deployment().database.transaction() as session:
        return facets(session, wanted)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=256, show_spinner=False)
def year_counts(wanted: Filter) -> dict[int, int]:
    """Count the works of each year under a filter, its own years aside."""
    with deployment().database.transaction() as session:
        return artworks.year_counts(session, wanted)


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def backgrounds() -> dict[str, Background]:
    """Return how like one another two works of the collection usually are, by model."""
    return current_backgrounds(deployment().database, index())


def understood(wanted: Filter) -> Filter:
    """Return a filter that calls artists by the names that the sidebar lists them by."""
    with deployment().database.transaction() as session:
        return with_preferred_names(session, wanted)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=64, show_spinner=False)
def browse(
    wanted: Filter,
    *,
    limit: int,
    offset: int = 0,
    text: str = "",
    order: Order = "artist",
    within: MapArea | None = None,
) -> ArtworkPage:
    """Return some of the works that pass a filter.

    Args:
        within: only those in this area of a map.
    """
    with deployment().database.transaction() as session:
        return list_artworks(
            session,
            wanted,
            limit=limit,
            offset=offset,
            state=ImageState.READY,
            text=text,
            order=order,
            among=works_in(within) if within else None,
        )


def maps() -> list[ShownMap]:
    """Return the maps that can be shown, those of the models that are usually asked first."""
    shown = []
    for model in sorted(deployment().maps.drawn(index()), key=askable().index):
        with suppress(MapUnreadable):
            shown.append(deployment().maps.show(index(), model))
    return shown


def works_in(within: MapArea) -> list[UUID]:
    """Return the works in an area of a map; none where there is no such map."""
    try:
        shown = deployment().maps.show(index(), within.model)
    except (NoMap, MapUnreadable):
        return []
    return shown.works_at(shown.within(within.area))


@st.cache_data(ttl=FRESH_SECONDS, max_entries=64, show_spinner=False)
def labels(wanted: Filter, *, most: int) -> dict[str, str] | None:
    """Return each work that passes a filter in one line, by its id; ``None`` for too many."""
    with deployment().database.transaction() as session:
        page = list_artworks(session, wanted, limit=most, state=ImageState.READY)
    if page.total > most:
        return None
    return {str(artwork.id): work_label(artwork) for artwork in page.artworks}


def works(ids: Iterable[UUID]) -> dict[UUID, ArtworkFacts]:
    """Return what is known of works; those that are not there are left out."""
    with deployment().database.transaction() as session:
        return by_id(session, ids)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=256, show_spinner=False)
def reproductions_of(work: UUID) -> tuple[ArtworkFacts, ...]:
    """Return the other records of a work, as a curator has marked them."""
    with deployment().database.transaction() as session:
        return same_works.reproductions_of(session, work)


def embedders_for(models: tuple[str, ...]) -> tuple[list[Embedder], dict[str, str]]:
    """Return the models that can embed a picture now, and why the others cannot."""
    ready, refused = [], {}
    for name in models:
        try:
            embedder = _loaded_models().get(name)
            offered = VectorSpec(
                model=name, dimension=embedder.dimension, fingerprint=embedder.fingerprint
            )
            if not index().specs[name].holds(offered):
                other_weights = mismatch(index().specs[name], offered)
                refused[name] = told(other_weights, otherwise=NOT_AVAILABLE)
                continue
        except (UnknownModel, WeightsUnavailable) as error:
            refused[name] = told(error, otherwise=NOT_AVAILABLE)
            continue
        ready.append(embedder)
    return ready, refused


def loaded(model: str) -> Embedder:
    """Return a model, ready to be asked.

    Raises:
        WeightsUnavailable: its weights cannot be had.
    """
    return _loaded_models().get(model)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=REMEMBERED_ANSWERS, show_spinner=False)
def answer_to(
    _request: SearchRequest,
    _embedders: list[Embedder],
    *,
    key: str,  # noqa: ARG001 - the cache reads it
    works: int,  # noqa: ARG001
) -> SimilarWorks:
    """Answer a search; the same question is not asked twice.

    Args:
        key: tells requests apart, whose pictures would be slow to compare.
        works: stands for the collection: answers from before it grew are not given again.
    """
    found = ask(deployment(), _request, _embedders, limits=deployment().visitor_limits)
    measured("similarity", found.timings_ms)
    return found


class _LoadedModels:
    """The models, each loaded once; one whose weights are missing is not asked for at each click.

    Asking may mean trying a download, with all its waiting.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._loaded: dict[str, Embedder] = {}
        self._missing: dict[str, tuple[float, WeightsUnavailable]] = {}

    def get(self, name: str) -> Embedder:
        with self._lock:
            if name in self._loaded:
                return self._loaded[name]
            since, error = self._missing.get(name, (0.0, None))
            if error is not None and time.monotonic() - since < RETRY_WEIGHTS_SECONDS:
                raise error
            try:
                embedder = deployment().embedder(name)
                # What is wrong with its weights is then said of this model and does not spoil the
                # others' answer, and a visitor's picture is not charged with the time.
                embedder.load()
                # What a derived model gives changes as the collection grows.
                grows = isinstance(embedder, DerivedEmbedder)
                self._loaded[name] = embedder if grows else CachingEmbedder(embedder)
            except WeightsUnavailable as missing:
                self._missing[name] = (time.monotonic(), missing)
                raise
            return self._loaded[name]


@st.cache_resource(show_spinner=False)
def _loaded_models() -> _LoadedModels:
    return _LoadedModels()
