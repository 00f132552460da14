"""The maps of a collection as they are shown: of the vectors in use, and of works that are there.

A job writes maps now and then; in between, works leave the collection and are labelled otherwise.
What is shown follows the catalog.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from catalog.database import Database
from catalog.labels import Labels, Revision, labels_revision, read_labels
from errors import VasariError
from search.index.contract import Index, searchable_models
from search.maps.area import Area
from search.maps.stored import Ids, MapStore, Positions, id_bytes, places_among

FRESH_SECONDS = 60.0
"""How long a map may show what has just left the collection."""


class NoMap(VasariError, LookupError):
    """There is no map of a model's vectors."""

    is_for_visitors = True

    def __init__(self, model: str) -> None:
        super().__init__(f"no map of {model} has been drawn")


@dataclass(frozen=True, kw_only=True, eq=False)
class ShownMap:
    """A map without the works that have left the collection.

    Args:
        version: another one whenever the works or their places are others.
        ids: in ascending order.
        rows: of the same works among ``labels``.
        fitted: how many works it was computed from; the others were placed beside them.
    """

    model: str
    version: str
    ids: Ids
    positions: Positions
    labels: Labels
    rows: NDArray[np.intp]
    fitted: int
    drawn_at: datetime

    @property
    def works(self) -> int:
        """How many works it shows."""
        return len(self.ids)

    def within(self, area: Area) -> NDArray[np.intp]:
        """Return the numbers of the works in an area, those nearest to its middle first."""
        found = np.flatnonzero(area.holds(self.positions))
        if not len(found):
            return found
        places = self.positions[found].astype(np.float64)
        distances = ((places - places.mean(axis=0)) ** 2).sum(axis=1)
        return found[np.argsort(distances, kind="stable")]

    def works_at(self, places: NDArray[np.intp]) -> list[UUID]:
        """Return works by their numbers on the map."""
        return [UUID(bytes=row.tobytes()) for row in self.ids[places]]

    def places_of(self, works: Sequence[UUID]) -> list[int]:
        """Return the numbers of works on the map; those that are not on it are left out."""
        found = places_among(self.ids, id_bytes(list(works)))
        return [int(place) for place in found if place >= 0]


@dataclass(frozen=True, eq=False)
class _Kept:
    """A map that was read, and what it was read from."""

    written_ns: int
    revision: Revision
    shown: ShownMap


class ShownMaps:
    """All maps of a collection; each is read once for all who look at it, until it changes.

    Memory holds some 50 bytes a work for the labels and each map.
    """

    def __init__(self, database: Database, store: MapStore) -> None:
        self._database = database
        self._store = store
        self._lock = Lock()
        self._labels: tuple[Revision, Labels] | None = None
        self._looked_at = -FRESH_SECONDS
        self._kept: dict[Path, _Kept] = {}

    def drawn(self, index: Index) -> list[str]:
        """Return the models that there are maps of."""
        return [
            model
            for model in searchable_models(index.specs)
            if self._store.path(index.specs[model]).exists()
        ]

    def show(self, index: Index, model: str) -> ShownMap:
        """Return a map.

        Raises:
            NoMap: none has been drawn, or the index has no such model.
            MapUnreadable: its file is damaged.
        """
        spec = index.specs.get(model)
        if spec is None:
            raise NoMap(model)
        path = self._store.path(spec)
        try:
            written_ns = path.stat().st_mtime_ns
        except OSError:
            raise NoMap(model) from None
        with self._lock:
            revision, labels = self._fresh_labels()
            kept = self._kept.get(path)
            if kept is not None and (kept.written_ns, kept.revision) == (written_ns, revision):
                return kept.shown
            stored = self._store.load(spec)
            if stored is None:
                raise NoMap(model)
            rows = places_among(labels.ids, stored.ids)
            there = rows >= 0
            ids, positions = stored.ids[there], stored.positions[there]
            shown = ShownMap(
                model=model,
                version=hashlib.sha256(ids.tobytes() + positions.tobytes()).hexdigest()[:16],
                ids=ids,
                positions=positions,
                labels=labels,
                rows=rows[there],
                fitted=stored.fitted,
                drawn_at=stored.drawn_at,
            )
            # What is no longer drawn of this model goes.
            self._kept = {
                where: one for where, one in self._kept.items() if one.shown.model != model
            }
            self._kept[path] = _Kept(written_ns, revision, shown)
            return shown

    def _fresh_labels(self) -> tuple[Revision, Labels]:
        now = time.monotonic()
        if self._labels is not None and now - self._looked_at < FRESH_SECONDS:
            return self._labels
        with self._database.transaction() as session:
            revision = labels_revision(session)
            if self._labels is None or self._labels[0] != revision:
                self._labels = revision, read_labels(session)
        self._looked_at = now
        return self._labels
