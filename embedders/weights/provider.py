"""What a provider of weights must be able to do."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from embedders.weights.stored import StoredWeights
from errors import VasariError

Report = Callable[[str], None]


class ProviderFailed(VasariError):
    """A provider cannot give its weights; the message is the reason, for a person to read."""


class WeightsProvider(Protocol):
    """One place that a model's weights can come from. Its values are fixed when it is made."""

    @property
    def name(self) -> str:
        """How messages name it, for example "torchvision download"."""

    @property
    def fetches(self) -> bool:
        """Whether ``fetch`` may reach for the network."""

    def find(self, weights_dir: Path) -> StoredWeights | None:
        """The weights if they are on this machine already; never touches the network.

        Raises ProviderFailed where they are there but cannot be what they should be.
        """

    def obstacle(self) -> str | None:
        """Why ``fetch`` cannot work on this machine, as far as can be told without trying."""

    def fetch(self, weights_dir: Path, report: Report) -> StoredWeights:
        """Bring the weights into ``weights_dir``. Raises ProviderFailed with the reason."""
