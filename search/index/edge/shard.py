"""A shard of Qdrant Edge whose failures are Vasari's own.

The engine raises bare exceptions, and where it panics one that is no ``Exception`` at all.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar
from uuid import UUID

import qdrant_edge as qe

from search.index.contract import IndexFault
from search.index.disk_space import DiskFull, free_bytes, is_full
from search.index.edge.seal import UNFINISHED, Seal

SCARCE_BYTES = 128 << 20
"""With more room than this, a shard is opened without a thought."""

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def asked(
    folder: Path,
    step: Callable[Arguments, Result],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> Result:
    """Have the engine take a step in a folder, and return what it gives.

    Raises:
        IndexFault: it failed, or panicked.
        DiskFull: for want of room.
    """
    try:
        return step(*args, **kwargs)
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        if is_full(error):
            raise DiskFull(folder) from error
        if not folder.is_dir():
            raise IndexFault(
                f"the embedded index in {folder} was removed while it was open: put the folder "
                "back, or run the ingest again to make it anew from the pictures"
            ) from error
        raise damaged(folder, str(error)) from error


def damaged(folder: Path, reason: str) -> IndexFault:
    """Return the error for a part of the index that cannot be read."""
    return IndexFault(
        f"the embedded index in {folder} is damaged ({reason}). It can be made anew from the "
        "pictures: move the folder `index` away and run the ingest again"
    )


def _opening_kills(folder: Path) -> bool:
    """Tell whether the operating system ends a process that opens a shard.

    Most file systems let a full disk be read. Those in memory need room even for that.
    """
    program = "import sys, qdrant_edge; qdrant_edge.EdgeShard.load(sys.argv[1]).close()"
    command = [sys.executable, "-c", program, str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode < 0  # noqa: S603


class Shard:
    """An open shard, and the seal of the generation that it lies in.

    Args:
        folder: the shard's own, in that of its generation.

    Attributes:
        optimized: whether all graphs are known to be built.
    """

    def __init__(self, folder: Path, engine: qe.EdgeShard) -> None:
        self.folder = folder
        self.engine = engine
        self._seal = Seal(folder.parent)
        self._written = False
        self.optimized = self._seal.optimized

    @classmethod
    def load(cls, folder: Path) -> "Shard":
        """Open the shard in a folder.

        Raises:
            IndexFault: it is damaged.
            DiskFull: there is no room to open it.
        """
        if (danger := Seal(folder.parent).dangerous()) is not None:
            raise damaged(folder, danger)
        # What was being built when a process was killed, which the engine leaves lying there.
        for unfinished in (folder.parent / UNFINISHED).glob("*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        if free_bytes(folder) < SCARCE_BYTES and _opening_kills(folder):
            raise DiskFull(folder)
        return cls(folder, asked(folder, qe.EdgeShard.load, str(folder)))

    @classmethod
    def create(cls, folder: Path, config: qe.EdgeConfig) -> "Shard":
        """Make a shard in a folder that is empty."""
        made = cls(folder, asked(folder, qe.EdgeShard.create, str(folder), config))
        made._written = True
        return made

    def damaged_files(self) -> list[str]:
        """Return the files of the generation that are not as they were written."""
        return self._seal.damaged()

    def update(self, operation: qe.UpdateOperation) -> None:
        """Write.

        Raises:
            IndexFault: files of the generation are damaged.
        """
        self._begin_writing()
        self.optimized = False
        asked(self.folder, self.engine.update, operation)

    def query_batch(self, request: qe.QueryBatchRequest) -> list[list[qe.ScoredPoint]]:
        """Answer several requests at once."""
        return asked(self.folder, self.engine.query_batch, request)

    def scroll(self, request: qe.ScrollRequest) -> tuple[list[qe.Record], str | int | UUID | None]:
        """Return a page of points, and where the next begins."""
        return asked(self.folder, self.engine.scroll, request)

    def count(self, request: qe.CountRequest) -> int:
        """Count points."""
        return asked(self.folder, self.engine.count, request)

    def retrieve(
        self, ids: Sequence[UUID], with_payload: bool, with_vector: bool | list[str]
    ) -> list[qe.Record]:
        """Return points by their ids."""
        return asked(self.folder, self.engine.retrieve, list(ids), with_payload, with_vector)

    def info(self) -> "qe.ShardInfo":
        """Return what the shard holds."""
        return asked(self.folder, self.engine.info)

    def optimize(self) -> None:
        """Build what is missing of the graphs.

        Raises:
            IndexFault: files of the generation are damaged.
        """
        if not self.optimized:
            self._begin_writing()
            asked(self.folder, self.engine.optimize)
            self.flush()
            self.optimized = True

    def flush(self) -> None:
        """Write everything out."""
        asked(self.folder, self.engine.flush)

    def close(self) -> None:
        """Write everything out, let go of the shard, and seal what was written."""
        self.flush()
        asked(self.folder, self.engine.close)
        if self._written:
            # The engine tidies up when it opens a shard: let it do so before the seal.
            asked(self.folder, asked(self.folder, qe.EdgeShard.load, str(self.folder)).close)
            self._seal.put_on(optimized=self.optimized)

    def _begin_writing(self) -> None:
        if self._written:
            return
        if names := self._seal.damaged():
            raise IndexFault(
                f"the embedded index in {self.folder.parent} is damaged: {len(names)} of its files "
                f"are not as they were written, such as {names[0]}. `vasari reconcile --fix` "
                "repairs it"
            )
        self._seal.break_open()
        self._written = True
