"""The collection that programs ask: opened, kept open, and asked by so many at a time."""

import gc
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

from fastapi import Request, Response

from catalog.artworks import ArtworkFacts, by_id
from deployment import Deployment
from embedders import UnknownModel, WeightsUnavailable
from errors import VasariError
from redaction import redact
from search.auto import AUTO
from search.fusion import FUSION
from search.index.contract import embedding_models, searchable_models
from search.maps.stored import MapUnreadable
from settings import Settings
from ui.api.collection_metrics import CollectionMetrics
from ui.api.metrics import Metrics
from ui.api.problems import ApiProblem
from ui.api.turns import Turns
from ui.curating.changes import NoSuchWork
from ui.curating.job_runner import JobRunner

AT_ONCE = 8
"""Searches and identifications at one time; the others wait for their turn. Their pictures
go through a model together, in less time than one after another."""

RETRY_SECONDS = 5.0
"""Between two attempts to open a collection that cannot be opened."""

CLOSING_SECONDS = 30.0
"""For the index to be written out when the process ends."""

A_WHILE = "max-age=3600, must-revalidate"
FOR_EVER = "max-age=31536000, immutable"
"""How long what a browser keeps is good for."""

_log = logging.getLogger(__name__)


class ServedCollection:
    """A collection that a process serves.

    Args:
        deployment: gives the collection, open already or opened at the first call.
        env_file: a file of settings that the process was given, for the jobs of curators.
        metrics_folder: where several processes add up what they measure.

    Attributes:
        runner: of those jobs.
        turns: taken by searches and identifications.
        is_warm: whether the models are loaded.
    """

    def __init__(
        self,
        settings: Settings,
        deployment: Callable[[], Deployment],
        *,
        env_file: Path | None = None,
        metrics_folder: Path | None = None,
    ) -> None:
        self.settings = settings
        self.deployment = deployment
        self.runner = JobRunner(settings.home, env_file=env_file, most=settings.curator_jobs)
        self.is_warm = False
        self.metrics = Metrics(metrics_folder)
        self.metrics.add(CollectionMetrics(lambda: self.deployment() if self.is_warm else None))
        self.turns = Turns(AT_ONCE, seconds=settings.answer_seconds, waiting=self.metrics.waiting)

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """Share the index and have the models loaded during the block, and close all after it.

        A collection that is away at first is opened once it is there.
        """
        ended = Event()
        opening = Thread(target=self._keep_open, args=[ended], daemon=True)
        opening.start()
        try:
            yield
        finally:
            self.runner.close()
            ended.set()
            opening.join(CLOSING_SECONDS)

    def check_models(self, names: Iterable[str]) -> None:
        """Check that the collection has some models, ``fusion`` and ``auto`` among them.

        Raises:
            ApiProblem: it has not.
        """
        held = [*searchable_models(self.deployment().index.specs), FUSION, AUTO]
        for name in names:
            if name not in held:
                raise ApiProblem(
                    HTTPStatus.BAD_REQUEST,
                    "unknown-model",
                    f"the collection has no {name!r}; it has {', '.join(held)}",
                )

    def _keep_open(self, ended: Event) -> None:
        with ExitStack() as opened:
            while not ended.is_set():
                try:
                    deployment = self.deployment()
                    opened.callback(deployment.close)
                    opened.enter_context(deployment.shared())
                    self._load_models()
                    self._read_maps()
                    _keep_all_that_is_loaded()
                    self.is_warm = True
                    ended.wait()
                except VasariError as error:
                    _log.warning("the collection is not open: %s", redact(str(error)))
                    ended.wait(RETRY_SECONDS)

    def _load_models(self) -> None:
        """Load the models; what cannot be loaded is logged."""
        deployment = self.deployment()
        for name in embedding_models(deployment.index.specs):
            try:
                deployment.embedder(name).load()
            except (UnknownModel, WeightsUnavailable) as error:
                _log.warning("%s cannot be asked: %s", name, redact(str(error)))

    def _read_maps(self) -> None:
        """Read the maps, so that no visitor waits for it; what cannot be read is logged."""
        deployment = self.deployment()
        for model in deployment.maps.drawn(deployment.index):
            try:
                deployment.maps.show(deployment.index, model)
            except MapUnreadable as error:
                _log.warning("%s", redact(str(error)))

    def facts(self, artwork: UUID) -> ArtworkFacts:
        """Return a work.

        Raises:
            NoSuchWork: it is none of the collection's.
        """
        with self.deployment().database.transaction() as session:
            found = by_id(session, [artwork])
        if artwork not in found:
            raise NoSuchWork(artwork)
        return found[artwork]

    def kept(
        self,
        request: Request,
        etag: str,
        make: Callable[[], bytes],
        *,
        media_type: str,
        caching: str = A_WHILE,
    ) -> Response:
        """Return what a browser may keep, or that what it has kept still holds.

        Args:
            make: is not called in the latter case.
        """
        # What needs a key is for its bearer, and not for caches on the way.
        whose = "private" if self.settings.read_needs_key else "public"
        headers = {"ETag": etag, "Cache-Control": f"{whose}, {caching}"}
        known = request.headers.get("if-none-match", "").split(",")
        if any(tag.strip().removeprefix("W/") in (etag, "*") for tag in known):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(make(), media_type=media_type, headers=headers)


def _keep_all_that_is_loaded() -> None:
    """Have the garbage collector pass over what is loaded now, which stays to the end.

    Streamlit calls it after each run of the page, and it would look through all libraries' objects.
    """
    gc.collect()
    gc.freeze()
