"""The API as an application of its own, without the page."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp

from deployment import Deployment
from settings import Settings
from ui.api.application import Operations, application
from ui.serving.headers import SecurityHeaders
from ui.serving.open_paths import OpenPaths
from ui.serving.origin_check import guarded


@dataclass(frozen=True)
class Programs:
    """Makes the application, also in processes that it is sent to.

    Args:
        env_file: a file of settings that the process was given.
        metrics_folder: where several processes add up what they measure; none for one alone.
    """

    settings: Settings
    env_file: Path | None = None
    metrics_folder: Path | None = None

    def __call__(self, when_ready: Callable[[], None] = lambda: None) -> ASGIApp:
        """Return the API of a collection with all that guards it."""
        collection = Deployment(self.settings, create=False, serves=True)
        operations = Operations(
            self.settings,
            lambda: collection,
            env_file=self.env_file,
            metrics_folder=self.metrics_folder,
        )

        @asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[None]:
            with operations.kept_open():
                when_ready()
                yield

        is_alone = self.metrics_folder is None
        api = application(operations, lifespan=lifespan, with_curators=is_alone, with_login=False)
        open_paths = OpenPaths(self.settings)
        return SecurityHeaders(guarded(api, self.settings, open_paths), open_paths)
