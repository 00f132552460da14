"""Prefetching: images are downloaded and decoded before the models need them, in any order."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property, partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Self

from catalog.jobs import Failure
from ingest.background_loop import BackgroundLoop
from ingest.claims import ClaimedWork
from ingest.context import IngestContext
from ingest.download.downloader import Downloader
from ingest.download.failures import DownloadFailure
from ingest.download.rules import DownloadRules
from ingest.loading import ImageLoader, LoadedImage, failure_of
from ingest.originals import Originals
from ingest.remote_images import FetchedImage, RemoteImages
from ingest.web_address import is_web_address

Outcome = LoadedImage | Failure

_TICK_SECONDS = 0.1
"""How long a request to stop may go unseen."""
_FILL_SECONDS = 2.0
"""How long images that are ready wait for others to fill up their batch."""


def prefetcher_for(context: IngestContext) -> "partial[Prefetcher]":
    """Return a prefetcher that lacks only its function that claims works; it can be pickled."""
    return partial(
        Prefetcher,
        loader=ImageLoader(
            preparations={item.preparation for item in context.embedders},
            store=context.store,
            limits=context.limits,
            keypoints=context.keypoints,
        ),
        originals=context.originals,
        rules=context.download,
        batch_size=context.batch_size,
        decode_threads=context.decode_threads,
    )


class Prefetcher:
    """Keeps more works under way than the models take at once.

    Downloads run side by side on an event loop, as they mostly wait; decoding runs on threads. One
    that is slow delays no other: a batch is made of what is ready first.

    Args:
        claim: returns up to the given number of works to load.
        batch_size: works that are given out at once.
        decode_threads: threads that read files and decode.
    """

    def __init__(
        self,
        claim: Callable[[int], list[ClaimedWork]],
        *,
        loader: ImageLoader,
        originals: Originals,
        rules: DownloadRules,
        batch_size: int,
        decode_threads: int,
    ) -> None:
        self._claim = claim
        self._loader = loader
        self._open_web = partial(_Web, originals, rules)
        self._threads = ThreadPoolExecutor(decode_threads, "decode")
        self._batch_size = batch_size
        self._most_under_way = batch_size + max(batch_size, rules.at_once)
        self._under_way = 0
        self._ready: SimpleQueue[tuple[ClaimedWork, Future[Outcome]]] = SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if "_web" in vars(self):
            self._web.close()
        self._threads.shutdown(cancel_futures=True)

    def next_batch(self, stop: Callable[[], bool]) -> list[tuple[ClaimedWork, Outcome]]:
        """Return works whose images are loaded, or could not be; none when no work is left.

        Args:
            stop: asked while waiting; once it says so, what is ready is returned at once.
        """
        for work in self._claim(self._most_under_way - self._under_way):
            self._start(work)
        batch: list[tuple[ClaimedWork, Outcome]] = []
        deadline = time.monotonic() + _FILL_SECONDS
        while self._under_way and len(batch) < self._batch_size:
            try:
                work, loading = self._ready.get(timeout=_TICK_SECONDS)
            except Empty:
                if stop() or (batch and time.monotonic() > deadline):
                    break
                continue
            self._under_way -= 1
            batch.append((work, _outcome(work, loading)))
        return batch

    @cached_property
    def _web(self) -> "_Web":
        """Made when the first image is to be downloaded."""
        return self._open_web()

    def _start(self, work: ClaimedWork) -> None:
        location = work.artwork.image_location
        loading: Future[Outcome]
        if is_web_address(location):
            loading = self._web.loop.submit(self._download_and_load(work))
        else:
            loading = self._threads.submit(self._loader.load, work, Path(location))
        self._under_way += 1
        loading.add_done_callback(lambda done: self._ready.put((work, done)))

    async def _download_and_load(self, work: ClaimedWork) -> Outcome:
        artwork = work.artwork
        try:
            fetched = await self._web.images.fetch(
                artwork.image_location,
                signature=artwork.image_signature,
                done=await asyncio.to_thread(self._loader.settled, work),
            )
        except DownloadFailure as failure:
            return _not_fetched(work, failure.reason.value, failure.detail)
        if fetched.file is None:
            return LoadedImage(artwork.id, fetched.known.sha256)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._load, work, fetched, fetched.file)

    def _load(self, work: ClaimedWork, fetched: FetchedImage, file: Path) -> Outcome:
        outcome = self._loader.load(work, file)
        if isinstance(outcome, LoadedImage) and outcome.sha256 != fetched.known.sha256:
            outcome = _not_fetched(work, "damaged image", "the copy kept of it has changed")
        self._web.images.settle(fetched, good=isinstance(outcome, LoadedImage))
        return outcome


def _outcome(work: ClaimedWork, loading: Future[Outcome]) -> Outcome:
    """Return what became of a work; a fault that its address or file sets off is its failure."""
    try:
        return loading.result()
    except (ValueError, ArithmeticError, LookupError, TypeError) as error:
        return _not_fetched(work, "cannot be loaded", f"{type(error).__name__}: {error}")


class _Web:
    """What downloads need."""

    def __init__(self, originals: Originals, rules: DownloadRules) -> None:
        originals.clear_unfinished()
        self._downloader = Downloader(rules)
        self.images = RemoteImages(
            originals, self._downloader, recheck_seconds=rules.recheck_seconds
        )
        self.loop = BackgroundLoop("downloads")

    def close(self) -> None:
        self.loop.close(self._downloader.close())


def _not_fetched(work: ClaimedWork, reason: str, detail: str) -> Failure:
    return failure_of(work.artwork, stage="fetch", reason=reason, detail=detail)
