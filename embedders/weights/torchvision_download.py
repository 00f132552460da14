"""The weights that torchvision publishes, from the address in its own enum."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from embedders.normalisation import IMAGENET
from embedders.weights.file_hash import hash_prefix_in, remembered_hashes, sha256_of
from embedders.weights.provider import ProviderFailed, Report
from embedders.weights.stored import StoredWeights


@dataclass(frozen=True)
class TorchvisionDownload:
    """``IMAGENET1K_V1`` of one of torchvision's enums, ``ResNet50_Weights`` for example.

    The file keeps torchvision's name, whose last part is the beginning of its SHA-256, in a
    folder of its own. ``url`` replaces the enum's address, for tests and for mirrors.
    """

    model: str
    network: str
    enum: str
    url: str | None = None
    name: str = "torchvision download"
    fetches: bool = True

    def find(self, weights_dir: Path) -> StoredWeights | None:
        for path in sorted(self._folder(weights_dir).glob("*.pth")):
            try:
                return self._checked(path, weights_dir)
            except OSError as error:
                raise ProviderFailed(f"{path} cannot be read: {error}") from error
        return None

    def obstacle(self) -> str | None:
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
        from embedders.torchvision_operators import import_torchvision_models

        enum = getattr(import_torchvision_models(), self.enum)
        return str(enum.IMAGENET1K_V1.url)

    def _checked(self, path: Path, weights_dir: Path) -> StoredWeights:
        sha256 = sha256_of(path, remember_in=remembered_hashes(weights_dir))
        if not sha256.startswith(hash_prefix_in(path.name)):
            raise ProviderFailed(f"{path} is damaged, its hash is not the one in its name")
        return StoredWeights(
            path,
            self.name,
            self.network,
            IMAGENET,
            "BSD-3-Clause (torchvision), trained on ImageNet",
            sha256,
        )
