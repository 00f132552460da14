"""A model says who it is before its weights are read."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from embedders import (
    BUILT_IN,
    Embedder,
    TextNotSupported,
    UnknownModel,
    load_embedder,
    model_status,
    open_embedder,
)
from embedders.lazy import LazyEmbedder, WeightsReplaced


def lazy(loads: list[str], *, fingerprint: str, weights_dir: Path) -> LazyEmbedder:
    def load() -> Embedder:
        loads.append("loaded")
        return load_embedder(BUILT_IN.describe("colour_grid"), weights_dir)

    return LazyEmbedder(
        BUILT_IN.describe("colour_grid"), fingerprint=fingerprint, provider=None, load=load
    )


def test_weights_are_read_with_the_first_picture_and_once(
    picture: Image.Image, tmp_path: Path
) -> None:
    fingerprint = model_status(BUILT_IN.describe("colour_grid"), tmp_path).fingerprint
    assert fingerprint is not None
    loads: list[str] = []
    embedder = lazy(loads, fingerprint=fingerprint, weights_dir=tmp_path)
    prepared = embedder.prepare(picture)
    assert (embedder.name, embedder.dimension, loads) == ("colour_grid", 192, [])
    with pytest.raises(TextNotSupported):
        embedder.embed_text(["a red barn"])
    assert loads == []
    expected = load_embedder(BUILT_IN.describe("colour_grid"), tmp_path).embed([picture])
    for _ in range(2):
        np.testing.assert_array_equal(embedder.embed_prepared(prepared[None]), expected)
    assert loads == ["loaded"]


def test_weights_that_were_replaced_meanwhile_are_not_used_under_the_old_name(
    picture: Image.Image, tmp_path: Path
) -> None:
    embedder = lazy([], fingerprint="another", weights_dir=tmp_path)
    with pytest.raises(WeightsReplaced, match="replaced while this process ran"):
        embedder.embed([picture])


def test_an_opened_model_has_the_fingerprint_of_a_loaded_one(tmp_path: Path) -> None:
    opened = open_embedder(BUILT_IN.describe("efficientnet_lite0"), tmp_path, report=pytest.fail)
    loaded = load_embedder(BUILT_IN.describe("efficientnet_lite0"), tmp_path)
    assert (opened.fingerprint, opened.provider) == (loaded.fingerprint, loaded.provider)
    with pytest.raises(UnknownModel):
        open_embedder(BUILT_IN.describe("resnet"), tmp_path)
