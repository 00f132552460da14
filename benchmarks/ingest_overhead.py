"""What a job costs beside its models.

Images per second of a whole ingest (reading, hashing, decoding, thumbnails, catalog, index, HNSW)
over images per second of the bare forward passes of the same models on pictures that are decoded
already: one pass after the other on all cores, and passes side by side, each on one core. The
images are taken in parts, and each part is passed through the bare models and then ingested: the
ratios are taken part by part, so that a machine whose speed drifts favours neither.

    python -m benchmarks.ingest_overhead FOLDER

Processor seconds are given too, which other work on the machine hardly changes: those of an ingest
are at least those of its passes, and what is beyond them is what all the rest takes. Run it with
VASARI_PRECISION=float32 and without for what the precision changes, and with --megapixels 12 for
photographs: the images are enlarged so far.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image

from catalog.batching import batched
from deployment import Deployment
from embedders import UnreadableImage, decode_image
from embedders.embedder import Pixels
from embedders.pass_threads import pass_threads
from embedders.precision import precision_of
from ingest.context import IngestContext
from ingest.job import ingest
from ingest.readers.files import IMAGE_SUFFIXES
from ingest.readers.folder import FolderReader
from settings import Settings


def main(
    folder: Annotated[Path, typer.Argument(help="A folder of images.")],
    *,
    parts: Annotated[int, typer.Option(min=1, help="Parts to take the images in.")] = 4,
    most: Annotated[int, typer.Option(min=1, help="Images to take at most.")] = 10_000,
    megapixels: Annotated[float, typer.Option(help="Enlarge each to so many.")] = 0,
) -> None:
    """Measure an ingest of a folder against the bare forward passes of its models."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES)
    files = files[:: -(-len(files) // most)]
    rates: dict[str, list[float]] = {"one_after_another": [], "side_by_side": [], "ingest": []}
    processor: dict[str, list[float]] = {name: [] for name in rates}
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(home=Path(scratch) / "home", qdrant_url=None, database_url=None)
        with Deployment(settings) as deployment:
            embedders = [deployment.embedder(name) for name in settings.models]
            context = deployment.ingest_context(embedders)
            for embedder in context.embedders:
                embedder.load()
            for number in range(parts):
                part = Path(scratch) / f"part-{number}"
                _fill(part, files[number::parts], megapixels)
                batches = _batches(part, context)
                ways: dict[str, Callable[[], object]] = {
                    "one_after_another": partial(_one_after_another, batches, context),
                    "side_by_side": partial(_side_by_side, batches, context),
                    "ingest": partial(ingest, FolderReader(part, allow_outside=True), context),
                }
                for name, work in ways.items():
                    start, used = time.perf_counter(), time.process_time()
                    work()
                    images = sum(map(len, batches))
                    rates[name].append(images / (time.perf_counter() - start))
                    processor[name].append(1000 * (time.process_time() - used) / images)
    result = {
        "precision": {item.name: precision_of(item.fingerprint) for item in context.embedders},
        "images": len(files),
        "images_per_second": {name: _median(found) for name, found in rates.items()},
        "processor_ms_an_image": {name: _median(found) for name, found in processor.items()},
        "ingest_over": {
            name: _median([one / other for one, other in zip(rates["ingest"], bare, strict=True)])
            for name, bare in rates.items()
            if name != "ingest"
        },
    }
    print(json.dumps(result, indent=2))


def _median(values: list[float]) -> float:
    return round(statistics.median(values), 3)


def _fill(folder: Path, files: list[Path], megapixels: float) -> None:
    folder.mkdir()
    for number, file in enumerate(files):
        there = folder / f"{number:06d}{file.suffix}"
        if not megapixels:
            there.symlink_to(file.absolute())
            continue
        picture = decode_image(file)
        scale = (megapixels * 1e6 / (picture.width * picture.height)) ** 0.5
        size = (round(picture.width * scale), round(picture.height * scale))
        picture.resize(size, Image.Resampling.BICUBIC).save(there, "JPEG", quality=90)


def _batches(folder: Path, context: IngestContext) -> list[Pixels]:
    """Return the pictures of a folder as the models take them; what cannot be read is left out."""
    pictures = []
    for file in sorted(folder.iterdir()):
        with suppress(UnreadableImage):
            pictures.append(context.embedders[0].prepare(decode_image(file)))
    return [np.stack(batch) for batch in batched(pictures, context.batch_size)]


def _one_after_another(batches: list[Pixels], context: IngestContext) -> None:
    for batch in batches:
        _embed(context, batch)


def _side_by_side(batches: list[Pixels], context: IngestContext) -> None:
    threads, at_once = pass_threads(context.embedders)
    parts = [part for batch in batches for part in np.array_split(batch, at_once)]
    with threads:
        list(threads.map(partial(_embed, context), parts))


def _embed(context: IngestContext, batch: Pixels) -> None:
    for embedder in context.embedders:
        embedder.embed_with_features(batch)


if __name__ == "__main__":
    typer.run(main)
