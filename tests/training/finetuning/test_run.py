"""A fine-tuning run as another program would: without the command line."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deployment import Deployment
from embedders import BUILT_IN, InvalidOwnModel, fine_tuned, save_own_model, weights_path
from embedders.normalisation import CENTRED
from embedders.weights.stored import Origin, write_tensors
from evaluation.labels import Label
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from settings import Settings
from tests.training.finetuning.test_network import random_weights
from training.finetuning.presets import CLASSIC, InvalidPreset, Overrides, adapt
from training.finetuning.run import fine_tune
from training.finetuning.spec import TrainingSpec, training_folder
from training.progress import Interrupted, Watch

NETWORK = "timm.tf_efficientnet_lite0"
QUICK = adapt(
    CLASSIC, Label.STYLE, Overrides(min_works=3, max_works=20, head_epochs=1, epochs=1, batch=8)
)


@pytest.fixture
def collection(tiny_settings: Settings, pictures: Path) -> Iterator[Deployment]:
    """A collection with a network of its own, whose weights were drawn at random."""
    models = tiny_settings.home / "models"
    origin = Origin(NETWORK, CENTRED, "none")
    write_tensors(weights_path(models, "drawn"), random_weights(NETWORK), origin)
    parent = BUILT_IN.describe("efficientnet_lite0")
    drawn = fine_tuned(
        models, parent, name="drawn", title="Drawn", network=NETWORK, dimension=parent.dimension
    )
    save_own_model(models, drawn, about={})
    with Deployment(tiny_settings) as deployment:
        embedders = [deployment.embedder(name) for name in tiny_settings.models]
        ingest(FolderReader(pictures), deployment.ingest_context(embedders))
        yield deployment


@pytest.mark.slow
def test_a_program_fine_tunes_a_model_and_embeds_with_it(collection: Deployment) -> None:
    spec = TrainingSpec(
        model="drawn", label=Label.STYLE, preset=QUICK, name="tuned", embedding="dense"
    )
    checks = iter(range(3))
    with pytest.raises(Interrupted):
        fine_tune(
            collection,
            spec,
            device="cpu",
            watch=Watch(stop=lambda: next(checks, None) is None),
        )
    assert training_folder(collection.models_dir, "tuned").exists()
    tuned = fine_tune(collection, spec, device="cpu")
    assert [epoch["phase"] for epoch in tuned.history] == ["head", "half"]
    assert tuned.sizes == {"training": 18, "validation": 3, "held out": 3}
    assert tuned.transfer.keys() == {"pooled", "dense"}
    assert tuned.confusion.sum() == 3
    assert not training_folder(collection.models_dir, "tuned").exists()
    collection.look_for_own_models()
    assert collection.embedder("tuned").description.dimension == 256
    with pytest.raises(InvalidOwnModel, match="there is a model tuned already"):
        fine_tune(collection, spec, device="cpu")
    with pytest.raises(InvalidOwnModel, match="comes with Vasari"):
        fine_tune(collection, replace(spec, name="resnet50"), device="cpu")


def test_recipes_that_contradict_themselves_are_refused_and_artists_are_divided_by_works() -> None:
    for label, overrides, complaint in (
        (Label.ARTIST, Overrides(split="artists"), "--split works"),
        (Label.STYLE, Overrides(shares=(0.9, 0.2, 0.1)), "the shares"),
        (Label.STYLE, Overrides(min_works=30, max_works=20), "at least 30 and at most 20"),
    ):
        with pytest.raises(InvalidPreset, match=complaint):
            adapt(CLASSIC, label, overrides)
    assert adapt(replace(CLASSIC, split="artists"), Label.ARTIST, Overrides()).split == "works"
