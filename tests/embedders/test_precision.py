"""In how many bits a network computes, and how that is chosen and told."""

from collections.abc import Callable
from copy import copy
from functools import partial

import numpy as np
import pytest
from PIL import Image

from embedders import BUILT_IN, Embedder
from embedders.embedder import Pixels, Vectors
from embedders.fingerprint import derived_fingerprint, feature_fingerprint, joint_fingerprint
from embedders.precision import Precision, in_precision, precision_of, weights_of
from embedders.precision_choice import best_precision

FINGERPRINT = "0123456789abcdef0123456789abcdef"
RESNET50 = BUILT_IN.describe("resnet50")
(STYLE,) = (item for item in BUILT_IN.derived_models("resnet50") if item.name == "resnet50_style")


class Fake(Embedder):
    """A model whose bfloat16 is as fast and as exact as a test says."""

    def __init__(self, *, slower: int, off: float) -> None:
        super().__init__(RESNET50, fingerprint=FINGERPRINT, provider=None)
        self._slower, self._off = slower, off

    def _in_precision(self, precision: Precision) -> Embedder:
        other = copy(self)
        other.fingerprint = in_precision(self.fingerprint, precision)
        return other

    def _image_features(self, batch: Pixels) -> Vectors:
        features = np.ones((len(batch), 2048), np.float32)
        if precision_of(self.fingerprint) == Precision.BFLOAT16:
            features[:, :1024] += np.float32(self._off)
            rounds = 1
        else:
            rounds = self._slower
        # A core's time: that of sleeping would not count.
        sum(range(200_000 * rounds))
        return features


@pytest.mark.parametrize(
    ("slower", "off", "chosen"),
    [
        (5, 0.01, Precision.BFLOAT16),
        (1, 0.01, Precision.FLOAT32),
        (5, 0.1, Precision.FLOAT32),
    ],
    ids=["faster and as good", "not faster", "faster and another vector"],
)
def test_bfloat16_is_chosen_where_it_is_faster_and_gives_the_same(
    slower: int, off: float, chosen: Precision, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embedders.torch_embedder.computes_in_bfloat16", lambda: True)
    said: list[str] = []
    assert best_precision(Fake(slower=slower, off=off), said.append) == chosen
    assert said[0].startswith(f"resnet50 computes in {chosen}: bfloat16 is ")


def test_a_machine_without_bfloat16_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embedders.torch_embedder.computes_in_bfloat16", lambda: False)
    assert best_precision(Fake(slower=5, off=0), pytest.fail) == Precision.FLOAT32


def test_a_model_without_a_network_has_one_precision(load: Callable[[str], Embedder]) -> None:
    grid = load("colour_grid")
    assert grid.in_precision(Precision.BFLOAT16) is grid
    assert best_precision(grid, pytest.fail) == Precision.FLOAT32


def test_the_precision_is_read_off_the_fingerprint_of_all_that_a_pass_gives() -> None:
    rounded = in_precision(FINGERPRINT, Precision.BFLOAT16)
    assert (precision_of(FINGERPRINT), precision_of(rounded)) == tuple(Precision)
    assert weights_of(rounded) == FINGERPRINT == in_precision(rounded, Precision.FLOAT32)
    (feature,) = RESNET50.features
    made: list[Callable[[str], str]] = [
        partial(feature_fingerprint, feature),
        partial(derived_fingerprint, STYLE),
        lambda item: joint_fingerprint([item, feature_fingerprint(feature, item)]),
    ]
    for fingerprint in made:
        exact = fingerprint(FINGERPRINT)
        assert fingerprint(rounded) == in_precision(exact, Precision.BFLOAT16) != exact
    # As collections have them that were made when there was but one precision.
    assert derived_fingerprint(STYLE, FINGERPRINT) == "7370e5d945e803785742eb187876a7fa"


def test_resnet50_in_bfloat16_gives_nearly_the_same_whatever_the_batch(
    load: Callable[[str], Embedder], pictures: list[Image.Image]
) -> None:
    exact = load("resnet50")
    rounded = exact.in_precision(Precision.BFLOAT16)
    assert rounded.fingerprint == in_precision(exact.fingerprint, Precision.BFLOAT16)
    batch = np.stack([exact.prepare(picture) for picture in pictures])
    given, expected = rounded.embed_with_features(batch), exact.embed_with_features(batch)
    for name, vectors in given.items():
        cosines = (vectors * expected[name]).sum(axis=1)
        assert cosines.min() > 0.9995
        assert cosines.min() < 0.9999999
    one_by_one = np.concatenate([rounded.embed_prepared(row[None]) for row in batch])
    np.testing.assert_allclose(one_by_one, given["resnet50"], atol=1e-5)
    # The other's precision is its own.
    np.testing.assert_array_equal(exact.embed_prepared(batch), expected["resnet50"])
    maps = rounded.feature_map(batch).mean(axis=(1, 2))
    units = maps / np.linalg.norm(maps, axis=1, keepdims=True)
    assert (units * expected["resnet50"]).sum(axis=1).min() > 0.9995
