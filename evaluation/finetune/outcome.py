"""What a run leaves: a model, and how good it is beside the one that it was made from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from torch import Tensor

from embedders import ModelDescription, fine_tuned, weights_path
from embedders.embedder import Embedder
from embedders.fingerprint import fingerprint_of
from embedders.networks import DENSE, DENSE_DIMENSION
from embedders.torch_embedder import load_torch_embedder
from embedders.weights import StoredWeights
from embedders.weights.file_hash import remembered_hashes, sha256_of
from embedders.weights.stored import Origin, write_tensors
from evaluation.finetune.chosen import Chosen
from evaluation.finetune.pictures import Pixels
from evaluation.finetune.presets import Embedding
from evaluation.finetune.progress import Progress, Stop, check
from evaluation.labels import Codes, Label
from evaluation.ranking import Rows, Truth
from evaluation.stored import NothingToEvaluate
from evaluation.transfer import TransferQuality, Trial, Vectors, measure_transfer

AT_ONCE = 32


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What the fine-tuning was worth, by one of the two embeddings that it gives.

    Args:
        held_out: asked by the works that were held out.
        unseen: asked by those of them whose artists were not learned from, with works by the
            query's artist left out of its ranking; ``None`` where no such work has a right answer.
    """

    held_out: TransferQuality
    unseen: TransferQuality | None


@dataclass(frozen=True, kw_only=True)
class Written:
    """A model whose weights are on disk, and which exists once its description is saved.

    Args:
        parent: what it was made from.
        base: name of the network without the layer of 256.
    """

    description: ModelDescription
    stored: StoredWeights
    parent: ModelDescription
    base: str


def write_weights(
    models_dir: Path,
    parent: ModelDescription,
    origin: StoredWeights,
    tensors: Mapping[str, Tensor],
    *,
    name: str,
    title: str,
    embedding: Embedding,
) -> Written:
    """Write the weights of a model; both its embeddings are in them, whichever it gives."""
    network, dimension = _kind_of(origin.network, parent, embedding)
    path = weights_path(models_dir, name)
    licence = f"fine-tuned here from: {origin.licence}"
    write_tensors(path, tensors, Origin(network, origin.normalisation, licence))
    stored = replace(
        origin,
        path=path,
        provider="own weights",
        network=network,
        licence=licence,
        sha256=sha256_of(path, remember_in=remembered_hashes(path.parent)),
    )
    description = fine_tuned(
        models_dir, parent, name=name, title=title, network=network, dimension=dimension
    )
    return Written(description=description, stored=stored, parent=parent, base=origin.network)


def open_embedding(written: Written, embedding: Embedding) -> Embedder:
    """Open one of the two embeddings of a model, as an ingest opens that which it gives."""
    network, dimension = _kind_of(written.base, written.parent, embedding)
    fingerprint = fingerprint_of(
        network=network,
        dimension=dimension,
        preparation=written.description.preparation,
        normalisation=written.stored.normalisation,
        weights_sha256=written.stored.sha256,
    )
    return load_torch_embedder(
        replace(written.description, network=network, dimension=dimension),
        replace(written.stored, network=network),
        fingerprint=fingerprint,
    )


def embed_all(
    embedder: Embedder, pixels: Pixels, *, task: str, progress: Progress, stop: Stop
) -> Vectors:
    """Embed prepared pictures, uint8 (works, size, size, 3), as unit float32 (works, d)."""
    progress.begin(task, len(pixels))
    parts = []
    for start in range(0, len(pixels), AT_ONCE):
        check(stop)
        parts.append(embedder.embed_prepared(np.array(pixels[start : start + AT_ONCE])))
        progress.advance(len(parts[-1]))
    return np.concatenate(parts)


def measure(chosen: Chosen, before: Vectors, after: Vectors, *, label: Label, seed: int) -> Worth:
    """Measure the held-out works' rankings, and more strictly those of artists not seen.

    Raises:
        NothingToEvaluate: no held-out work has a right answer.
    """

    def asked_by(rows: Rows, apart: Codes | None) -> TransferQuality:
        truth = Truth(classes=chosen.classes, copies=chosen.copies, apart=apart)
        trial = Trial(held_out=rows, before=before, after=after)
        return measure_transfer([trial], truth, chosen.names, label=label, seed=seed)

    unseen = None
    if label is not Label.ARTIST and len(chosen.unseen):
        try:
            unseen = asked_by(chosen.unseen, chosen.artists)
        except NothingToEvaluate:
            unseen = None
    return Worth(held_out=asked_by(chosen.held_out, None), unseen=unseen)


def _kind_of(base: str, parent: ModelDescription, embedding: Embedding) -> tuple[str, int]:
    """Return the name of the network that gives an embedding, and its dimension."""
    if embedding == "dense":
        return f"{base}+{DENSE}", DENSE_DIMENSION
    return base, parent.dimension
