"""The default models with their real weights."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from embedders import BUILT_IN, Embedder, model_status
from embedders.weights.obtain import find_weights
from embedders.weights.stored import read_tensors

Load = Callable[[str], Embedder]
NAMES = ["resnet50", "efficientnet_lite0"]
# By fingerprint, because a model's weights may come from more than one provider.
GOLDEN = {
    "8998ddbfe8b823f4ba1de5bdecc4965c": [
        0.024247,
        0.001871,
        0.000265,
        0.000000,
        0.011434,
        0.000000,
        0.006695,
        0.001116,
    ],
    "e056e8ebd97bd8da15af43823231a5c2": [
        0.000000,
        0.000000,
        0.003217,
        0.000000,
        0.000000,
        0.000000,
        0.009406,
        0.097559,
    ],
}


@pytest.mark.parametrize("name", NAMES)
def test_a_known_picture_has_known_values(name: str, load: Load, picture: Image.Image) -> None:
    embedder = load(name)
    if embedder.fingerprint not in GOLDEN:
        pytest.skip(f"no values are pinned for {name} from {embedder.provider}")
    vector = embedder.embed([picture])[0]
    np.testing.assert_allclose(vector[:8], GOLDEN[embedder.fingerprint], atol=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_the_size_of_a_batch_does_not_change_a_vector(
    name: str, load: Load, pictures: list[Image.Image]
) -> None:
    embedder = load(name)
    at_once = embedder.embed(pictures)
    assert at_once.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(at_once, axis=1), 1, atol=1e-6)
    for batch_size in (1, 3):
        np.testing.assert_allclose(
            embedder.embed(pictures, batch_size=batch_size), at_once, atol=1e-5
        )


@pytest.mark.parametrize("name", NAMES)
def test_path_bytes_and_pillow_image_give_equal_vectors(
    name: str, load: Load, picture: Image.Image, tmp_path: Path
) -> None:
    path = tmp_path / "picture.jpg"
    picture.save(path)
    with Image.open(path) as opened:
        vectors = load(name).embed([path, path.read_bytes(), opened])
    np.testing.assert_allclose(vectors, vectors[[0, 0, 0]], atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_threads_may_share_a_model(name: str, load: Load, pictures: list[Image.Image]) -> None:
    embedder = load(name)
    expected = embedder.embed(pictures)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda picture: embedder.embed([picture])[0], pictures))
    np.testing.assert_allclose(np.stack(found), expected, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_a_loaded_model_has_the_fingerprint_that_its_status_announced(
    name: str, load: Load, weights_dir: Path
) -> None:
    embedder = load(name)
    status = model_status(BUILT_IN.describe(name), weights_dir)
    assert (status.ready, status.reason) == (True, None)
    assert (status.fingerprint, status.provider) == (embedder.fingerprint, embedder.provider)
    assert len(embedder.fingerprint) == 32


@pytest.mark.parametrize("name", NAMES)
def test_copies_are_nearer_than_other_pictures(
    name: str,
    load: Load,
    pictures: list[Image.Image],
    clock: Image.Image,
    encode: Callable[..., bytes],
) -> None:
    originals = [pictures[0], clock]
    copies = [encode(original.resize((150, 120)), "JPEG", quality=60) for original in originals]
    vectors = load(name).embed([*originals, *copies])
    assert vectors[0] @ vectors[2] > vectors[0] @ vectors[1]
    assert vectors[1] @ vectors[3] > vectors[1] @ vectors[0]


def test_resnet50_with_its_classifier_recognises_a_clock_and_a_chessboard(
    load: Load, clock: Image.Image, weights_dir: Path
) -> None:
    embedder = load("resnet50")
    stored, _ = find_weights(embedder.description.providers, weights_dir)
    assert stored is not None
    tensors = read_tensors(stored.path)
    board = Image.fromarray((np.indices((224, 224)) // 28).sum(axis=0).astype(np.uint8) % 2 * 230)
    batch = np.stack([embedder.prepare(image.convert("RGB")) for image in (clock, board)])
    features = embedder._image_features(batch)
    scores = features @ tensors["fc.weight"].numpy().T + tensors["fc.bias"].numpy()
    best = np.argsort(-scores, axis=1)
    assert set(best[0, :2]) == {409, 892}  # ImageNet's "analog clock" and "wall clock"
    assert best[1, 0] == 918  # "crossword puzzle"
