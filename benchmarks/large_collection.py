"""A collection of any size, made of mixtures of the works of a real one.

Each work is a random mixture of two or three works of the real collection, with the same shares
under every model, and a little noise: its vectors are as like one another, and spread as unevenly,
as those of real pictures. It has the labels of its main part, so that filters and vectors hang
together as they do in a museum: who asks for Monet asks for one corner of the space.

    python -m benchmarks.large_collection REAL_HOME --home HOME [--works 100000]

The collection is written by the product's own functions, into an embedded home or, where
``VASARI_QDRANT_URL`` and ``VASARI_DATABASE_URL`` say so, onto servers.
"""

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from catalog import jobs
from catalog.artworks import ArtworkFacts, upsert
from catalog.filters import PAYLOAD_FIELDS
from catalog.record import ArtworkRecord
from deployment import Deployment
from evaluation.stored import read_stored
from ingest.claims import EmbeddedWork
from ingest.queue import TaskQueue
from search.background import refresh_backgrounds
from search.index.contract import IndexPoint, Vector, VectorSpec
from settings import Settings

BATCH = 500
MAIN_SHARE = (0.5, 0.8)
NOISE_LENGTH = 0.1
"""Of the noise vector, where a mixture of unit vectors has a length of about 0.8."""

SCHOOLS = (
    "Italian",
    "French",
    "Netherlandish",
    "German",
    "British",
    "American",
    "Russian",
    "Spanish",
    "Japanese",
    "Austrian",
    "Danish",
    "Polish",
)
FORGOTTEN = 0.1
"""Share of works that do not know their artist, style, genre, school or year, each by itself."""


@dataclass(frozen=True)
class RealWorks:
    """What mixtures are made of.

    Args:
        vectors: model -> float32 (n, dimension), a row a work.
    """

    facts: tuple[ArtworkFacts, ...]
    specs: tuple[VectorSpec, ...]
    vectors: Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class MadeWork:
    """One work of the large collection."""

    record: ArtworkRecord
    vectors: Mapping[str, Vector]

    def point(self) -> IndexPoint:
        """Return the work as the index holds it."""
        values = {name: getattr(self.record, name) for name in PAYLOAD_FIELDS}
        payload = {name: value for name, value in values.items() if value is not None}
        return IndexPoint(id=self.record.id, vectors=self.vectors, payload=payload)


def main(
    real_home: Annotated[Path, typer.Argument(help="Home of an embedded collection.")],
    *,
    home: Annotated[Path, typer.Option(help="Home of the collection to be made.")],
    works: Annotated[int, typer.Option(min=2)] = 100_000,
    seed: int = 0,
) -> None:
    """Make a large collection."""
    settings = Settings(home=home)
    real = read_real(real_home, settings.models)
    start = time.perf_counter()
    with Deployment(settings) as deployment:
        if deployment.index.specs:
            raise typer.BadParameter("there is a collection already; give an empty home")
        for written in write(deployment, real, works, seed=seed):
            if written % 10_000 == 0 or written == works:
                print(f"{written} works written after {time.perf_counter() - start:.0f} s")
        finish(deployment)
    print(f"graphs and backgrounds ready after {time.perf_counter() - start:.0f} s")


def read_real(home: Path, models: Sequence[str]) -> RealWorks:
    """Return the works of an embedded collection that all these models have embedded."""
    # Whatever servers the environment names, they hold what is made and not what it is made of.
    settings = Settings(home=home, qdrant_url=None, database_url=None)
    with Deployment(settings) as deployment:
        return real_works(deployment, models)


def real_works(deployment: Deployment, models: Sequence[str]) -> RealWorks:
    """Return the works of an open collection that all these models have embedded."""
    stored = read_stored(deployment.index, deployment.database, models)
    specs = tuple(deployment.index.specs[model] for model in models)
    return RealWorks(facts=stored.works, specs=specs, vectors=stored.vectors)


def make(real: RealWorks, count: int, *, seed: int) -> Iterator[list[MadeWork]]:
    """Make works in batches; the same seed makes the same works."""
    rng = np.random.default_rng(seed)
    labelled = _labelled(real.facts, rng)
    # Some of the real works have many works like them and most have few.
    popularity = rng.lognormal(sigma=1.0, size=len(labelled))
    popularity /= popularity.sum()
    for start in range(0, count, BATCH):
        size = min(BATCH, count - start)
        main_parts = rng.choice(len(labelled), size=size, p=popularity)
        parts = np.column_stack([main_parts, rng.integers(len(labelled), size=(size, 2))])
        shares = _shares(size, rng)
        vectors = {
            model: _mixed(rows, parts, shares, rng) for model, rows in sorted(real.vectors.items())
        }
        yield [
            MadeWork(
                _record(labelled[part], start + place, rng),
                {model: rows[place] for model, rows in vectors.items()},
            )
            for place, part in enumerate(main_parts)
        ]


def write(deployment: Deployment, real: RealWorks, count: int, *, seed: int) -> Iterator[int]:
    """Write a collection, and give after each batch the number of works that it has now."""
    queue = TaskQueue(
        deployment.database,
        {spec.model: spec.fingerprint for spec in real.specs},
        jobs.this_process(),
    )
    deployment.index.ensure(real.specs)
    models = tuple(spec.model for spec in real.specs)
    written = 0
    for batch in make(real, count, seed=seed):
        records = [work.record for work in batch]
        ids = [record.id for record in records]
        with deployment.database.transaction() as session:
            upsert(session, records, reader="benchmark")
            queue.enqueue(session, ids, image_to_check=(), image_changed=())
        deployment.index.upsert([work.point() for work in batch])
        embedded = [
            EmbeddedWork(item, models, hashlib.sha256(item.bytes).hexdigest(), None, None)
            for item in ids
        ]
        queue.complete(embedded, ())
        written += len(batch)
        yield written


def finish(deployment: Deployment) -> None:
    """Build the graphs and measure the backgrounds."""
    deployment.index.optimize()
    refresh_backgrounds(deployment.database, deployment.index)


def _labelled(facts: Sequence[ArtworkFacts], rng: np.random.Generator) -> list[ArtworkFacts]:
    """Fill in what the real collection does not say, by skewed draws that each artist keeps."""
    genres = sorted({work.genre for work in facts if work.genre}) or ["painting"]
    sources = sorted({work.source for work in facts})
    drawn: dict[str | None, dict[str, Any]] = {}
    labelled = []
    for work in facts:
        by_artist = drawn.setdefault(
            work.artist,
            {
                "school": _skewed(SCHOOLS, rng),
                "genre": _skewed(genres, rng),
                "year": int(rng.integers(1450, 1950)),
            },
        )
        missing = {name: value for name, value in by_artist.items() if not getattr(work, name)}
        # A museum holds the works of an artist, but not all of them.
        source = _skewed(sources, rng) if rng.random() < 0.3 else work.source
        labelled.append(replace(work, **missing, source=source))
    return labelled


def _skewed(values: Sequence[str], rng: np.random.Generator) -> str:
    """Draw a value: the second half as often as the first, the third a third as often (Zipf)."""
    weights = 1 / np.arange(1, len(values) + 1)
    return values[rng.choice(len(values), p=weights / weights.sum())]


def _shares(count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the shares of three parts, (count, 3): of every other work the third is nought."""
    main = rng.uniform(*MAIN_SHARE, size=count)
    second = np.where(rng.random(count) < 0.5, 1.0, rng.uniform(0.5, 1.0, size=count))
    rest = 1 - main
    return np.column_stack([main, rest * second, rest * (1 - second)]).astype(np.float32)


def _mixed(
    rows: NDArray[np.float32],
    parts: NDArray[np.int64],
    shares: NDArray[np.float32],
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    dimension = rows.shape[1]
    mixed = np.einsum("np,npd->nd", shares, rows[parts])
    noise = rng.normal(scale=NOISE_LENGTH / np.sqrt(dimension), size=mixed.shape)
    mixed += noise.astype(np.float32)
    return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), dtype=np.float32)


def _record(like: ArtworkFacts, number: int, rng: np.random.Generator) -> ArtworkRecord:
    forgotten = rng.random(5) < FORGOTTEN
    names = ("artist", "style", "genre", "school", "year")
    known: dict[str, Any] = {
        name: None if gone else getattr(like, name)
        for name, gone in zip(names, forgotten, strict=True)
    }
    if known["year"] is not None:
        known["year"] += int(rng.integers(-15, 16))
    return ArtworkRecord(
        source=like.source,
        source_id=f"made-{number:08d}",
        title=f"{like.title} ({number})",
        file=like.file,
        image_location=like.image_location,
        **known,
    )


if __name__ == "__main__":
    typer.run(main)
