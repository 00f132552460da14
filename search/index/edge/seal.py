"""Checksums of a generation's files at rest, by which damage is noticed.

The engine keeps none of its vectors: bytes that a disk changed would be searched as if they were
right. A process that has written to a generation seals it when it closes it, and before the first
write to a sealed one the seal is checked and broken, so that no damage is ever sealed in. One that
was killed leaves no seal; the next that writes makes a new one.
"""

import errno
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from embedders.atomic_file import atomic_file

NAME = "seal.json"

_VECTORS = re.compile(r"/vector_storage-([^/]+)/(?!quantized)")
_NO_VECTORS = re.compile(
    r"/wal/|/payload_index/|/payload_storage/|/vector_index-|/vector_storage-[^/]+/quantized"
    rf"|/edge_config\.json$|^{NAME}$"
)
"""What holds no vectors, and nothing of which work's they are: it is made anew from the rest."""

_ADDED_TO = "edge_config.json"
_SETTINGS = ("vectors", "hnsw_config", "optimizers")
"""When the engine first opens a shard, it adds to this file where payloads lie in memory, which
changes no answer."""

UNFINISHED = "shard/temp_segments"
"""Where the engine builds segments; what a kill leaves there is removed, and not under the seal."""

_PASSING = ("tracker_journal.dat",)
"""The engine empties these when it opens a shard, into files that are under the seal."""

_NOTE_BYTES = 64
"""A file as small as this holds how much there is in others."""

BLOCK = 1 << 17
"""Bytes that are hashed at a time, unless the seal says otherwise: those of zeros are left out."""

_FORMER_BLOCK = 1 << 20
"""Of seals that do not say."""

_THREADS = 4


def suspect_vectors(damaged: Iterable[str], names: Iterable[str]) -> set[str]:
    """Return which of the named vectors can't be relied on where these files are damaged."""
    suspects: set[str] = set()
    for file in damaged:
        if (found := _VECTORS.search(file)) is not None:
            suspects.add(found[1])
        elif _NO_VECTORS.search(file) is None:
            return set(names)
    return suspects & set(names)


class Seal:
    """The seal of a generation.

    Args:
        folder: the generation's own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / NAME

    @property
    def whole(self) -> bool:
        """Whether there is one that is not broken."""
        return self._path.exists()

    @property
    def optimized(self) -> bool:
        """Whether the graphs were all built when the generation was sealed."""
        try:
            return bool(self._read()["optimized"])
        except ValueError:
            return False

    def dangerous(self) -> str | None:
        """Return a file that the engine must not open, and what is wrong with it.

        For reading past the end of a mapped file that is shorter than it was, the operating system
        would end it. A wrong size or length in one of the few bytes in which it notes them, it
        believes, and takes all memory or never comes back.
        """
        with suppress(ValueError):
            content = self._read()
            block = content.get("block", _FORMER_BLOCK)
            for name, (size, checksum) in content["files"].items():
                path = self._folder / name
                if not path.is_file() or path.stat().st_size < size:
                    return f"{name} is gone or cut short"
                if 0 < size <= _NOTE_BYTES and _checksum(path, block) != [size, checksum]:
                    return f"{name} is not as it was written"
        return None

    def damaged(self) -> list[str]:
        """Return the files that are not as they were sealed; none where there is no seal."""
        if not self.whole:
            return []
        try:
            content = self._read()
        except ValueError:
            return [NAME]
        # Others come and go while the engine has the shard open.
        found = self._checksums(content.get("block", _FORMER_BLOCK))
        return [name for name, checksum in content["files"].items() if found.get(name) != checksum]

    def put_on(self, *, optimized: bool) -> None:
        """Seal the generation as it is; a disk that does not take the seal leaves none."""
        content = {"optimized": optimized, "block": BLOCK, "files": self._checksums(BLOCK)}
        with suppress(OSError), atomic_file(self._path) as unfinished:
            unfinished.write_text(json.dumps({"content": content, "checksum": _of_json(content)}))

    def break_open(self) -> None:
        """Remove the seal, since something is about to be written."""
        self._path.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        """Return what is sealed; raises ValueError where the seal itself is damaged."""
        try:
            document = json.loads(self._path.read_bytes())
            content: dict[str, Any] = document["content"]
            checksum = document["checksum"]
        except FileNotFoundError:
            return {"optimized": False, "files": {}}
        except (OSError, KeyError, TypeError) as error:
            raise ValueError(f"{self._path} is damaged") from error
        if checksum != _of_json(content):
            raise ValueError(f"{self._path} is damaged")
        sealed = content["files"].items()
        files = {name: item for name, item in sealed if not name.startswith(f"{UNFINISHED}/")}
        return content | {"files": files}

    def _checksums(self, block: int) -> dict[str, list[Any]]:
        """Return the size and the checksum of each file but the seal."""
        paths = sorted(
            path
            for path in self._folder.rglob("*")
            if path.is_file()
            and not path.name.startswith((NAME, f".{NAME}", *_PASSING))
            and self._folder / UNFINISHED not in path.parents
        )
        names = [path.relative_to(self._folder).as_posix() for path in paths]
        with ThreadPoolExecutor(_THREADS) as threads:
            return dict(
                zip(names, threads.map(partial(_checksum, block=block), paths), strict=True)
            )


def _checksum(path: Path, block: int) -> list[Any]:
    """Return a file's size and checksum; of JSON, which the engine orders anew, the content's."""
    if path.suffix == ".json":
        with suppress(OSError, ValueError):
            content = json.loads(path.read_bytes())
            if path.name == _ADDED_TO and isinstance(content, dict):
                content = {name: content.get(name) for name in _SETTINGS}
            return [0, _of_json(content)]
    hashed = hashlib.blake2b(digest_size=16)
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            for start, data in _filled_blocks(file.fileno(), size, block):
                hashed.update(start.to_bytes(8, "little"))
                hashed.update(data)
    except OSError:  # a bad sector, or gone meanwhile
        return [-1, ""]
    return [size, hashed.hexdigest()]


def _filled_blocks(handle: int, size: int, block: int) -> Iterator[tuple[int, bytes]]:
    """Go through a file's blocks that hold anything but zeros, and pass over its holes."""
    zeros = bytes(block)
    place = 0
    while place < size:
        try:
            place = max(place, os.lseek(handle, place, os.SEEK_DATA) // block * block)
        except OSError as error:
            if error.errno == errno.ENXIO:  # holes up to the end
                return
        data = os.pread(handle, block, place)
        if not data:
            return
        if data != zeros[: len(data)]:
            yield place, data
        place += len(data)


def _of_json(content: Any) -> str:
    return hashlib.blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=16).hexdigest()
