"""The weights that torchvision publishes, from the address in its own enum."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import ClassVar
from urllib.parse import urlsplit

from embedders.normalisation import IMAGENET
from embedders.weights.file_hash import hash_prefix_in, sha256_as_named
from embedders.weights.provider import Report, WeightsProvider
from embedders.weights.stored import StoredWeights


@dataclass(frozen=True)
class TorchvisionDownload(WeightsProvider):
    """``IMAGENET1K_V1`` of one of torchvision's enums, ``ResNet50_Weights`` for example.

    The file keeps torchvision's name, whose last part is the beginning of its SHA-256, in a
    folder of its own. ``url`` replaces the enum's address, for tests and for mirrors.
    """

    model: str
    network: str
    enum: str
    url: str | None = None
    name: ClassVar[str] = "torchvision download"
    fetches: ClassVar[bool] = True

    def find(self, weights_dir: Path) -> StoredWeights | None:
        for path in sorted(self._folder(weights_dir).glob("*.pth")):
            return self._checked(path, weights_dir)
        return None

    def fetch(self, weights_dir: Path, report: Report) -> StoredWeights:
        from embedders.weights.download import download

        url = self.url or self._published_url()
        file_name = PurePosixPath(urlsplit(url).path).name
        path = self._folder(weights_dir) / file_name
        download(url, path, sha256_prefix=hash_prefix_in(file_name), report=report)
        return self._checked(path, weights_dir)

    def _folder(self, weights_dir: Path) -> Path:
        return weights_dir / "torchvision" / self.model

    def _published_url(self) -> str:
        from embedders.torchvision_operators import import_networks

        enum = getattr(import_networks("torchvision.models"), self.enum)
        return str(enum.IMAGENET1K_V1.url)

    def _checked(self, path: Path, weights_dir: Path) -> StoredWeights:
        return StoredWeights(
            self.network,
            IMAGENET,
            "BSD-3-Clause (torchvision), trained on ImageNet",
            path=path,
            provider=self.name,
            sha256=sha256_as_named(path, weights_dir),
        )
