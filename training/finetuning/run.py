"""A whole fine-tuning: works divided, a network trained, a model kept, its gain measured."""

import shutil
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from catalog.artworks import ArtworkFacts, list_artworks
from catalog.database import Database
from catalog.filters import Filter
from catalog.models import ImageState
from embedders import save_own_model
from embedders.glibc_memory import keep_freed_memory
from embedders.networks import trainable_network
from embedders.weights.obtain import obtain_weights
from embedders.weights.provider import Report
from embedders.weights.stored import read_tensors
from evaluation.copies import SameWorks
from evaluation.labels import UNLABELLED, label_of
from evaluation.stored import NothingToEvaluate
from training.collection import Collection
from training.finetuning.activations import ActivationCache
from training.finetuning.exclusive_run import exclusive_run
from training.finetuning.network import Head, Normaliser, TunedNetwork
from training.finetuning.outcome import (
    FineTuned,
    TransferReport,
    about,
    embed_all,
    measure,
    write_weights,
)
from training.finetuning.pictures import Pictures, read_pictures
from training.finetuning.presets import Embedding
from training.finetuning.spec import (
    Parent,
    TrainingSpec,
    identity_of,
    require_free_name,
    training_folder,
)
from training.finetuning.split import DatasetSplit, label_classes, split_dataset, within_bounds
from training.finetuning.trainer import Trainer
from training.progress import Watch

MOST_BYSTANDERS = 5_000
"""Works of no class that is learned which take places in the rankings that are measured."""


def fine_tune(
    collection: Collection,
    spec: TrainingSpec,
    *,
    device: str = "auto",
    same: SameWorks | None = None,
    watch: Watch | None = None,
    report: Report | None = None,
) -> FineTuned:
    """Fine-tune a model on the works of a collection, or resume a run that was cut short.

    Args:
        device: ``cuda``, ``mps``, ``cpu``, or ``auto`` for the first of these that is there.
        report: is told of a download of the model's weights.

    Raises:
        UnknownModel, WeightsUnavailable: of the model to start from.
        InvalidOwnModel: the new model cannot have its name.
        NothingToEvaluate: there is not enough to learn, or to ask; or there is no such device.
        AlreadyRunning: another process is at it.
        InvalidCheckpoint: an earlier run of this name cannot be resumed.
        Interrupted: it was asked to stop; calling it again resumes.
    """
    description = collection.registry.describe(spec.model)
    require_free_name(collection.models_dir, description, spec.name)
    weights = obtain_weights(
        spec.model,
        description.providers,
        collection.settings.weights_dir,
        report=report or (lambda _: None),
    )
    parent = Parent(description=description, weights=weights)
    normaliser = Normaliser(weights.normalisation, training_device(device))
    with exclusive_run(collection.models_dir, spec.name):
        return _fine_tune(collection, spec, parent, normaliser, same=same, watch=watch or Watch())


def _fine_tune(
    collection: Collection,
    spec: TrainingSpec,
    parent: Parent,
    normaliser: Normaliser,
    *,
    same: SameWorks | None,
    watch: Watch,
) -> FineTuned:
    from sklearn.metrics import confusion_matrix

    keep_freed_memory()
    began, cpu_began = time.perf_counter(), time.process_time()
    models_dir = collection.models_dir
    folder = training_folder(models_dir, spec.name)
    pictures = read_pictures(
        _works(collection.database, spec),
        collection.picture_of,
        parent.description.preparation,
        parts=spec.preset.views > 0,
        folder=folder,
        watch=watch,
    )
    split = split_dataset(pictures.works, spec.label, spec.preset, seed=spec.seed, same=same)
    trainer = _trainer(spec, parent, pictures, split, normaliser, folder=folder, watch=watch)
    history = trainer.run()
    predicted = trainer.predict_logits(split.held_out).argmax(dim=1).cpu().numpy()
    tensors = trainer.network.weights()
    transfer = _transfer(
        tensors, pictures, split, normaliser, spec=spec, parent=parent, watch=watch
    )
    description = write_weights(
        models_dir,
        parent,
        tensors,
        name=spec.name,
        title=f"{parent.description.title}, trained on {spec.label}",
        embedding=spec.embedding,
    )
    own = save_own_model(
        models_dir,
        description,
        about=about(spec, parent, split, transfer),
        share=collection.share_own_model,
    )
    shutil.rmtree(folder, ignore_errors=True)
    confusion = confusion_matrix(
        split.classes[split.held_out], predicted, labels=np.arange(len(split.names))
    )
    return FineTuned(
        spec=spec,
        parent=parent,
        own=own,
        device=normaliser.device.type,
        sizes=split.sizes,
        classes=split.class_sizes,
        left_out=int((split.classes == UNLABELLED).sum()),
        unreadable=pictures.unreadable,
        unfrozen=sorted(trainer.network.last_half),
        history=history,
        accuracy=float(np.trace(confusion) / max(1, confusion.sum())),
        confusion=confusion,
        transfer=transfer,
        seconds=time.perf_counter() - began,
        cpu_seconds=time.process_time() - cpu_began,
    )


def _works(database: Database, spec: TrainingSpec) -> list[ArtworkFacts]:
    """Return the works of the classes to learn, and others that take places in rankings."""
    with database.transaction() as session:
        wanted = Filter(source=spec.sources)
        page = list_artworks(session, wanted, state=ImageState.READY)
    if not page.artworks:
        of = f" of {', '.join(spec.sources)}" if spec.sources else ""
        raise NothingToEvaluate(f"no work{of} has a picture that was read: ingest some first")
    works = sorted(page.artworks, key=lambda work: work.id)
    values = [label_of(work, spec.label) for work in works]
    kept = within_bounds(values, spec.label, spec.preset)
    bystanders = [place for place, value in enumerate(values) if value not in kept]
    rng = np.random.default_rng(spec.seed)
    some = set(rng.permutation(np.array(bystanders, np.int64))[:MOST_BYSTANDERS].tolist())
    return [work for place, work in enumerate(works) if values[place] in kept or place in some]


def _trainer(
    spec: TrainingSpec,
    parent: Parent,
    pictures: Pictures,
    split: DatasetSplit,
    normaliser: Normaliser,
    *,
    folder: Path,
    watch: Watch,
) -> Trainer:
    preset, device = spec.preset, normaliser.device
    classes = label_classes(split, spec.label, others=preset.other_labels > 0)
    network = _new_network(spec, parent, {name: int(c.max()) + 1 for name, c in classes.items()})
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    activations = ActivationCache(
        network,
        pictures,
        normaliser,
        training=split.training,
        whole=split.validation,
        views=preset.views,
        seed=spec.seed,
        keep_in=folder,
    )
    return Trainer(
        network=network,
        activations=activations,
        preset=preset,
        classes={name: torch.from_numpy(codes).to(device) for name, codes in classes.items()},
        main=str(spec.label),
        training=split.training,
        validation=split.validation,
        seed=spec.seed,
        checkpoint=folder / "checkpoint.safetensors",
        identity=identity_of(spec, parent, split),
        watch=watch,
    )


def _new_network(spec: TrainingSpec, parent: Parent, classes: Mapping[str, int]) -> TunedNetwork:
    """Build the network with the parent's weights and a head drawn with the seed."""
    backbone = trainable_network(parent.weights.network, read_tensors(parent.weights.path))
    torch.manual_seed(spec.seed)
    head = Head(parent.description.dimension, classes, dropout=spec.preset.dropout)
    return TunedNetwork(backbone, head)


def _transfer(
    tensors: Mapping[str, Tensor],
    pictures: Pictures,
    split: DatasetSplit,
    normaliser: Normaliser,
    *,
    spec: TrainingSpec,
    parent: Parent,
    watch: Watch,
) -> dict[Embedding, TransferReport]:
    former = read_tensors(parent.weights.path)
    before, after = (
        embed_all(
            parent.weights.network,
            weights,
            pictures.whole,
            normaliser,
            task=task,
            watch=watch,
        )
        for task, weights in (("before", former), ("after", tensors))
    )
    return {
        embedding: measure(split, before["pooled"], vectors, label=spec.label, seed=spec.seed)
        for embedding, vectors in after.items()
    }


def training_device(name: str = "auto") -> torch.device:
    """Return the named device; ``auto`` takes CUDA, else MPS, else the CPU.

    Raises:
        NothingToEvaluate: the named device is not available.
    """
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        name = next(device for device, found in there.items() if found)
    if not there.get(name, False):
        found = ", ".join(device for device, is_there in there.items() if is_there)
        raise NothingToEvaluate(f"there is no device {name} here; there is {found}")
    return torch.device(name)
