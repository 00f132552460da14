"""Mutation testing by sample: how many small faults in the code do the tests nearest to it find?

Mutants are drawn evenly from every place in the sources that can be mutated: comparisons,
arithmetic, numbers, booleans, conditions, returned values and statements that are only run for
their effect. Each is tried in a copy of the tree, in a forked process that has the slow libraries
already: first the tests that mirror the module, then those fewest imports away from it. A failure
counts only if the test passes without the mutant.

    nice python -m benchmarks.mutants [--count 100] [--seed 1] [--only 3,17]
"""

import ast
import compileall
import importlib
import multiprocessing
import os
import py_compile
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Annotated

import pytest
import typer

from tests.servers import postgres, qdrant

SOURCES = ("search", "catalog", "ingest")
WITHOUT = "ingest/sample/"
TEST_FILES = 3
"""How many of the nearest test files a mutant is shown to."""

SECONDS = 90
LOG = "pytest.log"
SLOW_LIBRARIES = ["torch", "cv2", "sklearn.decomposition", "scipy.stats", "pandas", "hypothesis"]
SLOW_LIBRARIES += ["sqlalchemy.orm", "alembic", "qdrant_client", "qdrant_edge"]

_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult,
}  # fmt: skip
_LOG = re.compile(r"(log|logger|logging|warnings)\.\w+\(")
_FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Mutant:
    """One fault: the bytes from ``start`` to ``end`` of a file, and what stands there instead."""

    path: str
    line: int
    start: int
    end: int
    before: str
    after: str

    def __str__(self) -> str:
        """Return where it is, and what it changes."""
        before, after = (" ".join(text.split())[:60] for text in (self.before, self.after))
        return f"{self.path}:{self.line}  {before}  =>  {after}"


def main(
    count: Annotated[int, typer.Option(help="Mutants to draw.")] = 100,
    seed: int = 1,
    only: Annotated[str, typer.Option(help="Numbers of the draw to try, with commas.")] = "",
) -> None:
    """Draw mutants, try each, and print which survived and the share that was killed."""
    files = subprocess.check_output(["git", "ls-files"], text=True).split("\n")[:-1]
    python = [name for name in files if name.endswith(".py")]
    sources = [name for name in python if name.startswith(SOURCES) and WITHOUT not in name]
    drawn = random.Random(seed).sample([m for name in sources for m in mutants(name)], count)
    numbers = [int(number) for number in only.split(",")] if only else range(len(drawn))
    for library in SLOW_LIBRARIES:
        importlib.import_module(library)
    importing = importers(python)
    results = Counter[str]()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        os.environ[qdrant.NAMED_BY] = servers.enter_context(qdrant.running_qdrant()).url
        os.environ[postgres.NAMED_BY] = servers.enter_context(postgres.running_postgres()).url
        tree = Path(folder)
        for name in files:
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(name, tree / name)
        by_content = py_compile.PycInvalidationMode.CHECKED_HASH  # mutants may be of equal size
        compileall.compile_dir(folder, quiet=2, invalidation_mode=by_content)
        for number in numbers:
            result, by = tried(drawn[number], nearest_tests(drawn[number].path, importing), tree)
            results[result] += 1
            print(f"{number:3} {result:8} {drawn[number]}  {by}", flush=True)
    print(f"{dict(results)}: {results['killed'] / len(numbers):.0%} killed")


def mutants(path: str) -> Iterator[Mutant]:
    """Return every mutant of a file."""
    source = Path(path).read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for node in _running(ast.parse(source)):
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        for after in _faults(node):
            yield Mutant(path, node.lineno, start, end, source[start:end].decode(), after)


def _running(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Yield the statements and expressions that run: no types, messages, decorators, docstrings."""
    if isinstance(node, ast.Raise | ast.JoinedStr) or _LOG.match(ast.unparse(node)):
        return
    if isinstance(node, ast.expr | ast.stmt):
        yield node
    for field, value in ast.iter_fields(node):
        if field not in {"annotation", "returns", "decorator_list"}:
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _running(child)


def _faults(node: ast.expr | ast.stmt) -> Iterator[str]:
    """Yield what may stand in a node's place."""
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in _SWAPS:
            yield _changed(node, ops=[_SWAPS[type(operator)]()])
        case ast.BinOp(op=operator) | ast.BoolOp(op=operator) if type(operator) in _SWAPS:
            yield _changed(node, op=_SWAPS[type(operator)]())
        case ast.Constant(value=bool() as value):
            yield str(not value)
        case ast.Constant(value=int() | float() as value):
            yield f"({value + 1})"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield f"({ast.unparse(operand)})"
        case ast.IfExp(body=body, orelse=orelse):
            yield _changed(node, body=orelse, orelse=body)
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            yield "return None"
        case ast.Expr(value=ast.Call()) | ast.AugAssign():
            yield "pass"


def _changed(node: ast.expr, **fields: object) -> str:
    return f"({ast.unparse(type(node)(**{**vars(node), **fields}))})"


def importers(files: list[str]) -> dict[str, set[str]]:
    """Return module -> the files that import it, or a name of it."""
    found: dict[str, set[str]] = {}
    for file in files:
        for node in ast.walk(ast.parse(Path(file).read_bytes())):
            if isinstance(node, ast.ImportFrom):
                for name in ("", *(f".{alias.name}" for alias in node.names)):
                    found.setdefault(f"{node.module}{name}", set()).add(file)
    return found


def nearest_tests(path: str, importing: dict[str, set[str]]) -> list[str]:
    """Return the test file that mirrors a module, then others by their distance in imports."""
    distances, queue = {path: 0}, deque([path])
    while queue:
        name = queue.popleft()
        module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for importer in sorted(importing.get(module, set()) - distances.keys()):
            distances[importer] = distances[name] + 1
            queue.append(importer)
    mirrored = f"tests/{PurePath(path).parent}/test_{PurePath(path).name}"
    tests = [name for name in {*distances, mirrored} if "/test_" in name and Path(name).exists()]

    def order(test: str) -> tuple[bool, bool, int, int, str]:
        shared = len(os.path.commonpath([test, mirrored]))
        return test != mirrored, "/ui/" in test, distances.get(test, 0), -shared, test

    return sorted(tests, key=order)[:TEST_FILES]


def tried(mutant: Mutant, tests: list[str], tree: Path) -> tuple[str, str]:
    """Return what the tests said of a mutant, and which of them failed."""
    file = tree / mutant.path
    source = file.read_bytes()
    file.write_bytes(source[: mutant.start] + mutant.after.encode() + source[mutant.end :])
    passed, said = _run(tests, tree)
    file.write_bytes(source)
    if passed is not False:
        return "survived" if passed else "timeout", ", ".join(tests)
    failed = _FAILED.findall(said)[:1]
    return "killed" if failed and _run(failed, tree)[0] else "broken", str(failed)


def _run(tests: list[str], tree: Path) -> tuple[bool | None, str]:
    """Run tests in a fork of this process; ``None`` where they take too long."""
    child = multiprocessing.get_context("fork").Process(target=_pytest, args=(tests, tree))
    child.start()
    child.join(SECONDS)
    code = child.exitcode
    with suppress(ProcessLookupError):
        os.killpg(child.pid or 0, signal.SIGKILL)  # what a test left behind ends, too
    child.join()
    return None if code is None else code in {0, 5}, (tree / LOG).read_text(errors="replace")


def _pytest(tests: list[str], tree: Path) -> None:
    os.setsid()
    os.chdir(tree)
    log = os.open(LOG, os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.path[0] = os.environ["PYTHONPATH"] = str(tree)
    sys.dont_write_bytecode = True
    os._exit(pytest.main(["-x", "-q", "--tb=no", "-p", "no:cacheprovider", *tests]))


if __name__ == "__main__":
    typer.run(main)
