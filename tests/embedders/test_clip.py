"""The path of CLIP, with random weights: shapes and plumbing, no claim of quality."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from embedders import BUILT_IN, Embedder, WeightsUnavailable, load_embedder, model_status
from embedders.normalisation import CLIP
from embedders.torchvision_operators import import_networks
from embedders.weights.stored import Origin, write_tensors


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedder]:
    """The real architecture, loaded as a person's local file of weights would be."""
    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    module = import_networks("open_clip").create_model("ViT-B-32-quickgelu", pretrained=None)
    origin = Origin("open_clip.ViT-B-32-quickgelu", CLIP, "none, random")
    write_tensors(folder / "clip_vit_b32.safetensors", module.state_dict(), origin)
    del module
    status = model_status(BUILT_IN.describe("clip_vit_b32"), folder)
    embedder = load_embedder(BUILT_IN.describe("clip_vit_b32"), folder)
    assert (status.ready, status.fingerprint) == (True, embedder.fingerprint)
    yield embedder
    (folder / "clip_vit_b32.safetensors").unlink()  # 600 MB that pytest would keep


@pytest.mark.slow
def test_pictures_and_texts_land_in_one_space(clip: Embedder, picture: Image.Image) -> None:
    images = clip.embed([picture, picture.transpose(Image.Transpose.ROTATE_90)])
    texts = clip.embed_text(["a portrait of a woman", "ships in a storm, oil on canvas"])
    assert images.shape == texts.shape == (2, 512)
    assert images.dtype == texts.dtype == np.float32
    for vectors in (images, texts):
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
        assert np.abs(vectors[0] - vectors[1]).max() > 1e-4


@pytest.mark.slow
def test_batches_do_not_change_vectors_and_no_texts_give_none(
    clip: Embedder, pictures: list[Image.Image]
) -> None:
    np.testing.assert_allclose(
        clip.embed(pictures[:3], batch_size=1), clip.embed(pictures[:3]), atol=1e-5
    )
    texts = ["a", "a very long text " * 100, ""]
    one_by_one = np.concatenate([clip.embed_text([text]) for text in texts])
    np.testing.assert_allclose(clip.embed_text(texts), one_by_one, atol=1e-5)
    assert clip.embed_text([]).shape == (0, 512)


@pytest.mark.slow
def test_a_model_hub_that_cannot_be_reached_is_given_up_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setattr(import_networks("open_clip"), "download_pretrained", pytest.fail)
    with pytest.raises(WeightsUnavailable, match="hub cannot be reached"):
        load_embedder(BUILT_IN.describe("clip_vit_b32"), tmp_path)
