"""The maps of a collection as they are kept: a file in the home for each model."""

import json
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from embedders.atomic_file import atomic_file
from errors import VasariError
from search.index.contract import VectorSpec

SIDE = 2**16
"""A map is a square of so many steps a side."""

KEPT = 2
"""Of a model's maps: that of the vectors in use, and that of the former ones."""

Ids = NDArray[np.uint8]
"""Ids of works in ascending order: uint8 [n, 16], the bytes of each."""

Positions = NDArray[np.uint16]
"""Places of works on a map: uint16 [n, 2], x to the right and y upwards."""


class MapUnreadable(VasariError):
    """The file of a map is damaged; the message says what to do."""


@dataclass(frozen=True, kw_only=True, eq=False)
class StoredMap:
    """One map.

    Args:
        model: whose vectors it shows.
        fingerprint: of these.
        ids: of the works on it.
        positions: of the same works.
        fitted: how many works it was computed from; the others were placed beside them.
        drawn_at: when it was computed.
        seed: of what is drawn at random.
    """

    model: str
    fingerprint: str
    ids: Ids
    positions: Positions
    fitted: int
    drawn_at: datetime
    seed: int


class MapStore:
    """The folder of the maps of a collection.

    A file appears under its name only when it is complete: a job that is killed leaves the former
    map as it was.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, spec: VectorSpec) -> Path:
        """Return where the map of these vectors lies, or would lie."""
        return self._folder / f"{spec.model}-{spec.fingerprint[:16]}.npz"

    def load(self, spec: VectorSpec) -> StoredMap | None:
        """Return the map of these vectors; ``None`` where there is none.

        Raises:
            MapUnreadable: its file is damaged.
        """
        path = self.path(spec)
        try:
            with np.load(path, allow_pickle=False) as held:
                told = json.loads(str(held["told"]))
                ids, positions = held["ids"], held["positions"]
            _check(ids, positions)
            return StoredMap(
                model=spec.model,
                fingerprint=spec.fingerprint,
                ids=ids,
                positions=positions,
                fitted=int(told["fitted"]),
                drawn_at=datetime.fromisoformat(told["drawn_at"]),
                seed=int(told["seed"]),
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise MapUnreadable(
                f"the map in {path} is damaged ({error}); `vasari map --anew --model {spec.model}` "
                "draws it again"
            ) from error

    def save(self, drawn: StoredMap) -> None:
        """Keep a map in the place of the former one, at once."""
        spec = VectorSpec(model=drawn.model, dimension=0, fingerprint=drawn.fingerprint)
        told = {
            "fitted": drawn.fitted,
            "drawn_at": drawn.drawn_at.isoformat(),
            "seed": drawn.seed,
        }
        with atomic_file(self.path(spec)) as unfinished, unfinished.open("wb") as file:
            np.savez(
                file, told=np.array(json.dumps(told)), ids=drawn.ids, positions=drawn.positions
            )
        of_model = self._folder.glob(f"{drawn.model}-{'[0-9a-f]' * 16}.npz")
        latest = sorted(of_model, key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in latest[KEPT:]:
            path.unlink(missing_ok=True)


def _check(ids: Ids, positions: Positions) -> None:
    if ids.dtype != np.uint8 or positions.dtype != np.uint16:
        raise ValueError("other numbers than those of a map")
    if ids.shape != (len(positions), 16) or positions.shape != (len(ids), 2):
        raise ValueError("not one place for each work")


def id_bytes(works: list[UUID]) -> Ids:
    """Return ids as a map keeps them, in the order given: uint8 [n, 16]."""
    joined = b"".join(work.bytes for work in works)
    return np.frombuffer(joined, np.uint8).reshape(-1, 16)


def places_among(ids: Ids, wanted: Ids) -> NDArray[np.intp]:
    """Return for each wanted id its row among ascending ids; -1 for those that are not there."""
    # Compared byte by byte, as numpy does not compare rows.
    held, looked_for = (np.ascontiguousarray(part).view("V16").ravel() for part in (ids, wanted))
    if not len(held):
        return np.full(len(looked_for), -1, np.intp)
    rows = np.searchsorted(held, looked_for)
    rows[rows == len(held)] = 0
    return np.where(held[rows] == looked_for, rows, -1)
