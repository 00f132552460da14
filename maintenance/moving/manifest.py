"""What an exported collection says of itself, read as from a stranger.

``collection.json`` may have been damaged on its way, or written by somebody else: nothing in it is
believed before it has been checked.
"""

from contextlib import nullcontext
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from embedders.weights.file_hash import file_sha256
from maintenance.moving.origin import Contents, MoveRefused
from search.index.contract import Role, VectorSpec

FORMAT = 1
MANIFEST = "collection.json"
ADDRESSES_FILE, SEARCHES_FILE = "addresses.parquet", "searches.parquet"
POINTS, THUMBNAILS_FOLDER = "points", "thumbnails"

LARGEST = 64 * 1024 * 1024
"""Bytes of a manifest: enough for half a million files."""

MOST_VECTORS = 100

_Count = Annotated[int, Field(ge=0, le=10**12)]
_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$")]
_Word = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]{1,64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class _Vector(_Strict):
    model: _Name
    """Engines call folders so."""
    dimension: Annotated[int, Field(ge=1, le=65_536)]
    fingerprint: _Word
    role: Role = "model"


class _Contents(_Strict):
    model_config = ConfigDict(extra="forbid")

    rows: dict[_Name, _Count]
    points: _Count
    vectors: dict[_Name, _Count]
    thumbnails: _Count
    files: _Count = 0
    addresses: _Count = 0


class IndexFacts(_Strict):
    """Where the points of a backup were: what Qdrant's own snapshots leave out."""

    engine: _Word
    alias: _Word | None
    generation: _Count | None


class BackupFacts(_Strict):
    """What a backup says of itself beyond what an export does.

    Args:
        pending: works whose vectors were being made: the next ingest makes them.
    """

    index: IndexFacts
    pending: _Count


class _AnyFormat(_Strict):
    format: int


class Manifest(_Strict):
    """A manifest whose every value has the right type and a possible size.

    Args:
        files: path within the folder -> SHA-256.
        sizes: path within the folder -> bytes; folders of former versions have none.
    """

    format: Literal[1]
    vectors: Annotated[list[_Vector], Field(max_length=MOST_VECTORS)]
    contents: _Contents
    files: dict[str, _Sha256]
    sizes: dict[str, _Count] = {}
    backup: BackupFacts | None = None

    def specs(self) -> dict[str, VectorSpec]:
        """Return the named vectors of the points."""
        return {vector.model: VectorSpec(**vector.model_dump()) for vector in self.vectors}

    def moved(self) -> Contents:
        """Return how much there is said to be."""
        return Contents(**self.contents.model_dump())


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of an exported collection.

    Raises:
        MoveRefused: there is none, it is damaged, it is another version's, or it names a file
            outside the folder.
    """
    path = folder / MANIFEST
    try:
        # Nothing but a file is opened: a pipe would be waited for.
        with path.open("rb") if path.is_file() else nullcontext() as file:
            data = None if file is None else file.read(LARGEST + 1)
    except OSError:
        data = None
    if data is None:
        raise MoveRefused(
            f"{folder} is no exported collection: it has no {MANIFEST} that can be read"
        )
    if not data or len(data) > LARGEST:
        raise MoveRefused(f"{path} is damaged: it has {'too many' if data else 'no'} bytes")
    try:
        version = _AnyFormat.model_validate_json(data).format
        if version != FORMAT:
            raise MoveRefused(
                f"{folder} has format {version}, and this Vasari reads {FORMAT}: "
                "install the version that wrote it"
            )
        manifest = Manifest.model_validate_json(data)
    except ValidationError as error:
        raise MoveRefused(f"{path} is damaged: {_first_reason(error)}") from None
    for name in manifest.files:
        _require_inside(path, name)
    specs = manifest.specs()
    if len(specs) != len(manifest.vectors) or specs.keys() != manifest.contents.vectors.keys():
        raise MoveRefused(f"{path} is damaged: it contradicts itself on the vectors that there are")
    return manifest


def require_as_written(path: Path, sha256: str, size: int | None) -> None:
    """Make sure that a file of an exported collection is the one that was written.

    Raises:
        MoveRefused: it is missing, damaged, or no file of its own.
    """
    if path.is_symlink():
        raise MoveRefused(f"{path} is a link: put the file itself in its place")
    try:
        # A length is compared first: what has grown by gigabytes is not read for nothing.
        same_length = path.is_file() and size in (None, path.stat().st_size)
        whole = same_length and file_sha256(path) == sha256
    except OSError:
        whole = False
    if not whole:
        raise MoveRefused(f"{path} is missing or damaged: copy the folder again")


def table_file(table: str) -> str:
    """Return which file holds a table of the catalog."""
    return f"catalog/{table}.parquet"


def vectors_file(part: str, model: str) -> str:
    """Return which file holds one named vector of the points of a file, where not that itself."""
    return f"vectors/{model}/{PurePosixPath(part).name}"


def _require_inside(manifest: Path, name: str) -> None:
    parts = name.split("/")
    folder = manifest.parent
    if (
        not name.isprintable()
        or "\\" in name
        or len(name) > 1_000
        or any(part in ("", ".", "..") or len(part.encode()) > 255 for part in parts)
    ):
        raise MoveRefused(f"{manifest} names the file {name[:200]!r}")
    for above in list(PurePosixPath(name).parents)[:-1]:
        if (folder / above).is_symlink():
            raise MoveRefused(f"{folder / above} is a link: put the folder itself in its place")


def _first_reason(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place[:200]!a}: {first['msg'][:200]}" if place else first["msg"][:200]
