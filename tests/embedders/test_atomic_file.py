"""Files that are there whole or not at all, whatever kills whoever writes them."""

import os
import signal
from pathlib import Path

from embedders.atomic_file import atomic_file


def test_what_a_killed_process_left_is_gone_after_the_next_write(tmp_path: Path) -> None:
    path = tmp_path / "model [1].json"
    child = os.fork()
    if child == 0:
        with atomic_file(path) as unfinished:
            unfinished.write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert len(list(tmp_path.iterdir())) == 1
    with atomic_file(path) as unfinished:
        unfinished.write_text("whole")
    assert [file.read_text() for file in tmp_path.iterdir()] == ["whole"]


def test_two_who_write_one_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    with atomic_file(path) as first:
        first.write_text("first")
        with atomic_file(path) as second:
            second.write_text("second")
        assert path.read_text() == "second"
    assert path.read_text() == "first"
