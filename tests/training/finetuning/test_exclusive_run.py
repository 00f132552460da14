"""Runs of one name keep out of each other's way."""

from pathlib import Path

import pytest

from training.finetuning.exclusive_run import AlreadyRunning, exclusive_run


def test_two_runs_of_one_name_are_kept_apart_and_of_two_names_are_not(tmp_path: Path) -> None:
    models = tmp_path / "models"
    with exclusive_run(models, "monet"):
        with pytest.raises(AlreadyRunning, match="another process is training monet"):
            exclusive_run(models, "monet").__enter__()
        with exclusive_run(models, "manet"):
            pass
    with exclusive_run(models, "monet"):
        pass
