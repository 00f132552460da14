"""What a provider of weights must be able to do."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from embedders.weights.stored import Origin, StoredWeights, write_tensors
from errors import VasariError

if TYPE_CHECKING:
    import torch

Report = Callable[[str], None]


class ProviderFailed(VasariError):
    """A provider cannot give its weights; the message is the reason, for a person to read."""


class WeightsProvider(ABC):
    """One place that a model's weights can come from. Its values are fixed when it is made."""

    name: ClassVar[str]
    """How messages name it, for example "torchvision download"."""

    fetches: ClassVar[bool] = False
    """Whether ``fetch`` may reach for the network."""

    @abstractmethod
    def find(self, weights_dir: Path) -> StoredWeights | None:
        """The weights if they are on this machine already; never touches the network.

        Raises ProviderFailed where they are there but cannot be what they should be.
        """

    def obstacle(self) -> str | None:
        """Why ``fetch`` cannot work on this machine, as far as can be told without trying."""
        return None

    def fetch(self, weights_dir: Path, report: Report) -> StoredWeights:
        """Bring the weights into ``weights_dir``. Raises ProviderFailed with the reason."""
        raise ProviderFailed(self.obstacle() or "it fetches nothing")

    def _keep(
        self, path: Path, tensors: "Mapping[str, torch.Tensor]", origin: Origin
    ) -> StoredWeights:
        """Write weights that were fetched to a file of the weights folder, where ``find`` looks."""
        try:
            write_tensors(path, tensors, origin)
        except OSError as error:
            raise ProviderFailed(f"{path} cannot be written: {error}") from error
        stored = self.find(path.parent)
        if stored is None:
            raise ProviderFailed(f"{path} vanished")
        return stored
