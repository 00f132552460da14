import json
import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.training.finetuning.test_trainer import stop_after
from tests.training.finetuning.tiny import small_network, small_trainer
from training.finetuning.checkpoint import InvalidCheckpoint
from training.progress import Interrupted


class Bomb:
    """Makes a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.path}",)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """The checkpoint of a run that was cut short."""
    with pytest.raises(Interrupted):
        small_trainer(tmp_path, stop=stop_after(24))[0].run()
    return tmp_path / "checkpoint.safetensors"


@pytest.mark.slow
def test_a_pickle_with_code_is_refused_and_does_not_run(checkpoint: Path) -> None:
    fell = checkpoint.with_name("fell")
    torch.save({"learned/head.dense.weight": Bomb(fell)}, checkpoint)
    with pytest.raises(InvalidCheckpoint, match="it is no checkpoint"):
        small_trainer(checkpoint.parent)[0].run()
    assert not fell.exists()


@pytest.mark.slow
def test_a_file_cut_off_is_refused(checkpoint: Path) -> None:
    checkpoint.write_bytes(checkpoint.read_bytes()[:-100])
    with pytest.raises(InvalidCheckpoint, match="it is no checkpoint"):
        small_trainer(checkpoint.parent)[0].run()


def test_safetensors_that_are_no_checkpoint_are_refused(checkpoint: Path) -> None:
    save_file({"learned/a": torch.zeros(2)}, checkpoint)
    with pytest.raises(InvalidCheckpoint, match="does not say what run it belongs to"):
        small_trainer(checkpoint.parent)[0].run()


@pytest.mark.parametrize(
    "name",
    ["learned/head.dense.weight", "best/backbone.last.0.weight", "optimizer/0.exp_avg"],
)
def test_tensors_of_another_shape_are_refused(checkpoint: Path, name: str) -> None:
    tensors, header = _opened(checkpoint)
    tensors[name] = torch.zeros(3, 3)
    save_file(tensors, checkpoint, metadata=header)
    with pytest.raises(InvalidCheckpoint, match=r"\[3, 3\]"):
        small_trainer(checkpoint.parent)[0].run()


@pytest.mark.parametrize("name", ["learned/head.dense.weight", "optimizer/0.exp_avg"])
def test_missing_tensors_are_refused(checkpoint: Path, name: str) -> None:
    tensors, header = _opened(checkpoint)
    del tensors[name]
    save_file(tensors, checkpoint, metadata=header)
    with pytest.raises(InvalidCheckpoint):
        small_trainer(checkpoint.parent)[0].run()


def test_a_checkpoint_of_another_network_is_refused(checkpoint: Path) -> None:
    with pytest.raises(InvalidCheckpoint, match="not"):
        small_trainer(checkpoint.parent, network=small_network(classes=5))[0].run()


def test_a_checkpoint_of_another_run_is_refused_and_says_what_differs(checkpoint: Path) -> None:
    with pytest.raises(InvalidCheckpoint, match="another model, seed"):
        small_trainer(checkpoint.parent, run={"model": "resnet50", "seed": 2})[0].run()


@pytest.mark.parametrize("phase", ["half", -1, 3])
def test_a_checkpoint_beyond_the_recipe_is_refused(checkpoint: Path, phase: object) -> None:
    tensors, header = _opened(checkpoint)
    content = json.loads(header["vasari_training"])
    content["position"]["phase"] = phase
    save_file(tensors, checkpoint, metadata={"vasari_training": json.dumps(content)})
    with pytest.raises(InvalidCheckpoint):
        small_trainer(checkpoint.parent)[0].run()


def test_names_in_the_file_stay_so_that_a_run_begun_by_a_former_version_resumes(
    checkpoint: Path,
) -> None:
    tensors, header = _opened(checkpoint)
    content = json.loads(header["vasari_training"])
    assert {name.partition("/")[0] for name in tensors} == {"learned", "best", "optimizer"}
    assert content.keys() == {"format", "run", "position"}
    assert " ".join(content["position"]) == (
        "phase epoch history lowest phase_lowest factor waited unlucky"
    )


def _opened(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    data = path.read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return load_file(path), header["__metadata__"]
