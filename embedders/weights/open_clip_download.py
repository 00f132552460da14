"""CLIP's weights through open_clip's own download."""

import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from embedders.normalisation import CLIP
from embedders.weights.file_hash import sha256_of
from embedders.weights.provider import ProviderFailed, Report, WeightsProvider
from embedders.weights.stored import Origin, StoredWeights, read_tensors


@dataclass(frozen=True)
class OpenClipDownload(WeightsProvider):
    """One of open_clip's published (architecture, tag) pairs, kept as one safetensors file."""

    model: str
    network: str
    architecture: str
    tag: str
    licence: str
    name: ClassVar[str] = "open_clip download"
    fetches: ClassVar[bool] = True

    def find(self, weights_dir: Path) -> StoredWeights | None:
        path = self._path(weights_dir)
        if not path.is_file():
            return None
        sha256 = sha256_of(path, weights_dir)
        return StoredWeights(path=path, provider=self.name, sha256=sha256, **vars(self._origin()))

    def obstacle(self) -> str | None:
        return None if find_spec("open_clip") else "open_clip is not installed"

    def fetch(self, weights_dir: Path, report: Report) -> StoredWeights:
        _require_hub()
        from embedders.torchvision_operators import import_networks

        open_clip = import_networks("open_clip")
        cache = weights_dir / "open_clip"
        report(f"downloading {self.architecture} ({self.tag}), about 600 MB")
        try:
            published = open_clip.get_pretrained_cfg(self.architecture, self.tag)
            file = Path(open_clip.download_pretrained(published, cache_dir=str(cache)))
            tensors = read_tensors(file)
        except Exception as error:  # open_clip and the hub client raise many kinds
            raise ProviderFailed(f"open_clip could not download it: {error}") from error
        stored = self._keep(self._path(weights_dir), tensors, self._origin())
        shutil.rmtree(cache, ignore_errors=True)
        return stored

    def _origin(self) -> Origin:
        return Origin(self.network, CLIP, self.licence)

    def _path(self, weights_dir: Path) -> Path:
        return weights_dir / f"{self.model}.open_clip.safetensors"


def _require_hub() -> None:
    """Ask once whether the model hub answers: its own client tries for most of a minute."""
    import httpx
    from huggingface_hub import constants

    try:
        httpx.head(constants.ENDPOINT, timeout=httpx.Timeout(10, connect=3))
    except httpx.HTTPError as error:
        raise ProviderFailed(f"the model hub cannot be reached: {error}") from error
