"""Weights in a file on disk: how they are read, written and described."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embedders.atomic_file import atomic_file
from embedders.normalisation import Normalisation

if TYPE_CHECKING:
    import torch

# One key only: safetensors writes several in no fixed order, and equal weights must give equal
# bytes, because the fingerprint is taken over them.
_METADATA_KEY = "vasari"


@dataclass(frozen=True)
class Origin:
    """What must be known of weights to use them; a safetensors file written here says it itself.

    ``network`` names the builder in ``embedders.networks`` that the tensors fit.
    """

    network: str
    normalisation: Normalisation
    licence: str

    def to_json(self) -> str:
        fields = {
            "network": self.network,
            "mean": list(self.normalisation.mean),
            "std": list(self.normalisation.std),
            "licence": self.licence,
        }
        return json.dumps(fields, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Origin":
        """Raises ValueError, KeyError or TypeError for a text that ``to_json`` did not write."""
        fields = json.loads(text)
        mean, std = (tuple(float(value) for value in fields[key]) for key in ("mean", "std"))
        if len(mean) != 3 or len(std) != 3:
            raise ValueError("mean and std have three channels")
        return cls(str(fields["network"]), Normalisation(mean, std), str(fields["licence"]))


@dataclass(frozen=True, kw_only=True)
class StoredWeights(Origin):
    """A file of weights.

    ``provider`` is the name of the provider that found or fetched the file; ``sha256`` is of the
    file's bytes.
    """

    path: Path
    provider: str
    sha256: str


def write_tensors(path: Path, tensors: "Mapping[str, torch.Tensor]", origin: Origin) -> None:
    """Write a safetensors file in one step: another process sees all of it or nothing."""
    from safetensors.torch import save_file

    with atomic_file(path) as unfinished:
        plain = {name: tensor.contiguous() for name, tensor in tensors.items()}
        save_file(plain, unfinished, metadata={_METADATA_KEY: origin.to_json()})


def read_tensors(path: Path) -> "dict[str, torch.Tensor]":
    """Read a state dict from a safetensors file or, tensors only, from a PyTorch file.

    Raises ValueError for any other content, a pickle that would run code among it, and OSError
    where the file cannot be read.
    """
    import torch

    if path.suffix == ".safetensors":
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return load_file(path)
        except SafetensorError as error:
            raise ValueError(f"{path} is not a safetensors file: {error}") from error
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # UnpicklingError, RuntimeError, EOFError, ... by kind of damage
        # The first sentence says what is wrong; torch goes on with advice to allow code.
        cause = str(error).strip().partition("\n")[0].partition(". ")[0]
        raise ValueError(f"{path} is not a PyTorch file of tensors only: {cause}") from error
    if not isinstance(content, dict) or not all(
        isinstance(name, str) and isinstance(tensor, torch.Tensor)
        for name, tensor in content.items()
    ):
        raise ValueError(f"{path} does not hold a state dict: names with a tensor each")
    return content


def read_origin(path: Path) -> Origin | None:
    """What a safetensors file says of itself, without reading its tensors; None if nothing."""
    if path.suffix != ".safetensors":
        return None
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        metadata = _header(path)[0].get("__metadata__", {})
        if _METADATA_KEY in metadata:
            return Origin.from_json(metadata[_METADATA_KEY])
    return None


def is_cut_short(path: Path) -> bool:
    """Whether a safetensors file is no such file, or ends before its tensors do.

    A download or a copy that was broken off is seen before anything is made with its fingerprint.

    Raises OSError if the file cannot be read.
    """
    if path.suffix != ".safetensors":
        return False
    try:
        header, begin = _header(path)
        ends = [item["data_offsets"][1] for key, item in header.items() if key != "__metadata__"]
        return path.stat().st_size < begin + max(ends, default=0)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return True


def _header(path: Path) -> tuple[dict[str, Any], int]:
    """Return what a safetensors file holds, and where its tensors begin.

    Raises ValueError for another file, and OSError.
    """
    # The format begins with the length of a JSON header: eight bytes, little-endian. Read by hand
    # because the library's reader would import torch, which a mere status must not wait for.
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 0 < length < 100_000_000:
            raise ValueError("no header")
        return json.loads(file.read(length)), 8 + length
