"""What every engine is to the job loop."""

from collections.abc import Callable, Generator
from typing import Protocol

from errors import VasariError
from ingest.claims import ClaimedWork
from ingest.context import IngestContext
from ingest.model_pass import ModelPass

Claim = Callable[[int], list[ClaimedWork]]
"""Claims up to the given number of works to embed; none when the queue is empty."""

Stop = Callable[[], bool]
"""Whether a job was asked to end."""


class EngineFault(VasariError):
    """An engine cannot be had, or gave up; the message says why and what to do."""


class Engine(Protocol):
    """Loads and embeds. It writes thumbnails and originals; the catalog and the index are its
    caller's, who is their one writer."""

    def passes(
        self, context: IngestContext, claim: Claim, stop: Stop
    ) -> Generator[ModelPass, None, None]:
        """Go through all that can be claimed, in any order.

        Args:
            stop: asked between batches. Of what was claimed, some may then never come out.
        """
