"""The documents say what the code does: reference, commands and paths are checked against it."""

import json
import re
import shlex
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from docs.reference import generate
from embedders.torchvision_operators import import_networks
from tests.pictures import draw, write_table
from ui.cli import app

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
RUN = [page for page in PAGES if "```sh\n" in page.read_text("utf-8")]
WORKS = 24

NEEDS = {"internet", "docker", "servers", "pip", "ray", "collection"}
"""What a block of commands may say, after its language, that it needs and no test here has.

``collection`` is a real one: labels with enough works to learn from, or a museum's files.
"""

SERVES = ("vasari demo", "vasari serve", "vasari ui")
"""These run until Ctrl-C: tests/ui/test_demo.py and tests/ui/test_serving.py run them."""


@dataclass(frozen=True)
class Block:
    """Commands that stand together in a page, and what follows them up to the next ones."""

    needs: str
    commands: tuple[tuple[str, ...], ...]
    text: str


def blocks(page: Path) -> list[Block]:
    """Return the blocks of shell commands of a page."""
    _, *parts = re.split(r"^```sh *", page.read_text("utf-8"), flags=re.MULTILINE)
    found = []
    for part in parts:
        code, _, text = part.partition("```")
        needs, _, lines = code.partition("\n")
        commands = [
            shlex.split(line, comments=True) for line in lines.replace("\\\n", " ").split("\n")
        ]
        found.append(Block(needs, tuple(tuple(each) for each in commands if each), text))
    return found


@pytest.mark.parametrize("page", generate.PAGES)
def test_the_reference_says_what_the_code_says(page: str) -> None:
    written = (generate.HERE / page).read_text("utf-8")
    assert written == generate.PAGES[page](), "run: python -m docs.reference.generate"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_in_a_document_exists(page: Path) -> None:
    known = dict(generate.walk())
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for block in blocks(page):
        assert block.needs in NEEDS | {""}
        for command in block.commands:
            words = [word for word in command if not re.fullmatch(r"[A-Z_]+=.*", word)]
            program = Path(words[0]).name
            if program == "vasari":
                _parse(words[1:], known)
            elif program == "make":
                assert words[1] in targets
            elif program == "pytest":
                assert all((ROOT / word).exists() for word in words[1:] if word.endswith("/"))
            elif program == "python":
                _, _, module, *options = words
                spec = find_spec(module)
                assert spec is not None
                assert spec.origin is not None
                source = Path(spec.origin).read_text("utf-8").replace("-", "_")
                for option in options:
                    name = option.removeprefix("--").replace("-", "_")
                    assert not option.startswith("--") or name in source, (module, option)
            else:
                assert words[0] in {".", "export", "unset"} or block.needs, command


def _parse(words: Sequence[str], known: dict[str, Any]) -> None:
    """Find the command and parse its options, without looking for the files that it names."""
    if words[0] == "backup" and f"vasari backup {words[1]}" not in known:
        words = ["backup", "make", *words[1:]]
    names = [f"vasari {' '.join(words[:count])}" for count in (2, 1)]
    name = next(name for name in names if name in known)
    command, context = known[name]
    command.make_parser(context).parse_args(args=list(words[name.count(" ") :]))


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
            assert link.startswith("http") or (page.parent / link).exists(), (page, link)


def test_every_path_that_the_architecture_names_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)*(?:/|\.py))`", text))
    assert len(named) > 40
    assert not [path for path in named if not (ROOT / path).exists()]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that the documents' commands name, and a collection of it."""
    place = tmp_path_factory.mktemp("documents")
    rows = []
    for number in range(WORKS):
        row = {
            "file": f"{number:03d}.jpg",
            "title": f"Picture {number}",
            "artist": ("Claude Monet", "Juan Gris", "C. Monet")[number % 3],
            "style": ("Impressionism", "Cubism")[number % 2],
            "genre": ("landscape", "portrait")[number // 2 % 2],
            "year": str(1890 + number),
        }
        rows.append(row)
        for folder in (place / "paintings", place / "by-style" / row["style"]):
            folder.mkdir(parents=True, exist_ok=True)
            draw(number).save(folder / row["file"], quality=95)
    write_table(place / "paintings" / "works.csv", rows)
    write_table(
        place / "works.csv",
        [{"image": f"paintings/{row['file']}", "Titel": row["title"]} for row in rows],
    )
    copies = [{"group": "1", "file": row["file"], "relation": "copy"} for row in rows[:2]]
    write_table(place / "copies.csv", copies)
    draw(3).rotate(5).save(place / "photo.jpg")
    draw(4).save(place / "other.jpg")
    # The real network without its weights: the commands are looked at here, not their answers.
    (place / "weights").mkdir()
    torch.manual_seed(1)
    network = import_networks("torchvision.models").resnet50(weights=None)
    torch.save(network.state_dict(), place / "weights" / "resnet50.pth")
    with pytest.MonkeyPatch.context() as monkeypatch:
        _enter(place, monkeypatch)
        monkeypatch.setenv("VASARI_MODELS", "resnet50,colour_grid,edge_grid")
        assert _run("ingest", "folder", "~/paintings").exit_code == 0
    return place


def _enter(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.setenv("VASARI_WEIGHTS_DIR", str(place / "weights"))
    monkeypatch.setenv("VASARI_MODELS", "colour_grid,edge_grid")


def _run(*words: str) -> Any:
    return CliRunner().invoke(app, [re.sub("^~", str(Path.cwd()), word) for word in words])


@pytest.fixture
def beside_a_collection(
    prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """A copy of the folder as working directory and home. Returns ids by their names in pages."""
    place = tmp_path / "place"
    shutil.copytree(prepared, place, copy_function=lambda old, new: Path(new).hardlink_to(old))
    shutil.rmtree(place / ".vasari")
    shutil.copytree(prepared / ".vasari", place / ".vasari")
    (place / "demo-home").symlink_to(place / ".vasari")
    _enter(place, monkeypatch)
    listed = json.loads(_run("artworks", "list", "--limit", "2", "--json").stdout)["artworks"]
    return {name: work["id"] for name, work in zip(("WORK_ID", "OTHER_ID"), listed, strict=True)}


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_the_commands_of_a_document_run(
    page: Path, beside_a_collection: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for block in blocks(page):
        if block.needs:
            continue
        for program, *words in block.commands:
            if program == "export":
                monkeypatch.setenv(*words[0].split("=", 1))
            elif program == "unset":
                monkeypatch.delenv(words[0])
            elif program == "vasari" and not f"vasari {words[0]}".startswith(SERVES):
                done = _run(*(beside_a_collection.get(word, word) for word in words))
                assert done.exit_code == 0, (words, done.output)
                if "--json" in words:
                    _check_keys(json.loads(done.stdout), block.text)


def _check_keys(document: Any, text: str) -> None:
    """Compare a document's keys with those in the tables below its command."""
    for table in _tables(text):
        (path, _), _, *rows = table
        part = document
        for step in [] if path == "key" else re.findall(r"\[\]|\w+", path):
            if step == "[]":
                part = part[0]
            else:
                part = next(iter(part.values())) if step.isupper() else part[step]
        assert set(part) == {key for row in rows for key in re.findall(r"`(\w+)`", row[0])}, path


def _tables(text: str) -> Iterator[list[list[str]]]:
    for lines in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        yield [
            [cell.strip() for cell in line.strip("|\n").split("|")] for line in lines.splitlines()
        ]
