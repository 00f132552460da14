"""A network of three small blocks, and pictures of flat colours that it can learn to tell apart."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from embedders.normalisation import CENTRED
from training.finetuning.activations import ActivationCache
from training.finetuning.network import Head, Normaliser, TunedNetwork
from training.finetuning.pictures import Pictures
from training.finetuning.presets import CLASSIC, Phase, Preset
from training.finetuning.trainer import Trainer
from training.progress import Watch

WORKS = 48
CLASSES = 3
TRAINING = np.arange(0, 36)
VALIDATION = np.arange(36, WORKS)

QUICK = replace(
    CLASSIC,
    batch=8,
    phases=(
        Phase(name="head", epochs=2, rate=0.0, head_rate=1e-2),
        Phase(name="half", epochs=3, rate=1e-3, head_rate=1e-3, schedule="plateau", patience=10),
    ),
)
"""The classic recipe in five epochs."""


class Small(nn.Module):
    """Three convolutions with their batch norms, and an average."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _block(3, 6)
        self.middle = _block(6, 8)
        self.last = _block(8, 12)
        self.avgpool = nn.AdaptiveAvgPool2d(1)

    def forward(self, pixels: Tensor) -> Tensor:
        pooled: Tensor = self.avgpool(self.last(self.middle(self.stem(pixels))))
        return pooled.flatten(1)


def _block(given: int, gives: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(given, gives, 3, stride=2, bias=False), nn.BatchNorm2d(gives), nn.ReLU()
    )


def small_network(*, seed: int = 0, classes: int = CLASSES, dropout: float = 0.4) -> TunedNetwork:
    torch.manual_seed(seed)
    return TunedNetwork(Small(), Head(12, {"style": classes}, dropout=dropout))


def flat_pictures() -> tuple[Pictures, np.ndarray]:
    """Noisy pictures of three colours, and which colour each has."""
    rng = np.random.default_rng(0)
    classes = np.arange(WORKS) % CLASSES
    pixels = rng.integers(0, 120, (WORKS, 40, 40, 3), dtype=np.uint8)
    pixels[np.arange(WORKS), :, :, classes] += 60
    return Pictures(works=(), whole=pixels[:, :32, :32], large=pixels, unreadable=0), classes


def small_trainer(
    folder: Path,
    preset: Preset = QUICK,
    *,
    network: TunedNetwork | None = None,
    run: dict[str, Any] | None = None,
    stop: Callable[[], bool] = lambda: False,
    most_bytes: int = 2**30,
) -> tuple[Trainer, TunedNetwork]:
    pictures, classes = flat_pictures()
    network = network or small_network(dropout=preset.dropout)
    folder.mkdir(parents=True, exist_ok=True)
    activations = ActivationCache(
        network,
        pictures,
        Normaliser(CENTRED, torch.device("cpu")),
        training=TRAINING,
        whole=VALIDATION,
        views=preset.views,
        seed=7,
        keep_in=folder,
        most_bytes=most_bytes,
    )
    trainer = Trainer(
        network=network,
        activations=activations,
        preset=preset,
        classes={"style": torch.from_numpy(classes)},
        main="style",
        training=TRAINING,
        validation=VALIDATION,
        seed=7,
        checkpoint=folder / "checkpoint.safetensors",
        identity=run or {"model": "small"},
        watch=Watch(stop=stop),
    )
    return trainer, network
