from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.finetuning.tiny import QUICK, VALIDATION, flat_pictures, small_trainer
from training.finetuning.checkpoint import Position
from training.finetuning.optimiser import after_epoch
from training.finetuning.presets import ART, CLASSIC, Preset
from training.finetuning.trainer import Trainer
from training.progress import Interrupted

RICH = replace(
    ART, batch=8, accumulate=2, views=2, phases=tuple(replace(p, epochs=2) for p in ART.phases)
)
TIMES = ("seconds", "cpu_seconds")


def stop_after(checks: int) -> Callable[[], bool]:
    """Ask to stop when asked for the so-many-th time."""
    asked = iter(range(checks))
    return lambda: next(asked, None) is None


def without_times(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: epoch[key] for key in epoch if key not in TIMES} for epoch in history]


def predicted(trainer: Trainer) -> torch.Tensor:
    return trainer.predict_logits(VALIDATION)


@pytest.mark.parametrize("preset", [QUICK, RICH], ids=["classic", "art"])
@pytest.mark.parametrize("checks", [4, 14, 24])
def test_a_run_cut_short_ends_as_an_undisturbed_one(
    tmp_path: Path, preset: Preset, checks: int
) -> None:
    undisturbed, whole = small_trainer(tmp_path / "whole", preset)
    history = undisturbed.run()

    with pytest.raises(Interrupted):
        small_trainer(tmp_path / "cut", preset, stop=stop_after(checks))[0].run()
    resumed, network = small_trainer(tmp_path / "cut", preset)

    assert without_times(resumed.run()) == without_times(history)
    assert torch.equal(predicted(resumed), predicted(undisturbed))
    for name, tensor in whole.weights().items():
        assert torch.equal(network.weights()[name], tensor), name


def test_a_run_that_is_done_does_not_learn_again(tmp_path: Path) -> None:
    first, network = small_trainer(tmp_path)
    history = first.run()
    again, same = small_trainer(tmp_path)
    assert again.run() == history
    assert all(torch.equal(same.weights()[n], t) for n, t in network.weights().items())


def test_what_is_frozen_stays_and_the_last_half_learns(tmp_path: Path) -> None:
    trainer, network = small_trainer(tmp_path, replace(QUICK, keep="last"))
    before = {name: tensor.clone() for name, tensor in network.backbone.state_dict().items()}
    trainer.run()
    changed = {n for n, t in network.backbone.state_dict().items() if not torch.equal(t, before[n])}
    # Batch norms keep their statistics; only weights and biases of the last half have moved.
    assert changed == {
        f"{layer}.{kind}"
        for layer in network.last_half
        for kind in ("weight", "bias")
        if f"{layer}.{kind}" in before
    }
    assert network.last_half == {"middle.1", "last.0", "last.1"}


def test_it_learns_and_the_best_epoch_is_kept(tmp_path: Path) -> None:
    half = replace(QUICK.phases[1], epochs=8, rate=1e-2, head_rate=1e-2)
    trainer, _ = small_trainer(tmp_path, replace(QUICK, phases=(QUICK.phases[0], half)))
    history = trainer.run()
    assert history[-1]["loss"] < history[0]["loss"] / 2
    best = min(epoch["validation_loss"] for epoch in history)
    _, classes = flat_pictures()
    logits = predicted(trainer)
    loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(classes[VALIDATION]))
    assert float(loss) == pytest.approx(best, abs=1e-3)


def test_where_there_is_no_room_nothing_is_kept_and_much_the_same_is_learned(
    tmp_path: Path,
) -> None:
    kept = without_times(small_trainer(tmp_path / "kept")[0].run())
    anew = without_times(small_trainer(tmp_path / "anew", most_bytes=0)[0].run())
    assert not (tmp_path / "anew" / "activations.npy").exists()
    assert (tmp_path / "kept" / "activations.npy").exists()
    assert [e["validation_loss"] for e in anew] == pytest.approx(
        [e["validation_loss"] for e in kept], abs=0.02
    )


def test_the_rate_is_halved_after_three_epochs_without_gain_and_the_phase_ends_after_ten() -> None:
    phase = CLASSIC.phases[1]
    position = Position(phase=1)
    after_epoch(position, phase, 1.0)
    factors = []
    for _ in range(10):
        after_epoch(position, phase, 1.0)
        factors.append(position.factor)
    assert factors == [1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125]
    assert position.unlucky == phase.patience == 10
    after_epoch(position, phase, 0.9)
    assert (position.unlucky, position.waited, position.factor) == (0, 0, 0.125)


def test_a_phase_that_gains_nothing_ends_early(tmp_path: Path) -> None:
    still = replace(QUICK.phases[1], epochs=30, rate=0.0, head_rate=0.0, patience=4)
    trainer, _ = small_trainer(tmp_path, replace(QUICK, phases=(QUICK.phases[0], still)))
    assert len(trainer.run()) == 2 + 1 + 4
