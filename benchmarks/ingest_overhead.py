"""What a job costs beside its models.

Images per second of a whole ingest (reading, hashing, decoding, thumbnails, catalog, index, HNSW)
over images per second of the bare forward passes of the same models on pictures that are decoded
already. The images are taken in parts, and each part is passed through the bare models and then
ingested: the ratio is taken part by part, so that a machine whose speed drifts favours neither.

    python -m benchmarks.ingest_overhead FOLDER
"""

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from deployment import Deployment
from embedders import Embedder, UnreadableImage, decode_image
from ingest.job import ingest
from ingest.readers.files import IMAGE_SUFFIXES
from ingest.readers.folder import FolderReader
from settings import Settings


def main(
    folder: Annotated[Path, typer.Argument(help="A folder of images.")],
    *,
    parts: Annotated[int, typer.Option(min=1, help="Parts to take the images in.")] = 4,
) -> None:
    """Measure an ingest of a folder against the bare forward passes of its models."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES)
    bare, whole = [], []
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(home=Path(scratch) / "home", qdrant_url=None, database_url=None)
        with Deployment(settings) as deployment:
            embedders = [deployment.embedder(name) for name in settings.models]
            # The first pass loads the networks.
            _forward_rate(files[: settings.batch_size], embedders, settings.batch_size)
            for number in range(parts):
                part = _folder_of(files[number::parts], Path(scratch) / f"part-{number}")
                bare.append(_forward_rate(sorted(part.iterdir()), embedders, settings.batch_size))
                summary = ingest(
                    FolderReader(part, allow_outside=True), deployment.ingest_context(embedders)
                )
                whole.append(summary.added / summary.seconds)
    ratios = [one / other for one, other in zip(whole, bare, strict=True)]
    result = {
        "models": list(settings.models),
        "images": len(files),
        "bare_images_per_second": round(statistics.median(bare), 1),
        "ingest_images_per_second": round(statistics.median(whole), 1),
        "ratio": round(statistics.median(ratios), 3),
        "ratio_of_each_part": [round(ratio, 3) for ratio in ratios],
    }
    print(json.dumps(result, indent=2))


def _folder_of(files: list[Path], folder: Path) -> Path:
    folder.mkdir()
    for number, file in enumerate(files):
        (folder / f"{number:06d}{file.suffix}").symlink_to(file.absolute())
    return folder


def _forward_rate(files: list[Path], embedders: list[Embedder], batch_size: int) -> float:
    """Return images per second of the models alone: the decoding is not counted."""
    pictures = []
    for file in files:
        try:
            pictures.append(embedders[0].prepare(decode_image(file)))
        except UnreadableImage:
            continue
    batches = [
        np.stack(pictures[start : start + batch_size])
        for start in range(0, len(pictures), batch_size)
    ]
    start = time.perf_counter()
    for batch in batches:
        for embedder in embedders:
            embedder.embed_prepared(batch)
    return len(pictures) / (time.perf_counter() - start)


if __name__ == "__main__":
    typer.run(main)
