"""The commands that ``random_kills`` kills, and collections for each to be run on."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pydantic import SecretStr

from benchmarks.campaign import Ended
from benchmarks.forked_commands import must_run, run_command
from deployment import Deployment
from settings import Settings
from tests.pictures import make_folder
from tests.servers.postgres import PostgresServer, running_postgres
from tests.servers.qdrant import QdrantServer, running_qdrant

WORKS = 60
DELETED = 20
PATIENCE_SECONDS = 300.0
PLACE = "backups"
"""Beside the home."""


@dataclass(frozen=True)
class Scenario:
    """A command, and what there is before it.

    Args:
        home: what the home holds: ``empty``, ``full`` or ``edges`` (one model of two).
        command: with ``{pictures}``, ``{exported}``, ``{place}``, ``{qdrant}``, ``{alias}`` and
            ``{database}``.
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
_BACKUP = ("backup", "{place}")
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
    Scenario("backup", "full", _BACKUP),
    Scenario("backup-again", "full", (*_BACKUP, "--incremental", "--keep", "1"), before=(_BACKUP,)),
    Scenario("restore", "empty", ("restore", "{backed_up}")),
    Scenario("restore-served", "empty", ("restore", "{backed_up}"), served=True),
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

    home: Path
    command: list[str]
    servers: dict[str, str]
    settings: Settings

    def run(
        self, *, seconds: float = PATIENCE_SECONDS, beforehand: Callable[[], None] = lambda: None
    ) -> Ended:
        """Run the command; see ``run_command``."""
        return run_command(
            self.command, self.home, seconds=seconds, more=self.servers, beforehand=beforehand
        )

    def opened(self) -> Deployment:
        """Open the collection that the command is to bring about, or that a backup brings back."""
        return Deployment(self.settings)

    def bring_back(self) -> list[str]:
        """Bring back what the command has backed up, and return what is wrong with its place."""
        if self.command[0] != "backup":
            return []
        place, home = self.home.parent / PLACE, self.home.with_name("back")
        home.mkdir()
        for line in (["backup", "verify", str(place)], ["restore", str(place)]):
            ended = run_command(line, home, more=self.servers)
            if ended.code != 0:
                return [f"{line}: {ended.tail()}"]
        shutil.rmtree(self.home)
        home.rename(self.home)
        return [f"left {path}" for path in place.rglob("*.part")]

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
        self._running = ExitStack()

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
            "works": self._works if "{works}" in scenario.command else [],
            "exported": self._exported if "{exported}" in scenario.command else "",
            "backed_up": self._backed_up if "{backed_up}" in scenario.command else "",
            "place": str(folder / PLACE),
        }
        # The servers are on loopback, which commands reach nothing beyond.
        more = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        then = more
        settings = Settings(home=home, models=_MODELS)
        with ExitStack() as kept:
            if scenario.served:
                qdrant, postgres = self._servers
                alias = kept.enter_context(qdrant.unique_alias())
                database = kept.enter_context(postgres.fresh_database())
                words |= {"qdrant": qdrant.url, "alias": alias, "database": database}
                served = more | {
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
                if scenario.command is not _PROMOTE:
                    then = served
            for before in scenario.before:
                must_run(_filled(before, words), home, more if before is _PROMOTE else then)
            yield Place(home, _filled(scenario.command, words), then, settings)

    def _template(self, name: str) -> Path:
        home = self._folder / f"template-{name}"
        if not home.exists():
            home.mkdir()
            models = [] if name == "full" else ["--model", "edge_grid"]
            if name != "empty":
                must_run(["ingest", "folder", str(self._pictures), *models], home)
        return home

    @cached_property
    def _exported(self) -> str:
        must_run(["export", folder := str(self._folder / "exported")], self._template("full"))
        return folder

    @cached_property
    def _backed_up(self) -> str:
        must_run(["backup", place := str(self._folder / "backed-up")], self._template("full"))
        return place

    @cached_property
    def _works(self) -> list[str]:
        listed = must_run(["artworks", "list", "--json"], self._template("full"))
        return [work["id"] for work in json.loads(listed)["artworks"]][:DELETED]

    @cached_property
    def _servers(self) -> tuple[QdrantServer, PostgresServer]:
        return (
            self._running.enter_context(running_qdrant()),
            self._running.enter_context(running_postgres()),
        )


_MODELS = ("colour_grid", "edge_grid")


def _filled(command: tuple[str, ...], words: dict[str, Any]) -> list[str]:
    filled: list[str] = []
    for word in command:
        filled += words["works"] if word == "{works}" else [word.format(**words)]
    return filled
