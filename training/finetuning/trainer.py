"""The training loop: phases of epochs, each the same however often the run is cut short.

Order, views and dropout of an epoch come from the seed and the epoch's number alone, so a run that
was killed resumes at its last whole epoch as if nothing had happened.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from evaluation.stored import NothingToEvaluate
from training.finetuning.activations import WHOLE, ActivationCache, Places
from training.finetuning.checkpoint import (
    InvalidCheckpoint,
    Position,
    Saved,
    read_checkpoint,
    write_checkpoint,
)
from training.finetuning.losses import label_loss, total_loss
from training.finetuning.network import TunedNetwork
from training.finetuning.optimiser import Optimiser, after_epoch
from training.finetuning.presets import Phase, Preset
from training.finetuning.split import UNKNOWN
from training.progress import Watch

AT_ONCE = 64
"""Works whose classes are predicted at once."""

Features = Callable[[Places, list[int]], Tensor]
"""Returns the backbone's pooled features, float32 [n, features], for rows in views."""


@dataclass(kw_only=True, eq=False)
class Trainer:
    """Trains one network.

    Args:
        training, validation: rows of the works of these parts, int64.
        classes: label -> of each work its class, int64 [works], ``UNKNOWN`` for none.
        main: the label that the run is about.
        identity: all that decides the outcome, by which the run's checkpoint is recognised.
    """

    network: TunedNetwork
    activations: ActivationCache
    preset: Preset
    classes: Mapping[str, Tensor]
    main: str
    training: Places
    validation: Places
    seed: int
    checkpoint: Path
    identity: Mapping[str, Any]
    watch: Watch
    _position: Position = field(init=False, default_factory=Position)
    _best: dict[str, Tensor] = field(init=False, default_factory=dict)

    @property
    def _device(self) -> torch.device:
        return self.network.head.mean.device

    def run(self) -> list[dict[str, Any]]:
        """Train, from the checkpoint if there is one; return the history of its epochs.

        Raises:
            InvalidCheckpoint: there is one that cannot be resumed from.
            NothingToEvaluate: the training diverged.
            Interrupted: the run was asked to stop.
        """
        saved = read_checkpoint(self.checkpoint, run=self.identity)
        phases = self.preset.phases
        done = saved.position.phase if saved is not None else 0
        if not 0 <= done <= len(phases):
            raise InvalidCheckpoint(self.checkpoint, f"it says that {done} phases are done")
        if done < len(phases):
            self.activations.prepare(pooled=phases[done].name == "head", watch=self.watch)
        if saved is None:
            self._begin()
        else:
            self._resume(saved)
        while self._position.phase < len(phases):
            self._run_phase(phases[self._position.phase], saved)
            saved = None
        if self.preset.keep == "best":
            self.network.load_trainable(self._best)
        return self._position.history

    def predict_logits(self, places: Places) -> Tensor:
        """Return the main label's logits of any works, seen whole, float32 [n, classes]."""
        return self._logits(
            places, lambda *seen: self.network.upper(self.activations.computed(*seen))
        )

    def _begin(self) -> None:
        if self.preset.standardise:
            views = range(1, self.activations.views + 1) if self.activations.views else (WHOLE,)
            seen = [self.activations.pooled(self.training, [v] * len(self.training)) for v in views]
            self.network.head.standardise(torch.cat(seen))

    def _resume(self, saved: Saved) -> None:
        try:
            self.network.load_trainable(_on(self._device, saved.trainable))
            if saved.best:
                # Only to see whether they fit; they are needed at the end.
                now = _copied(self.network.trainable_state())
                self.network.load_trainable(_on(self._device, saved.best))
                self.network.load_trainable(now)
        except ValueError as error:
            raise InvalidCheckpoint(self.checkpoint, str(error)) from error
        self._position = saved.position
        self._best = _on(self._device, saved.best)

    def _run_phase(self, phase: Phase, saved: Saved | None) -> None:
        self.network.freeze(last_half=phase.name == "half")
        steps = phase.epochs * self._steps_an_epoch()
        optimiser = Optimiser(self.network, phase, self.preset, steps=steps)
        if saved is not None:
            try:
                optimiser.load(_on(self._device, saved.optimizer))
            except ValueError as error:
                raise InvalidCheckpoint(self.checkpoint, str(error)) from error
        while self._position.epoch < phase.epochs and not (
            phase.patience and self._position.unlucky >= phase.patience
        ):
            self._run_epoch(phase, optimiser)
        self._position = replace(
            self._position,
            phase=self._position.phase + 1,
            epoch=0,
            factor=1.0,
            waited=0,
            unlucky=0,
            phase_lowest=None,
        )
        self._save({})

    def _run_epoch(self, phase: Phase, optimiser: Optimiser) -> None:
        position = self._position
        began, cpu_began = time.perf_counter(), time.process_time()
        task = f"{phase.name} {position.epoch + 1} of {phase.epochs}"
        self.watch.begin(task, len(self.training))
        # The only source of randomness in an epoch.
        torch.manual_seed(_number(self.seed, position.phase, position.epoch))
        training_loss = self._train_epoch(phase, optimiser)
        loss, accuracy = self._validated(phase)
        position.history.append(
            {
                "phase": phase.name,
                "epoch": position.epoch + 1,
                "loss": training_loss,
                "validation_loss": loss,
                "validation_accuracy": accuracy,
                "rate": optimiser.rate,
                "seconds": time.perf_counter() - began,
                "cpu_seconds": time.process_time() - cpu_began,
            }
        )
        if not math.isfinite(loss):
            raise NothingToEvaluate(
                f"the training diverged in {task}: the validation loss is {loss}"
            )
        if position.lowest is None or loss < position.lowest:
            position.lowest = loss
            if self.preset.keep == "best":
                self._best = _copied(self.network.trainable_state())
        after_epoch(position, phase, loss)
        position.epoch += 1
        self._save(optimiser.tensors())

    def _train_epoch(self, phase: Phase, optimiser: Optimiser) -> float:
        """Go once through the training works; return the mean loss."""
        self.network.train()
        total = 0.0
        step = self._position.epoch * self._steps_an_epoch()
        batches = list(self._batches())
        for number, (places, views) in enumerate(batches):
            self.watch.check()
            loss = self._loss(phase, places, views)
            (loss / self.preset.accumulate).backward()  # type: ignore[no-untyped-call]
            total += float(loss.detach()) * len(places)
            if (number + 1) % self.preset.accumulate == 0 or number + 1 == len(batches):
                optimiser.step(step, self._position.factor)
                step += 1
            self.watch.advance(len(places), f"loss {float(loss.detach()):.3f}")
        return total / len(self.training)

    def _loss(self, phase: Phase, places: Places, views: list[int]) -> Tensor:
        enabled = self.preset.bf16 and self._device.type == "cuda"
        with torch.autocast(self._device.type, torch.bfloat16, enabled=enabled):
            embedded = self.network.head.embed(self._features(phase)(places, views))
            logits = self.network.head.logits(embedded)
            rows = torch.from_numpy(places).to(self._device)
            return total_loss(
                embedded,
                logits,
                {label: codes[rows] for label, codes in self.classes.items()},
                main=self.main,
                others=self.preset.other_labels,
                smoothing=self.preset.smoothing,
                contrast=self.preset.contrast,
            )

    def _batches(self) -> Iterator[tuple[Places, list[int]]]:
        position = self._position
        rng = np.random.default_rng([self.seed, position.phase, position.epoch])
        order = rng.permutation(self.training)
        most = self.activations.views
        views = rng.integers(1, most + 1, len(order)) if most else np.full(len(order), WHOLE)
        for start in range(0, len(order), self.preset.batch):
            part = slice(start, start + self.preset.batch)
            yield order[part], [int(view) for view in views[part]]

    def _steps_an_epoch(self) -> int:
        batches = -(-len(self.training) // self.preset.batch)
        return -(-batches // self.preset.accumulate)

    def _validated(self, phase: Phase) -> tuple[float, float]:
        """Return cross-entropy and accuracy of the main label on the validation works."""
        logits = self._logits(self.validation, self._features(phase))
        rows = torch.from_numpy(self.validation).to(self._device)
        classes = self.classes[self.main][rows]
        known = classes != UNKNOWN
        right = (logits.argmax(dim=1) == classes)[known].float().mean()
        return float(label_loss(logits, classes)), float(right)

    def _features(self, phase: Phase) -> Features:
        """Return what computes the pooled features in a phase."""
        if phase.name == "head":
            return self.activations.pooled
        return lambda *seen: self.network.upper(self.activations.lower(*seen))

    def _logits(self, places: Places, features: Features) -> Tensor:
        self.network.eval()
        parts = []
        with torch.inference_mode():
            for start in range(0, len(places), AT_ONCE):
                self.watch.check()
                some = places[start : start + AT_ONCE]
                embedded = self.network.head.embed(features(some, [WHOLE] * len(some)))
                parts.append(self.network.head.logits(embedded)[self.main])
        return torch.cat(parts)

    def _save(self, optimizer: Mapping[str, Tensor]) -> None:
        saved = Saved(
            position=self._position,
            trainable=self.network.trainable_state(),
            best=self._best,
            optimizer=optimizer,
        )
        write_checkpoint(self.checkpoint, saved, run=self.identity)


def _number(*parts: int) -> int:
    return int(np.random.SeedSequence(parts).generate_state(1)[0])


def _copied(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in tensors.items()}


def _on(device: torch.device, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.to(device) for name, tensor in tensors.items()}
