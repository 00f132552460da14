"""A backbone under a head that learns: what is frozen, and where it can be cut in two."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from embedders.networks import DENSE, DENSE_DIMENSION
from embedders.normalisation import Normalisation

_BEHIND = ("avgpool", "global_pool", "fc", "classifier")
"""What torchvision and timm call the average and what comes after it."""


class Normaliser:
    """Normalises pixels for a network, on its device."""

    def __init__(self, normalisation: Normalisation, device: torch.device) -> None:
        std = torch.tensor(normalisation.std).view(1, 3, 1, 1)
        mean = torch.tensor(normalisation.mean).view(1, 3, 1, 1)
        self.device = device
        self._scale = (1 / (255 * std)).to(device)
        self._shift = (-mean / std).to(device)

    def __call__(self, pixels: Tensor) -> Tensor:
        """Return normalised float32 [n, 3, h, w] of pixels in 0 to 255, [n, 3, h, w]."""
        normalised = pixels.to(self.device, torch.float32) * self._scale + self._shift
        return normalised.contiguous(memory_format=torch.channels_last)


class Head(nn.Module):
    """A rectified layer of 256, dropout, and for each label a layer that tells its classes apart.

    Args:
        features: dimension of what the backbone gives.
        classes: label -> how many classes it has.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, features: int, classes: Mapping[str, int], *, dropout: float) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("deviation", torch.ones(features))
        self.dense = nn.Linear(features, DENSE_DIMENSION)
        self.dropout = nn.Dropout(dropout)
        self.classifiers = nn.ModuleDict(
            {label: nn.Linear(DENSE_DIMENSION, count) for label, count in classes.items()}
        )

    def standardise(self, pooled: Tensor) -> None:
        """Take mean and deviation of features, float32 [n, features], for those of all."""
        deviation, mean = torch.std_mean(pooled, dim=0, correction=0)
        self.mean.copy_(mean)
        self.deviation.copy_(deviation.clamp(min=1e-6))

    def embed(self, pooled: Tensor) -> Tensor:
        """Return the layer of 256, float32 [n, 256]."""
        return functional.relu(self.dense((pooled - self.mean) / self.deviation))

    def logits(self, embedded: Tensor) -> dict[str, Tensor]:
        """Return each label's logits, float32 [n, classes]."""
        kept = self.dropout(embedded)
        return {label: layer(kept) for label, layer in self.classifiers.items()}

    def folded(self) -> dict[str, Tensor]:
        """Return the layer of 256 as one of features that are not standardised."""
        weight = self.dense.weight / self.deviation
        return {
            f"{DENSE}.weight": weight.detach().clone(),
            f"{DENSE}.bias": (self.dense.bias - weight @ self.mean).detach().clone(),
        }


class TunedNetwork(nn.Module):
    """A convolutional backbone as a row of blocks, and a head.

    The backbone stays in evaluation mode while it learns: its batch norms keep the statistics that
    they came with, so that a picture gives the same whatever else is in the batch, and what is
    frozen need not be computed twice.
    """

    def __init__(self, backbone: nn.Module, head: Head) -> None:
        super().__init__()
        self.backbone = backbone.eval()
        self.head = head
        self._blocks = _blocks(backbone)
        layers = _layers(backbone)
        self.last_half = frozenset(layers[len(layers) // 2 :])
        """Names of the layers with weights, in the backbone, that the second phase unfreezes."""
        frozen = [not self.last_half & set(_layers(block, name)) for name, block in self._blocks]
        self._cut = frozen.index(False)
        self.learning_blocks = tuple(name for name, _ in self._blocks[self._cut :])

    def train(self, mode: bool = True) -> "TunedNetwork":
        """Let the head drop out, or not; the backbone never changes its mode."""
        super().train(mode)
        self.backbone.eval()
        return self

    def freeze(self, *, last_half: bool) -> None:
        """Freeze the backbone, the last half of its layers only where that is asked for."""
        for name, parameter in self.backbone.named_parameters():
            layer = name.rpartition(".")[0]
            parameter.requires_grad_(last_half and layer in self.last_half)

    def lower(self, pixels: Tensor) -> Tensor:
        """Run the blocks that are never unfrozen: normalised float32 [n, 3, h, w] to a map."""
        for _, block in self._blocks[: self._cut]:
            pixels = block(pixels)
        return pixels

    def upper(self, passing: Tensor) -> Tensor:
        """Run the other blocks and average: a map of ``lower`` to float32 [n, features]."""
        for _, block in self._blocks[self._cut :]:
            passing = block(passing)
        return passing.mean(dim=(2, 3))

    def block_of(self, parameter: str) -> str:
        """Return the block that a parameter of the backbone lies in."""
        return next(name for name, _ in self._blocks if parameter.startswith(f"{name}."))

    def trainable_state(self) -> dict[str, Tensor]:
        """Return all that fine-tuning may change: the last half of the backbone, and the head."""
        whole = self.state_dict()
        return {
            name: tensor
            for name, tensor in whole.items()
            if name.startswith("head.")
            or name.removeprefix("backbone.").rpartition(".")[0] in self.last_half
        }

    def load_trainable(self, state: Mapping[str, Tensor]) -> None:
        """Load what ``trainable_state`` returned. Raises ValueError if it does not fit."""
        wanted = self.trainable_state()
        if wanted.keys() != state.keys():
            raise ValueError("it holds other layers than this network")
        for name, tensor in wanted.items():
            if tensor.shape != state[name].shape or tensor.dtype != state[name].dtype:
                raise ValueError(f"{name} is {list(state[name].shape)}, not {list(tensor.shape)}")
        self.load_state_dict(dict(state), strict=False)

    def weights(self) -> dict[str, Tensor]:
        """Return the tensors of a model: the backbone, and the layer of 256."""
        backbone = {
            name: tensor.detach().to("cpu").clone()
            for name, tensor in self.backbone.state_dict().items()
            if not name.endswith("num_batches_tracked")
        }
        return backbone | {name: tensor.to("cpu") for name, tensor in self.head.folded().items()}


def _blocks(module: nn.Module, prefix: str = "") -> list[tuple[str, nn.Module]]:
    """Return the parts of a network that come one after another, up to the average."""
    blocks: list[tuple[str, nn.Module]] = []
    for name, child in module.named_children():
        if name in _BEHIND:
            break
        inside = isinstance(child, nn.Sequential)
        blocks += _blocks(child, f"{prefix}{name}.") if inside else [(f"{prefix}{name}", child)]
    return blocks


def _layers(module: nn.Module, prefix: str = "") -> list[str]:
    """Return the names of the layers that have weights of their own, in order."""
    return [
        f"{prefix}.{name}".strip(".")
        for name, layer in module.named_modules()
        if any(True for _ in layer.parameters(recurse=False))
    ]
