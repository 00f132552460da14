"""Runs of one name keep out of each other's way."""

from pathlib import Path

import pytest

from training.finetuning.turn import AlreadyRunning, alone


def test_two_runs_of_one_name_are_kept_apart_and_of_two_names_are_not(tmp_path: Path) -> None:
    models = tmp_path / "models"
    with alone(models, "monet"):
        with pytest.raises(AlreadyRunning, match="another process is teaching monet"):
            alone(models, "monet").__enter__()
        with alone(models, "manet"):
            pass
    with alone(models, "monet"):
        pass
