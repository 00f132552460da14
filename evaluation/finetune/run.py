"""A whole fine-tuning: works chosen, a network taught, a model left, its worth measured."""

import hashlib
import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from catalog.artworks import ArtworkFacts, list_artworks
from catalog.database import Database
from catalog.filters import Filter
from catalog.models import ImageState
from embedders import ModelDescription, OwnModel, save_own_model
from embedders.embedder import Embedder
from embedders.glibc_memory import keep_freed_memory
from embedders.networks import trainable_network
from embedders.weights import StoredWeights
from embedders.weights.stored import read_tensors
from evaluation.finetune.chosen import Chosen, choose, within_bounds
from evaluation.finetune.feed import Feed
from evaluation.finetune.losses import UNKNOWN
from evaluation.finetune.network import Head, TunedNetwork
from evaluation.finetune.outcome import (
    Worth,
    Written,
    embed_all,
    measure,
    open_embedding,
    write_weights,
)
from evaluation.finetune.pictures import Pictures, read_pictures
from evaluation.finetune.presets import Embedding, Preset
from evaluation.finetune.progress import Progress, Silent, Stop
from evaluation.finetune.training import Training
from evaluation.labels import UNLABELLED, Label, encode, label_of
from search.pictures import PictureOf

MOST_BYSTANDERS = 5_000
"""Works of no class that is learned which take places in the rankings that are measured."""

FEWEST_OF_OTHER_LABELS = 3
"""Works of a class of another label, to be learned beside the main one."""

EMBEDDINGS: tuple[Embedding, ...] = ("pooled", "dense")


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be done.

    Args:
        model: to start from, and its weights.
        name: of the new model.
        embedding: what the new model gives.
    """

    model: ModelDescription
    weights: StoredWeights
    label: Label
    preset: Preset
    name: str
    embedding: Embedding
    seed: int = 0
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FineTuned:
    """What came of it.

    Args:
        own: the new model.
        sizes: works of each part.
        classes: class -> works of each part.
        left_out: works that were not learned from or asked about, but could answer.
        history: what each epoch gave.
        accuracy: share of the held-out works whose class the network tells.
        confusion: held-out works by class and told class, in the order of ``classes``.
        worth: of both embeddings.
        seconds, cpu_seconds: of this call; after a kill, of its last part.
    """

    order: Order
    own: OwnModel
    device: str
    sizes: Mapping[str, int]
    classes: Mapping[str, Mapping[str, int]]
    left_out: int
    unreadable: int
    unfrozen: Sequence[str]
    history: Sequence[Mapping[str, Any]]
    accuracy: float
    confusion: NDArray[np.int64]
    worth: Mapping[Embedding, Worth]
    seconds: float
    cpu_seconds: float


def fine_tune(
    database: Database,
    order: Order,
    *,
    parent: Embedder,
    picture_of: PictureOf,
    models_dir: Path,
    device: torch.device,
    same: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    stop: Stop = lambda: False,
) -> FineTuned:
    """Fine-tune a model on the works of a catalog.

    Raises:
        NothingToEvaluate: there is not enough to learn, or to ask.
        InvalidCheckpoint: an earlier run of this name cannot be gone on from.
        Interrupted: it was asked to stop; calling it again goes on.
    """
    keep_freed_memory()
    began, cpu_began = time.perf_counter(), time.process_time()
    progress = progress or Silent()
    folder = training_folder(models_dir, order.name)
    works = _works(database, order)
    pictures = read_pictures(
        works,
        picture_of,
        order.model.preparation,
        parts=order.preset.views > 0,
        folder=folder,
        progress=progress,
        stop=stop,
    )
    preset = order.preset
    chosen = choose(
        pictures.works,
        order.label,
        min_works=preset.min_works,
        max_works=preset.max_works,
        by_artist=preset.split == "artists",
        shares=preset.shares,
        seed=order.seed,
        same=same,
    )
    classes = label_classes(chosen, order.label, others=preset.other_labels > 0)
    network = new_network(order, {name: int(c.max()) + 1 for name, c in classes.items()})
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    training = _training(
        order, network, pictures, chosen, classes,
        folder=folder, device=device, progress=progress, stop=stop,
    )  # fmt: skip
    history = training.run()
    told = training.told(chosen.held_out).argmax(dim=1).cpu().numpy()
    written = write_weights(
        models_dir,
        order.model,
        order.weights,
        network.weights(),
        name=order.name,
        title=f"{order.model.title}, taught {order.label}",
        embedding=order.embedding,
    )
    worth = _worth(written, parent, pictures, chosen, order=order, progress=progress, stop=stop)
    confusion = _confusion(chosen.classes[chosen.held_out], told, len(chosen.names))
    own = save_own_model(models_dir, written.description, about=_about(order, chosen, worth))
    shutil.rmtree(folder, ignore_errors=True)
    return FineTuned(
        order=order,
        own=own,
        device=device.type,
        sizes=chosen.sizes,
        classes=_class_sizes(chosen),
        left_out=int((chosen.classes == UNLABELLED).sum()),
        unreadable=pictures.unreadable,
        unfrozen=sorted(network.last_half),
        history=history,
        accuracy=float(np.trace(confusion) / max(1, confusion.sum())),
        confusion=confusion,
        worth=worth,
        seconds=time.perf_counter() - began,
        cpu_seconds=time.process_time() - cpu_began,
    )


def training_folder(models_dir: Path, name: str) -> Path:
    """Return where a run keeps what it needs to go on; it is gone when the run is done."""
    return models_dir / name / "training"


def _works(database: Database, order: Order) -> list[ArtworkFacts]:
    """Return the works of the classes to learn, and others that take places in rankings."""
    with database.transaction() as session:
        wanted = Filter(source=order.sources)
        page = list_artworks(session, wanted, state=ImageState.READY)
    works = sorted(page.artworks, key=lambda work: work.id)
    values = [label_of(work, order.label) for work in works]
    preset = order.preset
    kept = within_bounds(
        values, order.label, min_works=preset.min_works, max_works=preset.max_works
    )
    bystanders = [place for place, value in enumerate(values) if value not in kept]
    rng = np.random.default_rng(order.seed)
    some = set(rng.permutation(np.array(bystanders, np.int64))[:MOST_BYSTANDERS].tolist())
    return [work for place, work in enumerate(works) if values[place] in kept or place in some]


def label_classes(chosen: Chosen, main: Label, *, others: bool) -> dict[str, NDArray[np.int64]]:
    """Return each label's classes by work: the main one's, and others that training works have.

    A class of another label is learned if several training works have it; the others teach nothing.
    """
    classes = {str(main): np.where(chosen.classes == UNLABELLED, UNKNOWN, chosen.classes)}
    learned = np.zeros(len(chosen.works), bool)
    learned[chosen.training] = True
    for label in (Label.STYLE, Label.GENRE, Label.ARTIST) if others else ():
        if label is main:
            continue
        codes, _ = encode([label_of(work, label) for work in chosen.works])
        found, counts = np.unique(codes[learned & (codes != UNLABELLED)], return_counts=True)
        kept = found[counts >= FEWEST_OF_OTHER_LABELS]
        if len(kept) >= 2:
            places = np.searchsorted(kept, codes).clip(max=len(kept) - 1)
            known = learned & (kept[places] == codes)
            classes[str(label)] = np.where(known, places, UNKNOWN)
    return classes


def new_network(order: Order, classes: Mapping[str, int]) -> TunedNetwork:
    """Build the network with the parent's weights and a head drawn with the seed."""
    backbone = trainable_network(order.weights.network, read_tensors(order.weights.path))
    torch.manual_seed(order.seed)
    head = Head(order.model.dimension, classes, dropout=order.preset.dropout)
    return TunedNetwork(backbone, head)


def _training(
    order: Order,
    network: TunedNetwork,
    pictures: Pictures,
    chosen: Chosen,
    classes: Mapping[str, NDArray[np.int64]],
    *,
    folder: Path,
    device: torch.device,
    progress: Progress,
    stop: Stop,
) -> Training:
    feed = Feed(
        network,
        pictures,
        order.weights.normalisation,
        training=chosen.training,
        whole=chosen.validation,
        views=order.preset.views,
        seed=order.seed,
        device=device,
        keep_in=folder,
    )
    return Training(
        network,
        feed,
        order.preset,
        classes={name: torch.from_numpy(codes).to(device) for name, codes in classes.items()},
        main=str(order.label),
        training=chosen.training,
        validation=chosen.validation,
        seed=order.seed,
        device=device,
        checkpoint=folder / "checkpoint.safetensors",
        run=_identity(order, chosen),
        progress=progress,
        stop=stop,
    )


def _identity(order: Order, chosen: Chosen) -> dict[str, Any]:
    """Return all that decides what is learned, by names that a person understands."""
    works = json.dumps([[str(work.id), work.image_sha256] for work in chosen.works])
    parts = json.dumps([part.tolist() for part in (chosen.training, chosen.validation)])
    return {
        "model": order.model.name,
        "weights": order.weights.sha256,
        "label": str(order.label),
        "classes": list(chosen.names),
        "seed": order.seed,
        "works": hashlib.sha256((works + parts).encode()).hexdigest(),
        **{f"recipe: {name}": value for name, value in asdict(order.preset).items()},
    }


def _worth(
    written: Written,
    parent: Embedder,
    pictures: Pictures,
    chosen: Chosen,
    *,
    order: Order,
    progress: Progress,
    stop: Stop,
) -> dict[Embedding, Worth]:
    before = embed_all(parent, pictures.whole, task="before", progress=progress, stop=stop)
    found = {}
    for embedding in EMBEDDINGS:
        embedder = open_embedding(written, embedding)
        after = embed_all(
            embedder, pictures.whole, task=f"after, {embedding}", progress=progress, stop=stop
        )
        found[embedding] = measure(chosen, before, after, label=order.label, seed=order.seed)
    return found


def _about(order: Order, chosen: Chosen, worth: Mapping[Embedding, Worth]) -> dict[str, Any]:
    """Return how the model was made, to be kept beside it."""
    gained = worth[order.embedding].held_out.among_all.differences[0].micro["precision_at_10"]
    return {
        "summary": f"{order.preset.name}, {order.label}, {order.embedding}: "
        f"P@10 {gained.value:+.3f} on works held out",
        "parent": order.model.name,
        "parent_weights": order.weights.sha256,
        "label": str(order.label),
        "embedding": order.embedding,
        "classes": list(chosen.names),
        "sizes": chosen.sizes,
        "seed": order.seed,
        "sources": list(order.sources),
        "recipe": asdict(order.preset),
        "report": "report.html",
    }


def _class_sizes(chosen: Chosen) -> dict[str, dict[str, int]]:
    parts = zip(chosen.sizes, (chosen.training, chosen.validation, chosen.held_out), strict=True)
    counts = {
        part: np.bincount(chosen.classes[places], minlength=len(chosen.names))
        for part, places in parts
    }
    return {
        name: {part: int(count[number]) for part, count in counts.items()}
        for number, name in enumerate(chosen.names)
    }


def _confusion(
    classes: NDArray[np.int64], told: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """Return how many works of each class (rows) were told to be of each (columns)."""
    table = np.zeros((count, count), np.int64)
    np.add.at(table, (classes, told), 1)
    return table
