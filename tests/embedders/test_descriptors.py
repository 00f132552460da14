"""The two models without weights measure something, the same everywhere."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from embedders import BUILT_IN, TextNotSupported, UnreadableImage, load_embedder

NAMES = ["colour_grid", "edge_grid"]
GOLDEN = {
    "colour_grid": [
        -0.124173,
        -0.109285,
        -0.098181,
        -0.089225,
        -0.109285,
        -0.044091,
        -0.054160,
        -0.109285,
    ],
    "edge_grid": [
        -0.132787,
        -0.069995,
        -0.048916,
        0.023097,
        -0.126731,
        -0.093823,
        -0.093310,
        -0.093823,
    ],
}


@pytest.mark.parametrize("name", NAMES)
def test_a_known_picture_has_known_values(name: str, picture: Image.Image, tmp_path: Path) -> None:
    vector = load_embedder(BUILT_IN.describe(name), tmp_path).embed([picture])[0]
    np.testing.assert_allclose(vector[:8], GOLDEN[name], atol=1e-3)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_vectors_are_unit_float32_and_independent_of_the_batch(
    name: str, pictures: list[Image.Image], tmp_path: Path
) -> None:
    embedder = load_embedder(BUILT_IN.describe(name), tmp_path)
    vectors = embedder.embed(pictures)
    assert vectors.dtype == np.float32
    assert vectors.shape == (7, embedder.dimension)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(vectors, embedder.embed(pictures, batch_size=1))


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_of_one_colour_has_a_direction(name: str, tmp_path: Path) -> None:
    plain = [Image.new("RGB", (50, 50), (value,) * 3) for value in range(0, 256, 5)]
    assert np.isfinite(load_embedder(BUILT_IN.describe(name), tmp_path).embed(plain)).all()


def test_colours_and_edges_tell_pictures_apart(tmp_path: Path) -> None:
    x = np.broadcast_to(np.arange(256, dtype=np.uint8), (256, 256))
    stripes = Image.fromarray((x // 16 % 2 * 255).astype(np.uint8)).convert("RGB")
    level = stripes.transpose(Image.Transpose.ROTATE_90)
    inverted = Image.fromarray(255 - np.asarray(stripes))
    edges = load_embedder(BUILT_IN.describe("edge_grid"), tmp_path).embed(
        [stripes, level, inverted]
    )
    assert edges[0] @ edges[2] > 0.99
    assert edges[0] @ edges[1] < 0.3
    plain = [Image.new("RGB", (9, 9), name) for name in ("red", "darkred", "cyan")]
    colours = load_embedder(BUILT_IN.describe("colour_grid"), tmp_path).embed(plain)
    assert colours[0] @ colours[1] > 0.5
    assert colours[0] @ colours[2] < -0.5


def test_a_text_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(TextNotSupported, match="colour_grid"):
        load_embedder(BUILT_IN.describe("colour_grid"), tmp_path).embed_text(["a red barn"])


def test_an_unreadable_picture_among_others_is_raised(picture: Image.Image, tmp_path: Path) -> None:
    with pytest.raises(UnreadableImage):
        load_embedder(BUILT_IN.describe("colour_grid"), tmp_path).embed([picture, b"nothing"])


def test_no_pictures_give_no_vectors_and_a_wrong_batch_is_refused(tmp_path: Path) -> None:
    embedder = load_embedder(BUILT_IN.describe("colour_grid"), tmp_path)
    assert embedder.embed([]).shape == (0, 192)
    assert embedder.embed_prepared(np.empty((0, 224, 224, 3), np.uint8)).shape == (0, 192)
    for wrong in (np.zeros((1, 224, 224, 3)), np.zeros((224, 224, 3), np.uint8)):
        with pytest.raises(ValueError, match="uint8 pictures of shape"):
            embedder.embed_prepared(wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least one"):
        embedder.embed([], batch_size=0)
