"""What a long run tells whoever watches it, and how it is asked to stop."""

from collections.abc import Callable
from typing import Protocol

Stop = Callable[[], bool]
"""Asked between batches whether to end."""


class Progress(Protocol):
    """Shows how far a run is."""

    def begin(self, task: str, total: int) -> None:
        """Begin a task of so many pictures."""

    def advance(self, pictures: int, note: str = "") -> None:
        """Move on in the task that was begun last."""


class Silent:
    """Shows nothing."""

    def begin(self, task: str, total: int) -> None:
        """Show nothing."""

    def advance(self, pictures: int, note: str = "") -> None:
        """Show nothing."""


class Interrupted(Exception):
    """The run was asked to stop; what it had learned up to the last epoch is kept."""


def check(stop: Stop) -> None:
    """Raise Interrupted where the run is asked to stop."""
    if stop():
        raise Interrupted
