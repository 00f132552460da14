"""Weights that a person put into the weights folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from embedders.normalisation import Normalisation
from embedders.weights.file_hash import sha256_of_whole
from embedders.weights.provider import WeightsProvider
from embedders.weights.stored import Origin, StoredWeights, read_origin


@dataclass(frozen=True)
class LocalFile(WeightsProvider):
    """``<weights_dir>/<model>.safetensors`` or ``.pth``, a state dict of the model's network.

    A safetensors file written by this project says itself which network and normalisation it is
    for; any other file is taken to be for the ones given here.
    """

    model: str
    network: str
    normalisation: Normalisation
    name: ClassVar[str] = "local file"

    def find(self, weights_dir: Path) -> StoredWeights | None:
        given = Origin(self.network, self.normalisation, "not known, a local file")
        for file_name in self._file_names():
            path = weights_dir / file_name
            sha256 = sha256_of_whole(path, weights_dir)
            if sha256 is not None:
                origin = read_origin(path) or given
                return StoredWeights(path=path, provider=self.name, sha256=sha256, **vars(origin))
        return None

    def obstacle(self) -> str | None:
        return f"there is no {' or '.join(self._file_names())} in the weights folder"

    def _file_names(self) -> tuple[str, str]:
        return f"{self.model}.safetensors", f"{self.model}.pth"
