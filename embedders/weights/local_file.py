"""Weights that a person put into the weights folder."""

from dataclasses import dataclass
from pathlib import Path

from embedders.normalisation import Normalisation
from embedders.weights.file_hash import remembered_hashes, sha256_of
from embedders.weights.provider import ProviderFailed, Report
from embedders.weights.stored import NOT_WHOLE, StoredWeights, is_cut_short, read_origin


@dataclass(frozen=True)
class LocalFile:
    """``<weights_dir>/<model>.safetensors`` or ``.pth``, a state dict of the model's network.

    A safetensors file written by this project says itself which network and normalisation it is
    for; any other file is taken to be for the ones given here.
    """

    model: str
    network: str
    normalisation: Normalisation
    name: str = "local file"
    fetches: bool = False

    def find(self, weights_dir: Path) -> StoredWeights | None:
        for file_name in self._file_names():
            path = weights_dir / file_name
            try:
                if not path.is_file():
                    continue
                if is_cut_short(path):
                    raise ProviderFailed(f"{path} {NOT_WHOLE}")
                sha256 = sha256_of(path, remember_in=remembered_hashes(weights_dir))
            except OSError as error:
                raise ProviderFailed(f"{path} cannot be read: {error}") from error
            origin = read_origin(path)
            return StoredWeights(
                path,
                self.name,
                origin.network if origin else self.network,
                origin.normalisation if origin else self.normalisation,
                origin.licence if origin else "not known, a local file",
                sha256,
            )
        return None

    def obstacle(self) -> str | None:
        return f"there is no {' or '.join(self._file_names())} in the weights folder"

    def fetch(self, weights_dir: Path, report: Report) -> StoredWeights:
        del report
        raise ProviderFailed(f"there is no {' or '.join(self._file_names())} in {weights_dir}")

    def _file_names(self) -> tuple[str, str]:
        return f"{self.model}.safetensors", f"{self.model}.pth"
