"""Weights that were fine-tuned here, in the folder of the model that they are for."""

from dataclasses import dataclass
from pathlib import Path

from embedders.weights.file_hash import remembered_hashes, sha256_of
from embedders.weights.provider import ProviderFailed, Report
from embedders.weights.stored import NOT_WHOLE, StoredWeights, is_cut_short, read_origin


@dataclass(frozen=True)
class OwnFile:
    """A safetensors file that says itself which network and normalisation it is for.

    ``network`` is the one that it must be for: another model's weights in its place are refused.
    """

    path: Path
    network: str
    name: str = "own weights"
    fetches: bool = False

    def find(self, weights_dir: Path) -> StoredWeights | None:
        del weights_dir
        try:
            if not self.path.is_file():
                return None
            if is_cut_short(self.path):
                raise ProviderFailed(f"{self.path} {NOT_WHOLE}")
            sha256 = sha256_of(self.path, remember_in=remembered_hashes(self.path.parent))
        except OSError as error:
            raise ProviderFailed(f"{self.path} cannot be read: {error}") from error
        origin = read_origin(self.path)
        if origin is None:
            raise ProviderFailed(
                f"{self.path} does not say which network it is for: Vasari did not write it"
            )
        if origin.network != self.network:
            raise ProviderFailed(
                f"{self.path} is for the network {origin.network}, not for {self.network}"
            )
        return StoredWeights(
            self.path, self.name, origin.network, origin.normalisation, origin.licence, sha256
        )

    def obstacle(self) -> str | None:
        return f"there is no {self.path}"

    def fetch(self, weights_dir: Path, report: Report) -> StoredWeights:
        del report
        stored = self.find(weights_dir)  # says what is wrong with a file that is there
        if stored is None:
            raise ProviderFailed(f"there is no {self.path}")
        return stored
