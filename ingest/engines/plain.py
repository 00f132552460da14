"""The engine that needs nothing else: this process, with threads that load ahead of the models."""

from collections.abc import Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack

from catalog.batching import batched
from embedders.pass_threads import pass_threads
from ingest.context import IngestContext
from ingest.engines.engine import Claim, Stop
from ingest.loading import LoadedImage
from ingest.model_pass import ModelPass, model_passes
from ingest.prefetch import prefetcher_for

LEAST_TOGETHER = 8
"""Images of one pass, where a batch is shared out: with fewer, a pass takes longer for each."""


class PlainEngine:
    """Loads the next images while the models have these, in passes side by side."""

    def passes(
        self, context: IngestContext, claim: Claim, stop: Stop
    ) -> Generator[ModelPass, None, None]:
        """Go through all that can be claimed.

        The next pass begins before what came of one is given out: it runs while that is written.
        """
        running: dict[Future[ModelPass | None], Iterator[ModelPass]] = {}
        threads, at_once = None, 1
        with ExitStack() as stack:
            ahead = stack.enter_context(prefetcher_for(context)(claim))

            def is_wanted() -> bool:
                return stop() or any(future.done() for future in running)

            while True:
                while len(running) < at_once and not stop():
                    # What has come of a pass does not wait for images that are still to come.
                    batch = ahead.next_batch(is_wanted)
                    if not batch:
                        break
                    if threads is None and any(_is_new(image) for _, image in batch):
                        threads, at_once = pass_threads(context.embedders)
                        stack.callback(threads.shutdown, cancel_futures=True)
                    if threads is None:
                        yield from model_passes(context.embedders, batch)
                        continue
                    for part in batched(batch, max(LEAST_TOGETHER, -(-len(batch) // at_once))):
                        passes = model_passes(context.embedders, part)
                        running[threads.submit(next, passes, None)] = passes
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    passes = running.pop(future)
                    if (done := future.result()) is not None and threads is not None:
                        running[threads.submit(next, passes, None)] = passes
                        yield done


def _is_new(image: object) -> bool:
    return isinstance(image, LoadedImage) and bool(image.prepared)
