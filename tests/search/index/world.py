"""Points drawn at random, and the brute-force answers about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

import numpy as np

from catalog.filters import Filter
from search.index.contract import GenerationalIndex, IndexPoint, Vector, VectorSpec

NAMESPACE = UUID(int=7)
BROAD = VectorSpec(model="broad", dimension=64, fingerprint="f1")
NARROW = VectorSpec(model="narrow", dimension=16, fingerprint="f2")
ARTISTS = ["Claude Monet", "Илья Репин", "Søren Ægir", "O'Keeffe, “G.”", "無名"]


@dataclass(frozen=True)
class World:
    """Points drawn at random, and the brute-force answers about them."""

    points: list[IndexPoint]

    def passing(self, wanted: Filter) -> list[IndexPoint]:
        return [point for point in self.points if _passes(point.payload, wanted)]

    def nearest(
        self, model: str, query: Vector, wanted: Filter, top: int
    ) -> list[tuple[UUID, float]]:
        points = [point for point in self.passing(wanted) if model in point.vectors]
        scored = [(point.id, float(point.vectors[model] @ query)) for point in points]
        return sorted(scored, key=lambda item: -item[1])[:top]


def _passes(payload: object, wanted: Filter) -> bool:
    assert isinstance(payload, dict)
    if any(payload.get(name) not in values for name, values in wanted.keywords().items()):
        return False
    if any(payload.get(name) in values for name, values in wanted.exclusions().items()):
        return False
    year = payload.get("year")
    if wanted.year_from is not None and (year is None or year < wanted.year_from):
        return False
    return not (wanted.year_to is not None and (year is None or year > wanted.year_to))


def unit(rng: np.random.Generator, dimension: int) -> Vector:
    vector = rng.normal(size=dimension)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def _payload(rng: np.random.Generator) -> dict[str, str | int]:
    payload: dict[str, str | int] = {"source": str(rng.choice(["nga", "wikiart"]))}
    if rng.random() < 0.9:
        payload["artist"] = str(rng.choice(ARTISTS))
    if rng.random() < 0.6:
        payload["style"] = str(rng.choice(["Cubism", "Baroque", "Rococo"]))
    if rng.random() < 0.3:
        payload["genre"] = "portrait"
    if rng.random() < 0.8:
        payload["year"] = int(rng.integers(1400, 1950))
    return payload


def point(number: int, rng: np.random.Generator) -> IndexPoint:
    vectors = {"broad": unit(rng, 64), "narrow": unit(rng, 16)}
    return IndexPoint(id=uuid5(NAMESPACE, str(number)), vectors=vectors, payload=_payload(rng))


def random_filter(rng: np.random.Generator) -> Filter:
    def some(values: list[str], chance: float) -> tuple[str, ...]:
        if rng.random() > chance:
            return ()
        return tuple(rng.choice(values, size=rng.integers(1, 3), replace=False))

    first, last = sorted(int(year) for year in rng.integers(1400, 1950, 2))
    return Filter(
        artist=some([*ARTISTS, "nobody"], 0.5),
        style=some(["Cubism", "Baroque", "Rococo"], 0.4),
        genre=("portrait",) if rng.random() < 0.2 else (),
        source=some(["nga", "wikiart"], 0.3),
        not_artist=some(ARTISTS, 0.3),
        not_style=some(["Cubism", "Baroque", "Rococo"], 0.2),
        year_from=first if rng.random() < 0.4 else None,
        year_to=last if rng.random() < 0.4 else None,
    )


def drawn_world(points: int) -> World:
    """Draw so many points, the same each time."""
    rng = np.random.default_rng(11)
    return World([point(number, rng) for number in range(points)])


def fill(index: GenerationalIndex, points: Sequence[IndexPoint]) -> None:
    """Write points of both models and build what there is to build."""
    index.ensure([BROAD, NARROW])
    index.upsert(points)
    index.optimize()
