"""What a model sees where adds up to what it sees in all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from embedders import BUILT_IN, Embedder, FeatureMapNotSupported, load_embedder
from embedders.feature_maps import last_map_of
from embedders.lazy import LazyEmbedder
from embedders.networks import Network, build_network
from embedders.normalisation import IMAGENET
from embedders.torch_embedder import TorchEmbedder
from embedders.torchvision_operators import import_networks

Load = Callable[[str], Embedder]


def prepared(embedder: Embedder, pictures: list[Image.Image]) -> np.ndarray:
    return np.stack([embedder.prepare(picture) for picture in pictures])


def assert_the_mean_over_cells_is_the_embedding(
    embedder: Embedder, pictures: list[Image.Image], *, cells: int
) -> None:
    batch = prepared(embedder, pictures)
    maps = embedder.feature_map(batch)
    assert maps.dtype == np.float32
    assert maps.shape == (len(pictures), cells, cells, embedder.dimension)
    means = maps.mean(axis=(1, 2), dtype=np.float64)
    units = means / np.linalg.norm(means, axis=1, keepdims=True)
    np.testing.assert_allclose(units, embedder.embed_prepared(batch), atol=1e-5)


@pytest.mark.parametrize(("name", "cells"), [("colour_grid", 8), ("edge_grid", 4)])
def test_the_cells_of_a_grid_average_to_its_embedding(
    name: str, cells: int, pictures: list[Image.Image], tmp_path: Path
) -> None:
    embedder = load_embedder(BUILT_IN.describe(name), tmp_path)
    assert_the_mean_over_cells_is_the_embedding(embedder, pictures, cells=cells)


@pytest.mark.parametrize("name", ["resnet50", "efficientnet_lite0"])
def test_the_last_map_of_a_network_averages_to_its_embedding(
    name: str, load: Load, pictures: list[Image.Image]
) -> None:
    assert_the_mean_over_cells_is_the_embedding(load(name), pictures[:3], cells=7)


def test_efficientnet_b0_has_a_last_map_too(pictures: list[Image.Image]) -> None:
    torch.manual_seed(0)
    tensors = import_networks("torchvision.models").efficientnet_b0().eval().state_dict()
    network = build_network("torchvision.efficientnet_b0", tensors, torch.device("cpu"))
    embedder = TorchEmbedder(
        BUILT_IN.describe("efficientnet_b0"),
        network,
        normalisation=IMAGENET,
        fingerprint="f",
        provider=None,
    )
    assert_the_mean_over_cells_is_the_embedding(embedder, pictures[:2], cells=7)


@pytest.mark.parametrize(("name", "cells"), [("colour_grid", 8), ("resnet50", 7)])
def test_a_cell_sees_the_part_of_the_picture_where_it_lies(
    name: str, cells: int, load: Load
) -> None:
    embedder = load(name)
    plain = Image.new("RGB", (400, 200), (120, 110, 90))
    marked = plain.copy()
    ImageDraw.Draw(marked).ellipse((330, 20, 380, 50), fill="red", outline="black", width=6)
    maps = embedder.feature_map(prepared(embedder, [plain, marked]))
    change = np.linalg.norm(maps[1] - maps[0], axis=2)
    row, column = np.unravel_index(change.argmax(), change.shape)
    assert abs(row - int(35 / 200 * cells)) <= 1
    assert abs(column - int(355 / 400 * cells)) <= 1


def test_threads_that_embed_do_not_disturb_one_that_asks_for_maps(
    load: Load, pictures: list[Image.Image]
) -> None:
    embedder = load("efficientnet_lite0")
    batch = prepared(embedder, pictures)
    expected = embedder.feature_map(batch)
    with ThreadPoolExecutor(4) as pool:
        embedded = [pool.submit(embedder.embed_prepared, batch) for _ in range(4)]
        maps = list(pool.map(lambda row: embedder.feature_map(row[None])[0], batch))
        for vectors in embedded:
            np.testing.assert_allclose(vectors.result(), embedder.embed_prepared(batch), atol=1e-5)
    np.testing.assert_allclose(np.stack(maps), expected, atol=1e-4)


def test_a_lazy_model_passes_the_question_on(picture: Image.Image, tmp_path: Path) -> None:
    loaded = load_embedder(BUILT_IN.describe("edge_grid"), tmp_path)
    lazy = LazyEmbedder(
        loaded.description,
        fingerprint=loaded.fingerprint,
        provider=None,
        load=lambda: load_embedder(BUILT_IN.describe("edge_grid"), tmp_path),
    )
    batch = prepared(loaded, [picture])
    np.testing.assert_array_equal(lazy.feature_map(batch), loaded.feature_map(batch))


def test_a_model_without_a_map_says_which_model_has_one(picture: Image.Image) -> None:
    # A transformer's embedding, as CLIP's, is no average over places.
    network = Network(torch.nn.Identity(), lambda pixels: torch.ones(len(pixels), 512))
    embedder = TorchEmbedder(
        BUILT_IN.describe("clip_vit_b32"),
        network,
        normalisation=IMAGENET,
        fingerprint="f",
        provider=None,
    )
    with pytest.raises(FeatureMapNotSupported, match=r"clip_vit_b32 .* such as resnet50"):
        embedder.feature_map(prepared(embedder, [picture]))
    with pytest.raises(ValueError, match="no layer that averages"):
        last_map_of(torch.nn.Identity())


def test_a_wrong_or_an_empty_batch_is_refused(tmp_path: Path) -> None:
    embedder = load_embedder(BUILT_IN.describe("colour_grid"), tmp_path)
    with pytest.raises(ValueError, match="uint8 pictures of shape"):
        embedder.feature_map(np.zeros((1, 8, 8, 3), np.uint8))
    with pytest.raises(ValueError, match="at least one picture"):
        embedder.feature_map(np.zeros((0, 224, 224, 3), np.uint8))
