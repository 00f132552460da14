"""What came of a job."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.jobs import FailureGroup


@dataclass(frozen=True, kw_only=True)
class JobSummary:
    """What a job did.

    Args:
        seen: works that the source named, or that an earlier job left undone, each counted once
            below.
        added: searchable for the first time.
        updated: of which the metadata or the image had changed, or that a model was new to.
        unchanged: all the others that did not fail.
        failed: rows and images that could not be taken in.
        left: works still to be embedded: the job was interrupted, or another worker has them.
        embedded: model -> images embedded.
        seconds: how long the job took.
        interrupted: whether it was stopped before its end.
    """

    job: str
    seen: int
    added: int
    updated: int
    unchanged: int
    failed: int
    left: int
    embedded: Mapping[str, int]
    failures: tuple[FailureGroup, ...]
    seconds: float
    interrupted: bool
