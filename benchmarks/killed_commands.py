"""The commands that ``random_kills`` kills, and collections for each to be run on."""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import SecretStr

from benchmarks.forked_commands import environment_of, run_command
from deployment import Deployment
from settings import Settings
from tests.pictures import make_folder
from tests.servers.postgres import PostgresServer, running_postgres
from tests.servers.qdrant import QdrantServer, running_qdrant

WORKS = 60
DELETED = 20
SECONDS = 600.0


@dataclass(frozen=True)
class Scenario:
    """A command, and what there is before it.

    Args:
        home: what the home holds: ``empty``, ``full`` or ``edges`` (one model of two).
        command: with ``{pictures}``, ``{exported}``, ``{qdrant}``, ``{alias}`` and ``{database}``.
        served: the collection is on servers.
        before: commands that bring it there.
    """

    name: str
    home: str
    command: tuple[str, ...]
    served: bool = False
    before: tuple[tuple[str, ...], ...] = ()


_PROMOTE = (
    "promote", "--to-qdrant", "{qdrant}", "--to-alias", "{alias}", "--to-database", "{database}",
)  # fmt: skip
_INGEST = ("ingest", "folder", "{pictures}")
_REEMBED = ("reembed", "--model", "colour_grid")

SCENARIOS = (
    Scenario("ingest", "empty", _INGEST),
    Scenario("import", "empty", ("import", "{exported}")),
    Scenario("reembed", "edges", _REEMBED),
    Scenario("delete", "full", ("artworks", "delete", "--yes", "{works}")),
    Scenario(
        "fit-projection", "full", ("fit-projection", "--label", "artist", "--model", "edge_grid")
    ),
    Scenario("promote", "full", _PROMOTE, served=True),
    Scenario("reembed-served", "edges", _REEMBED, served=True, before=(_PROMOTE,)),
    Scenario(
        "worker",
        "empty",
        ("worker", "--until-empty"),
        served=True,
        before=((*_INGEST, "--queue-only"),),
    ),
)


@dataclass(frozen=True)
class Place:
    """Where a command is run, and on which collection."""

    folder: Path
    home: Path
    command: list[str]
    environment: dict[str, str]
    settings: Settings

    def opened(self) -> Deployment:
        """Open the collection that the command is to bring about."""
        return Deployment(self.settings)

    def left_over(self) -> list[str]:
        """Return files that a process which ended has no more use for."""
        return [
            str(path.relative_to(self.home))
            for pattern in ("*.part", "*.unfinished", "*.building", "*.new")
            for path in self.home.rglob(pattern)
        ]


class Workplace:
    """Templates of collections, and servers.

    Args:
        folder: an empty one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pictures = make_folder(folder / "pictures", WORKS)
        self._servers: tuple[QdrantServer, PostgresServer] | None = None
        self._running = ExitStack()
        self._made: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @contextmanager
    def place(self, scenario: Scenario, name: str) -> Iterator[Place]:
        """Give a fresh collection for a command; it is gone afterwards."""
        folder = self._folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        home = folder / "home"
        shutil.copytree(self._template(scenario.home), home)
        words: dict[str, Any] = {
            "pictures": str(self._pictures),
            "works": self._works() if "{works}" in scenario.command else [],
            "exported": str(self._exported()) if "{exported}" in scenario.command else "",
        }
        # The servers are on loopback, which commands reach nothing beyond.
        environment = environment_of(home) | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        settings = Settings(home=home, models=_MODELS)
        with ExitStack() as kept:
            if scenario.served:
                qdrant, postgres = self._running_servers()
                alias = kept.enter_context(qdrant.unique_alias())
                database = kept.enter_context(postgres.fresh_database())
                words |= {"qdrant": qdrant.url, "alias": alias, "database": database}
                served = {
                    "VASARI_QDRANT_URL": qdrant.url,
                    "VASARI_QDRANT_ALIAS": alias,
                    "VASARI_DATABASE_URL": database,
                }
                settings = settings.model_copy(
                    update={
                        "qdrant_url": qdrant.url,
                        "qdrant_alias": alias,
                        "database_url": SecretStr(database),
                    }
                )
                for before in scenario.before:
                    at_home = before[0] == "promote"
                    _run(_filled(before, words), environment | ({} if at_home else served), folder)
                if scenario.command[0] != "promote":
                    environment |= served
            command = _filled(scenario.command, words)
            yield Place(folder, home, command, environment, settings)

    def _template(self, name: str) -> Path:
        home = self._folder / f"template-{name}"
        if name not in self._made:
            home.mkdir()
            models = [] if name == "full" else ["--model", "edge_grid"]
            if name != "empty":
                command = ["ingest", "folder", str(self._pictures), *models]
                _run(command, environment_of(home), self._folder)
            self._made.add(name)
        return home

    def _exported(self) -> Path:
        folder = self._folder / "exported"
        if not folder.exists():
            _run(["export", str(folder)], environment_of(self._template("full")), self._folder)
        return folder

    def _works(self) -> list[str]:
        home = self._template("full")
        listed = _run(["artworks", "list", "--json"], environment_of(home), self._folder)
        return [work["id"] for work in json.loads(listed)["artworks"]][:DELETED]

    def _running_servers(self) -> tuple[QdrantServer, PostgresServer]:
        if self._servers is None:
            self._servers = (
                self._running.enter_context(running_qdrant()),
                self._running.enter_context(running_postgres()),
            )
        return self._servers


_MODELS = ("colour_grid", "edge_grid")


def _filled(command: tuple[str, ...], words: dict[str, Any]) -> list[str]:
    filled: list[str] = []
    for word in command:
        filled += words["works"] if word == "{works}" else [word.format(**words)]
    return filled


def _run(command: list[str], environment: dict[str, str], folder: Path) -> str:
    ended = run_command(command, environment, folder, seconds=SECONDS)
    if ended.code != 0:
        raise RuntimeError(f"{command} failed: {ended.messages}")
    return ended.output
