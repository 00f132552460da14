"""A mistyped --home: nothing is made of it by a command that only reads."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ui.cli import app

READING = [
    ["artworks", "list"],
    ["artworks", "edit", "1", "--title", "x"],
    ["jobs", "list"],
    ["index", "status"],
    ["duplicates"],
    ["artists", "list"],
    ["reconcile"],
    ["search", "00000000-0000-0000-0000-000000000000"],
    ["identify", "picture.png"],
    ["evaluate", "index"],
    ["reembed", "--model", "colour_grid"],
    ["export", "exported"],
]


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_a_command_that_reads_makes_no_collection(tmp_path: Path, command: list[str]) -> None:
    home = tmp_path / "mistyped"
    result = CliRunner().invoke(app, [*command, "--home", str(home)], env={"COLUMNS": "500"})
    assert result.exit_code == 1
    assert "there is no collection" in result.output
    assert not home.exists()


def test_the_home_and_what_makes_a_collection_are_named(tmp_path: Path) -> None:
    home = tmp_path / "mistyped"
    result = CliRunner().invoke(app, ["artworks", "list", "--home", str(home), "--json"])
    assert result.exit_code == 1
    assert f"there is no collection in {home}" in result.stdout
    assert "vasari ingest folder" in result.stdout
