"""Ctrl-C: one line, exit code 130, and the second ends the process wherever it is."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

WAITING = """
import os, sys, time
from ui import main
import ui.interrupts
import ui.commands.artworks as artworks
def hang(*_, **__):
    print("hanging", file=sys.stderr, flush=True)
    {hang}
artworks.list_artworks = hang
sys.argv = ["vasari", "artworks", "list", "--json"]
main.main()
"""


def start(hang: str, home: Path) -> "subprocess.Popen[str]":
    code = WAITING.format(hang=hang)
    running = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"VASARI_HOME": str(home), "PATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    assert running.stderr.readline() == "hanging\n"
    return running


@pytest.mark.slow
def test_ctrl_c_ends_a_command_with_one_line(empty_home: Path) -> None:
    running = start("time.sleep(60)", empty_home)
    running.send_signal(signal.SIGINT)
    output, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert said == "Error: Interrupted.\n"
    assert json.loads(output) == {"error": "Interrupted."}


@pytest.mark.slow
@pytest.mark.parametrize(
    "hang",
    [
        "try: time.sleep(60)\n    finally: time.sleep(60)",
        # What lets a request pass, as a job does that finishes its batch.
        "from ingest.interruption import Interruption\n    with Interruption(): time.sleep(60)",
    ],
)
def test_the_second_ctrl_c_ends_what_hangs(hang: str, empty_home: Path) -> None:
    running = start(hang, empty_home)
    for _ in range(2):
        running.send_signal(signal.SIGINT)
        time.sleep(0.3)
    _, said = running.communicate(timeout=10)
    assert running.returncode == 130
    assert said.endswith("Interrupted.\n")
    assert said.count("\n") == 1


@pytest.mark.slow
def test_what_an_interruption_is_turned_into_is_not_shown(empty_home: Path) -> None:
    hang = "try: time.sleep(60)\n    except KeyboardInterrupt: raise ImportError('numpy') from None"
    running = start(hang, empty_home)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert (running.returncode, said) == (130, "Error: Interrupted.\n")


def test_ctrl_c_while_the_packages_are_imported_ends_with_one_line() -> None:
    code = """
import sys, time
class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "ui.cli":
            print("in", flush=True)
            time.sleep(60)
sys.meta_path.insert(0, Slow())
from ui.main import main
main()
"""
    running = subprocess.Popen(
        [sys.executable, "-c", code, "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    running.stdout.readline()
    running.send_signal(signal.SIGINT)
    output, said = running.communicate(timeout=30)
    assert (running.returncode, said) == (130, "Interrupted.\n")
    assert json.loads(output) == {"error": "Interrupted."}


def test_ctrl_c_while_the_interpreter_ends_leaves_the_exit_code_as_it_is() -> None:
    code = """
import time
from ui.interrupts import interrupts
interrupts.install()
class Slow:
    def __del__(self, sleep=time.sleep):
        sleep(1.5)
slow = Slow()
interrupts.finish(0)
print("done", flush=True)
"""
    running = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    running.stdout.readline()
    time.sleep(0.5)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert (running.returncode, said) == (0, "")
