"""What the import contracts cannot say: they see packages only."""

import ast
import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from errors import VasariError

ROOT = Path(__file__).resolve().parents[1]
ROOMS = {"catalog", "embedders", "search", "ingest", "evaluation", "training", "maintenance", "ui"}
PRODUCT = [
    path
    for place in [*ROOMS, "migrations"]
    for path in (ROOT / place).rglob("*.py")
    if "__pycache__" not in path.parts
] + [ROOT / name for name in ("errors.py", "redaction.py", "settings.py", "deployment.py")]


def _imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_errors_redaction_and_settings_import_no_room() -> None:
    for name in ("errors.py", "redaction.py", "settings.py"):
        assert not _imported(ROOT / name) & (ROOMS | {"deployment"})


@pytest.mark.slow
def test_every_exception_has_the_one_root_so_that_no_face_needs_a_list() -> None:
    defining = {
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        for path in PRODUCT
        if any(isinstance(node, ast.ClassDef) for node in ast.walk(ast.parse(path.read_text())))
    }
    if find_spec("ray") is None:
        defining.remove("ingest.engines.ray_data")
    # Python's own word on what they inherit from, by whatever name the bases are written.
    for module in defining:
        import_module(module)
    rootless = {
        kind.__name__
        for kind in _descendants(BaseException)
        if kind.__module__ in defining and not issubclass(kind, VasariError)
    }
    # A request to stop is no error, and a reader that breaks its contract is its author's to mend.
    assert rootless == {"Interrupted", "InvalidReader"}


def _descendants(kind: type[BaseException]) -> set[type[BaseException]]:
    children = set(kind.__subclasses__())
    return children.union(*map(_descendants, children))


def test_deployment_imports_no_face() -> None:
    assert "ui" not in _imported(ROOT / "deployment.py")


def test_nothing_but_the_settings_reads_the_environment() -> None:
    # A process that Vasari starts may be handed the environment as a whole, or told by it.
    reading = re.compile(r"os\.(getenv|environ(?!\)|\.update\())")
    readers = [
        path.relative_to(ROOT).as_posix()
        for path in PRODUCT
        if path.name != "settings_reading.py" and reading.search(path.read_text())
    ]
    assert readers == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    nameless = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert not [path for path in PRODUCT if path.stem in nameless or path.parent.name in nameless]


LONGEST_FILE, LONGEST_FUNCTION, MOST_PARAMETERS = 400, 70, 12


def test_no_file_is_too_long() -> None:
    tests = [
        path
        for name in ("tests", "benchmarks", "vasari_client")
        for path in (ROOT / name).rglob("*.py")
    ]
    long = {
        path for path in [*PRODUCT, *tests] if len(path.read_text().splitlines()) > LONGEST_FILE
    }
    assert not long


@pytest.mark.slow
def test_no_function_is_too_long_or_has_too_many_parameters() -> None:
    too_large = {
        f"{path.relative_to(ROOT).as_posix()}::{node.name}"
        for path in PRODUCT
        if "migrations" not in path.parts  # they stay as they once ran
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_too_large(path, node)
    }
    assert not too_large


def _is_too_large(path: Path, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    # A command's parameters are its options, each with its help, and its docstring is the help.
    declares_a_command = path.parent.name == "commands" and node.name.endswith("_command")
    first = node.body[1] if declares_a_command and len(node.body) > 1 else node
    lines = (node.end_lineno or 0) - first.lineno + 1
    given = node.args
    parameters = len(given.posonlyargs + given.args + given.kwonlyargs)
    return lines > LONGEST_FUNCTION or (parameters > MOST_PARAMETERS and not declares_a_command)
