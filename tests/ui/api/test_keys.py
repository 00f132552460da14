"""Keys are made at the command line, and only their hashes are kept."""

import json

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from settings import Settings
from ui.api.keys import KeyCheck, Role
from ui.api.problems import ApiProblem
from ui.cli import app


def made(*arguments: str) -> dict[str, str]:
    done = CliRunner().invoke(app, ["users", "add-key", *arguments, "--json"])
    assert done.exit_code == 0, done.output
    document: dict[str, str] = json.loads(done.stdout)
    return document


def test_a_key_that_was_made_opens_what_its_entry_says() -> None:
    loans, desk = made("loans"), made("desk", "--role", "curator")
    assert loans["key"] not in loans["entry"]
    check = KeyCheck(Settings(api_keys=f"{loans['entry']}, {desk['entry']}"))  # type: ignore[arg-type]
    found = check(f"Bearer {desk['key']}")
    assert found is not None
    assert (found.name, found.role) == ("desk", Role.CURATOR)
    assert check(None) is None
    for wrong in (f"Basic {desk['key']}", "Bearer ", f"Bearer {desk['key']}x", "Bearer \udcff"):
        with pytest.raises(ApiProblem, match="not known"):
            check(wrong)


@pytest.mark.parametrize("name", ["", "a:b", "a b", "x" * 65, "ü"])
def test_names_that_would_spoil_the_entry_are_refused(name: str) -> None:
    done = CliRunner().invoke(app, ["users", "add-key", "--", name])
    assert done.exit_code == 1
    assert "no name of a key" in done.output


@pytest.mark.parametrize("entry", ["loans", "loans:read", "loans:owner:" + "0" * 64, "a:read:xyz"])
def test_entries_that_are_none_are_refused_without_being_shown(entry: str) -> None:
    with pytest.raises(ValidationError, match="NAME:ROLE:HASH") as refused:
        Settings(api_keys=(entry,))
    assert entry not in str(refused.value)
