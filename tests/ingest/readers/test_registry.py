"""The readers that there are, and what is said to who writes one that cannot be."""

import ast
from pathlib import Path
from typing import Annotated

import pytest

from ingest.readers.folder import FolderReader
from ingest.readers.reader import Option
from ingest.readers.registry import InvalidReader, parameters, readers

HERE = Path(__file__).parent


def _contract_tests() -> set[str]:
    """Return the names of the classes that this folder's contract tests return readers of."""
    returned = set()
    for path in HERE.glob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name == "make" and node.returns:
                returned.add(ast.unparse(node.returns))
    return returned


def test_every_source_that_is_promised_is_there() -> None:
    assert {"csv", "folder", "nga", "wikiart"} <= set(readers())


def test_every_reader_is_tested_by_the_contract() -> None:
    untested = {kind.__name__ for kind in readers().values()} - _contract_tests()
    assert not untested, f"write tests/ingest/readers/test_....py for {untested}"


class _Unexplained(FolderReader):
    name = "unexplained"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)


class _Plain(_Unexplained):
    def __init__(self, *, depth: Annotated[int, Option("How deep.")] = 3) -> None:
        super().__init__(Path())
        self.depth = depth


def test_a_parameter_that_says_nothing_of_itself_is_refused() -> None:
    with pytest.raises(InvalidReader, match=r"'folder' says nothing.*Annotated\[TYPE, Option"):
        parameters(_Unexplained)


def test_a_parameter_is_known_with_its_type_and_default() -> None:
    (parameter,) = parameters(_Plain)
    assert (parameter.name, parameter.type, parameter.default) == ("depth", int, 3)
    assert not parameter.is_argument
