"""Weights that were fine-tuned here, in the folder of the model that they are for."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from embedders.weights.file_hash import sha256_of_whole
from embedders.weights.provider import ProviderFailed, Report, WeightsProvider
from embedders.weights.stored import StoredWeights, read_origin


@dataclass(frozen=True)
class OwnFile(WeightsProvider):
    """A safetensors file that says itself which network and normalisation it is for.

    ``network`` is the one that it must be for: another model's weights in its place are refused.
    """

    path: Path
    network: str
    name: ClassVar[str] = "own weights"

    def find(self, weights_dir: Path) -> StoredWeights | None:
        del weights_dir
        sha256 = sha256_of_whole(self.path, self.path.parent)
        if sha256 is None:
            return None
        origin = read_origin(self.path)
        if origin is None:
            raise ProviderFailed(
                f"{self.path} does not say which network it is for: Vasari did not write it"
            )
        if origin.network != self.network:
            raise ProviderFailed(
                f"{self.path} is for the network {origin.network}, not for {self.network}"
            )
        return StoredWeights(path=self.path, provider=self.name, sha256=sha256, **vars(origin))

    def obstacle(self) -> str | None:
        return f"there is no {self.path}"

    def fetch(self, weights_dir: Path, report: Report) -> StoredWeights:
        # It says what is wrong with a file that is there.
        return self.find(weights_dir) or super().fetch(weights_dir, report)
