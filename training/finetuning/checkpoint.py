"""How far a run is, in one file that is written atomically and holds no code.

Tensors are kept as safetensors, everything else as JSON in the same file's header.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from torch import Tensor

from embedders.atomic_file import atomic_file
from embedders.weights.stored import read_tensors
from errors import VasariError

FORMAT = 1
_KEY = "vasari_training"

_PREFIXES = {"trainable": "learned", "best": "best", "optimizer": "optimizer"}
"""Of the names of each part's tensors in the file."""


class InvalidCheckpoint(VasariError):
    """A run cannot resume from this file; the message says why and what to do."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path} cannot be resumed from: {reason}. Delete its folder to start again, or give "
            "the new model another --name"
        )


@dataclass(kw_only=True)
class Position:
    """How far a run is at the end of an epoch.

    Args:
        phase, epoch: how many phases are done, and how many epochs of the next one.
        history: losses, accuracy and times of each epoch so far.
        lowest: the lowest validation loss, if any, of which the tensors are kept as ``best``.
        factor: what the learning rates are multiplied by now.
        waited, unlucky: epochs without a lower loss in this phase, since the rates were halved and
            since the lowest one.
        phase_lowest: the lowest validation loss of the phase.
    """

    phase: int = 0
    epoch: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)
    lowest: float | None = None
    phase_lowest: float | None = None
    factor: float = 1.0
    waited: int = 0
    unlucky: int = 0


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What a checkpoint holds."""

    position: Position
    trainable: Mapping[str, Tensor]
    best: Mapping[str, Tensor]
    optimizer: Mapping[str, Tensor]


def write_checkpoint(path: Path, saved: Saved, *, run: Mapping[str, Any]) -> None:
    """Write a checkpoint in place of a former one.

    Args:
        run: all that decides the outcome; another run does not resume from this file.
    """
    from safetensors.torch import save_file

    tensors = {
        f"{prefix}/{name}": tensor.detach().to("cpu").contiguous()
        for part, prefix in _PREFIXES.items()
        for name, tensor in getattr(saved, part).items()
    }
    header = {"format": FORMAT, "run": run, "position": asdict(saved.position)}
    with atomic_file(path) as unfinished:
        save_file(tensors, unfinished, metadata={_KEY: json.dumps(header)})


def read_checkpoint(path: Path, *, run: Mapping[str, Any]) -> Saved | None:
    """Read a checkpoint of this run; ``None`` where there is none.

    Raises:
        InvalidCheckpoint: it is no checkpoint, or of another run.
    """
    if not path.exists():
        return None
    try:
        tensors = read_tensors(path)
        header = _header(path)
        position = TypeAdapter(Position).validate_python(header["position"])
        begun = dict(header["run"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        cause = str(error).partition("\n")[0]
        raise InvalidCheckpoint(path, f"it is no checkpoint ({cause})") from error
    wanted = json.loads(json.dumps(run))
    other = [name for name in wanted.keys() | begun.keys() if wanted.get(name) != begun.get(name)]
    if other:
        raise InvalidCheckpoint(path, f"it is from a run with another {', '.join(sorted(other))}")
    parts: dict[str, dict[str, Tensor]] = {part: {} for part in _PREFIXES}
    part_of = {prefix: part for part, prefix in _PREFIXES.items()}
    for name, tensor in tensors.items():
        prefix, _, rest = name.partition("/")
        if prefix not in part_of:
            raise InvalidCheckpoint(path, f"it holds an unknown tensor {name}")
        parts[part_of[prefix]][rest] = tensor
    return Saved(position=position, **parts)


def _header(path: Path) -> dict[str, Any]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    if _KEY not in metadata:
        raise ValueError("it does not say what run it belongs to")
    header: dict[str, Any] = json.loads(metadata[_KEY])
    if header["format"] != FORMAT:
        raise ValueError(f"it has format {header['format']}, and this program reads {FORMAT}")
    return header
