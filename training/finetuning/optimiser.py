"""The learning rate of each part of a network, and its schedule."""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from training.finetuning.checkpoint import Position
from training.finetuning.network import TunedNetwork
from training.finetuning.presets import Phase, Preset

WARM_UP = 0.1
"""Share of a cosine schedule's steps in which the rates rise."""


class Optimiser:
    """Adam, or AdamW where weights decay, with a rate for each block.

    Args:
        steps: of the whole phase.
    """

    def __init__(self, network: TunedNetwork, phase: Phase, preset: Preset, *, steps: int) -> None:
        self._phase = phase
        self._steps = steps
        groups: list[dict[str, Any]] = [
            {"params": list(network.head.parameters()), "lr": phase.head_rate}
        ]
        if phase.name == "half":
            groups += _block_groups(network, phase)
        self._rates = [group["lr"] for group in groups]
        self._parameters = [parameter for group in groups for parameter in group["params"]]
        kind = torch.optim.AdamW if preset.weight_decay else torch.optim.Adam
        self._adam = kind(groups, weight_decay=preset.weight_decay)

    @property
    def rate(self) -> float:
        """The head's rate of the last step."""
        return float(self._adam.param_groups[0]["lr"])

    def step(self, number: int, factor: float) -> None:
        """Apply the gradients, and clear them.

        Args:
            number: of the step in the phase.
            factor: of the plateau schedule.
        """
        share = factor if self._phase.schedule != "cosine" else _cosine(number, self._steps)
        for group, rate in zip(self._adam.param_groups, self._rates, strict=True):
            group["lr"] = max(rate * share, min(rate, self._phase.lowest_rate))
        self._adam.step()
        self._adam.zero_grad()

    def tensors(self) -> dict[str, Tensor]:
        """Return Adam's state, by the parameter's number."""
        return {
            f"{number}.{name}": tensor
            for number, state in self._adam.state_dict()["state"].items()
            for name, tensor in state.items()
        }

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Load what ``tensors`` returned. Raises ValueError if it does not fit."""
        if not tensors:
            return
        state: dict[int, dict[str, Tensor]] = {}
        for name, tensor in tensors.items():
            number, _, kind = name.partition(".")
            if not number.isdecimal() or int(number) >= len(self._parameters):
                raise ValueError(f"its optimiser has another parameter, {name}")
            shape = self._parameters[int(number)].shape
            if tensor.shape not in (shape, torch.Size([])):
                raise ValueError(f"its optimiser's {name} is {list(tensor.shape)}")
            # Adam counts its steps on the CPU.
            state.setdefault(int(number), {})[kind] = tensor.cpu() if kind == "step" else tensor
        if any(found.keys() != {"step", "exp_avg", "exp_avg_sq"} for found in state.values()):
            raise ValueError("its optimiser's state is not Adam's")
        self._adam.load_state_dict(
            {"state": state, "param_groups": self._adam.state_dict()["param_groups"]}
        )


def after_epoch(position: Position, phase: Phase, loss: float) -> None:
    """Record a validation loss, and halve the rates if it has been on a plateau for too long."""
    if position.phase_lowest is None or loss < position.phase_lowest:
        position.phase_lowest = loss
        position.unlucky = position.waited = 0
        return
    position.unlucky += 1
    position.waited += 1
    if phase.schedule == "plateau" and position.waited >= phase.plateau:
        position.factor /= 2
        position.waited = 0


def _block_groups(network: TunedNetwork, phase: Phase) -> list[dict[str, Any]]:
    """Return the unfrozen parameters block by block; the last block has the phase's rate."""
    found: dict[str, list[torch.nn.Parameter]] = {name: [] for name in network.learning_blocks}
    for name, parameter in network.backbone.named_parameters():
        if parameter.requires_grad:
            found[network.block_of(name)].append(parameter)
    blocks = [parameters for parameters in found.values() if parameters]
    return [
        {"params": parameters, "lr": phase.rate * phase.rate_decay ** (len(blocks) - 1 - place)}
        for place, parameters in enumerate(blocks)
    ]


def _cosine(step: int, steps: int) -> float:
    """Loshchilov and Hutter, "SGDR", 2017, without restarts, after a linear warm-up."""
    warm = max(1, round(WARM_UP * steps))
    return min(1.0, (step + 1) / warm) * 0.5 * (1 + math.cos(math.pi * step / max(1, steps)))
