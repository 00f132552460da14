"""What a job costs beside its models.

Images per second of a whole ingest (reading, hashing, decoding, thumbnails, catalog, index, HNSW)
over images per second of the bare forward passes of the same models on pictures that are decoded
already. Both are taken in one process: half of the bare passes before the ingest and half after
it, so that a machine whose speed drifts does not favour either.

    python -m benchmarks.ingest_overhead FOLDER
"""

import json
import tempfile
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from deployment import Deployment
from embedders import Embedder, UnreadableImage, decode_image
from ingest.job import ingest
from ingest.readers.folder import IMAGE_SUFFIXES, FolderReader
from settings import Settings


def main(
    folder: Annotated[Path, typer.Argument(help="A folder of images.")],
    *,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Measure an ingest of a folder against the bare forward passes of its models."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), qdrant_url=None, database_url=None)
        with Deployment(settings) as deployment:
            embedders = [deployment.embedder(name) for name in settings.models]
            batches = _decoded_batches(folder, embedders[0], settings.batch_size)
            _forward(batches[:1], embedders)  # the first pass loads the networks
            half = len(batches) // 2
            seconds = _forward(batches[:half], embedders)
            summary = ingest(FolderReader(folder), deployment.workshop(embedders))
            seconds += _forward(batches[half:], embedders)
    images = sum(len(batch) for batch in batches)
    added = summary.added
    bare, whole = images / seconds, added / summary.seconds
    result = {
        "models": [item.name for item in embedders],
        "images": added,
        "bare_images_per_second": round(bare, 2),
        "ingest_images_per_second": round(whole, 2),
        "ratio": round(whole / bare, 3),
    }
    print(json.dumps(result) if as_json else _sentence(result))


def _decoded_batches(folder: Path, embedder: Embedder, size: int) -> list[NDArray[np.uint8]]:
    pictures = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in IMAGE_SUFFIXES:
            continue
        try:
            pictures.append(embedder.prepare(decode_image(path)))
        except UnreadableImage:
            continue
    return [np.stack(pictures[start : start + size]) for start in range(0, len(pictures), size)]


def _forward(batches: list[NDArray[np.uint8]], embedders: list[Embedder]) -> float:
    start = time.perf_counter()
    for batch in batches:
        for embedder in embedders:
            embedder.embed_prepared(batch)
    return time.perf_counter() - start


def _sentence(result: dict[str, object]) -> str:
    return (
        f"{result['images']} images, {' and '.join(result['models'])}: "  # type: ignore[arg-type]
        f"{result['ingest_images_per_second']} images/s ingested, "
        f"{result['bare_images_per_second']} in bare forward passes: ratio {result['ratio']}"
    )


if __name__ == "__main__":
    typer.run(main)
