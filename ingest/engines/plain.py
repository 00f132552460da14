"""The engine that needs nothing else: this process, with threads that load ahead of the models."""

from collections.abc import Generator

from ingest.context import IngestContext
from ingest.engines.engine import Claim, Stop
from ingest.model_pass import ModelPass, model_passes
from ingest.prefetch import prefetcher_for


class PlainEngine:
    """Loads the next images while the models have these."""

    def passes(
        self, context: IngestContext, claim: Claim, stop: Stop
    ) -> Generator[ModelPass, None, None]:
        """Go through all that can be claimed."""
        with prefetcher_for(context)(claim) as ahead:
            while not stop() and (batch := ahead.next_batch(stop)):
                yield from model_passes(context.embedders, batch)
