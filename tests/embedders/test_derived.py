"""Features of the same forward pass, and the derived models that are projected from them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from embedders import BUILT_IN, DerivedEmbedder, Embedder, FeatureMapNotSupported
from embedders.descriptors import DescriptorEmbedder
from embedders.projection import Projection, fit

Load = Callable[[str], Embedder]


def _prepared(embedder: Embedder, pictures: list[Image.Image]) -> np.ndarray:
    return np.stack([embedder.prepare(picture) for picture in pictures])


def _derived(name: str, base: Embedder, projection: Projection) -> DerivedEmbedder:
    (description,) = [item for item in BUILT_IN.derived_models(base.name) if item.name == name]
    return DerivedEmbedder(description, base=base, current=lambda: projection)


@pytest.fixture
def identity(load: Load, pictures: list[Image.Image]) -> DerivedEmbedder:
    base = load("colour_grid")
    features = base.embed_prepared(_prepared(base, pictures))
    return _derived("colour_grid_identity", base, fit("whiten", features, 128))


def test_a_derived_model_gives_the_projection_of_the_embedding_at_length_one(
    identity: DerivedEmbedder, load: Load, pictures: list[Image.Image]
) -> None:
    batch = _prepared(identity, pictures)
    features = load("colour_grid").embed_prepared(batch)
    projected = fit("whiten", features, 128).apply(features)
    expected = projected / np.linalg.norm(projected, axis=1, keepdims=True)
    np.testing.assert_allclose(identity.embed_prepared(batch), expected, atol=1e-5)


def test_several_features_are_projected_one_behind_the_other(
    load: Load, pictures: list[Image.Image]
) -> None:
    base = load("colour_grid")
    batch = _prepared(base, pictures)
    matrix = np.random.default_rng(0).normal(size=(384, 128)).astype(np.float32)
    (identity,) = BUILT_IN.derived_models("colour_grid")
    twice = replace(identity.derivation, feature="colour_grid+colour_grid")
    joint = DerivedEmbedder(
        replace(identity, derivation=twice),
        base=base,
        current=lambda: Projection(np.zeros(384, np.float32), matrix, 20),
    )
    features = base.embed_prepared(batch)
    expected = features @ matrix[:192] + features @ matrix[192:]
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(joint.embed_prepared(batch), expected, atol=1e-5)
    with pytest.raises(FeatureMapNotSupported):
        joint.feature_map(batch)


def test_the_cells_of_an_identity_vector_average_to_it(
    identity: DerivedEmbedder, pictures: list[Image.Image]
) -> None:
    batch = _prepared(identity, pictures)
    means = identity.feature_map(batch).mean(axis=(1, 2), dtype=np.float64)
    units = means / np.linalg.norm(means, axis=1, keepdims=True)
    np.testing.assert_allclose(units, identity.embed_prepared(batch), atol=1e-4)


def test_other_weights_of_the_base_are_another_derived_model(load: Load) -> None:
    base = load("colour_grid")
    nothing = Projection(np.zeros(192, np.float32), np.zeros((192, 128), np.float32), 0)
    before = _derived("colour_grid_identity", base, nothing).fingerprint
    twin = DescriptorEmbedder(base.description, fingerprint="other")
    assert _derived("colour_grid_identity", twin, nothing).fingerprint != before


def test_one_pass_gives_the_embedding_and_the_third_stage(
    load: Load, pictures: list[Image.Image]
) -> None:
    resnet = load("resnet50")
    batch = _prepared(resnet, pictures[:3])
    given = resnet.embed_with_features(batch)

    assert set(given) == {"resnet50", "resnet50_stage3"}
    np.testing.assert_allclose(given["resnet50"], resnet.embed_prepared(batch), atol=1e-6)
    module = resnet._network.module  # type: ignore[attr-defined]
    with torch.inference_mode():
        stage = resnet._normalised(batch)  # type: ignore[attr-defined]
        for name in ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3"):
            stage = getattr(module, name)(stage)
    values = stage.numpy()
    statistics = np.sqrt(np.hstack([values.mean(axis=(2, 3)), values.std(axis=(2, 3))]))
    expected = statistics / np.linalg.norm(statistics, axis=1, keepdims=True)
    np.testing.assert_allclose(given["resnet50_stage3"], expected, atol=1e-5)


def test_a_style_vector_has_no_map(load: Load, pictures: list[Image.Image]) -> None:
    resnet = load("resnet50")
    nothing = Projection(np.zeros(2048, np.float32), np.zeros((2048, 512), np.float32), 0)
    style = _derived("resnet50_style", resnet, nothing)
    with pytest.raises(FeatureMapNotSupported, match="resnet50_style"):
        style.feature_map(_prepared(style, pictures[:1]))
