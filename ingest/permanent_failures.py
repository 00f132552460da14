"""Which failures a retry would only repeat."""

from ingest.download.failures import Reason

PERMANENT_REASONS = frozenset(
    {
        ("fetch", Reason.GONE.value),
        ("fetch", Reason.FORBIDDEN.value),
        ("fetch", Reason.REQUEST_REFUSED.value),
        ("fetch", Reason.TOO_LARGE.value),
        ("fetch", Reason.TOO_MANY_REDIRECTS.value),
        ("fetch", Reason.NOT_A_WEB_ADDRESS.value),
        ("decode", "not an image"),
        ("decode", "damaged image"),
        ("decode", "too many pixels"),
    }
)
"""(stage, reason) of failures that are of the image and not of the moment. An ordinary run passes
such a work over until its source says that the image is another; ``jobs retry`` tries it. (An image
that breaks off is not among them: servers break off more often than files do.)"""


def is_permanent(last_error: str | None) -> bool:
    """Tell whether a retry would only repeat a task's last error."""
    return last_error is not None and stage_and_reason(last_error) in PERMANENT_REASONS


def last_error(stage: str, reason: str) -> str:
    """Return how a task remembers its failure."""
    return f"{stage}: {reason}"


def stage_and_reason(remembered: str) -> tuple[str, str]:
    """Return the stage and the reason of a failure that a task remembers."""
    stage, _, reason = remembered.partition(": ")
    return stage, reason
