"""Whatever happens: one sentence, an exit code, and under --json exactly one document."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ui.catch_all import FAULT, MISUSED, REFUSED
from ui.cli import app

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, home: Path, **environment: str) -> Result:
    return CliRunner().invoke(
        app, list(arguments), env={"VASARI_HOME": str(home), "VASARI_MODELS": "", **environment}
    )


def process(*arguments: str, home: Path, **options: Any) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "ui.main", *arguments],
        cwd=ROOT,
        env=dict(os.environ) | {"VASARI_HOME": str(home)},
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Have `artworks list` fail in a way that nobody foresaw."""

    def fail_with(error: BaseException) -> None:
        def fail(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr("ui.commands.artworks.list_artworks", fail)

    return fail_with


@pytest.mark.parametrize(
    "arguments",
    [
        ["artworks", "list", "--nothing"],
        ["artworks", "lst"],
        ["artworks", "show"],
        ["artworks", "list", "--limit", "many"],
        ["artworks", "list", "--limit", "-1"],
        ["index", "check", "--queries", "0"],
    ],
)
def test_a_command_line_that_makes_no_sense_gives_one_document(
    arguments: list[str], empty_home: Path
) -> None:
    answer = run(*arguments, "--json", home=empty_home)
    assert answer.exit_code == MISUSED
    said = json.loads(answer.stdout)["error"]
    assert said in answer.stderr
    assert "--help`" in said
    assert answer.stderr.count("\n") == 1
    plain = run(*arguments, home=empty_home)
    assert (plain.exit_code, plain.stdout) == (MISUSED, "")


def test_what_nobody_foresaw_is_one_sentence_and_its_traceback_a_file(
    empty_home: Path, fault: Callable[[BaseException], None]
) -> None:
    fault(LookupError("lost \x1b[31m key-of-the-house"))
    home = empty_home
    secret = {"VASARI_QDRANT_API_KEY": "key-of-the-house"}
    answer = run("artworks", "list", "--json", home=home, **secret)
    assert answer.exit_code == FAULT
    (log,) = (home / "logs").iterdir()
    assert str(log) in json.loads(answer.stdout)["error"]
    assert "Traceback" not in answer.output
    assert "\x1b" not in answer.output
    assert "key-of-the-house" not in answer.output
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    kept = log.read_text()
    assert "Traceback" in kept
    assert "LookupError" in kept
    assert "key-of-the-house" not in kept


def test_the_traceback_is_shown_instead_where_it_is_asked_for(
    empty_home: Path, fault: Callable[[BaseException], None]
) -> None:
    fault(LookupError("lost"))
    answer = run("--debug", "artworks", "list", "--json", home=empty_home)
    assert answer.exit_code == FAULT
    assert "Traceback" in answer.stderr
    assert list(json.loads(answer.stdout)) == ["error"]
    assert not (empty_home / "logs").exists()


def test_a_home_that_cannot_be_written_to_leaves_the_file_among_temporary_ones(
    empty_home: Path,
    tmp_path: Path,
    fault: Callable[[BaseException], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fault(LookupError("lost"))
    home = empty_home
    (home / "logs").write_text("in the way")
    elsewhere = tmp_path / "temporary"
    elsewhere.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    answer = run("artworks", "list", home=home)
    (log,) = elsewhere.iterdir()
    assert log.name in answer.stderr.replace("\n", "")


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device", "/a/b"),
        OSError(36, "File name too long", "/a/b"),
        OverflowError("int too large"),
        MemoryError(),
    ],
)
def test_what_is_no_fault_of_vasari_is_said_without_a_file(
    error: BaseException, empty_home: Path, fault: Callable[[BaseException], None]
) -> None:
    fault(error)
    answer = run("artworks", "list", home=empty_home)
    assert answer.exit_code == REFUSED
    assert answer.stderr.startswith("Error: ")
    assert not (empty_home / "logs").exists()


def test_nothing_is_printed_twice_where_an_answer_is_out_already(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ui.output import print_json

    def print_and_fail(document: object, *_tables: object, as_json: bool) -> None:
        assert as_json
        print_json(document)
        raise LookupError("lost")

    monkeypatch.setattr("ui.commands.artworks.present", print_and_fail)
    answer = run("artworks", "list", "--json", home=empty_home)
    assert answer.exit_code == FAULT
    assert json.loads(answer.stdout)["total"] == 0


@pytest.mark.slow
def test_an_answer_that_cannot_be_written_is_one_sentence(empty_home: Path) -> None:
    with Path("/dev/full").open("w") as full:
        running = process("artworks", "list", "--json", home=empty_home, stdout=full)
        said = running.communicate(timeout=120)[1]
    assert running.returncode == REFUSED
    assert said.startswith("Error: ")
    assert "the disk is full" in said
    assert said.count("\n") == 1


@pytest.mark.slow
def test_a_reader_that_has_gone_is_one_sentence(empty_home: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    running = process("artworks", "list", home=empty_home, stdout=writing)
    os.close(writing)
    said = running.communicate(timeout=120)[1]
    assert running.returncode == REFUSED
    assert said.startswith("Error: ")
    assert said.count("\n") == 1


def test_a_closed_stdout_is_refused_before_anything_is_opened(tmp_path: Path) -> None:
    line = f'"{sys.executable}" -m ui.main artworks list >&-'
    done = subprocess.run(
        line, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == REFUSED
    assert done.stderr.startswith("Error: stdout is closed")
