"""No vector without a direction leaves an embedder."""

import subprocess
import sys

import numpy as np
import numpy.typing as npt
import pytest

from embedders import BUILT_IN, Embedder


class Fixed(Embedder):
    """Gives the features it was told to."""

    features: npt.NDArray[np.float32]

    def _image_features(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        return self.features[: len(batch)]


def embedder_giving(features: object) -> Fixed:
    fixed = Fixed(BUILT_IN.describe("colour_grid"), fingerprint="f", provider=None)
    fixed.features = np.asarray(features, np.float32)
    return fixed


def batch(n: int) -> npt.NDArray[np.uint8]:
    return np.zeros((n, 224, 224, 3), np.uint8)


def test_zero_and_non_finite_outputs_are_named_by_row() -> None:
    features = np.ones((5, 192))
    features[1] = 0
    features[3, 7] = np.nan
    features[4, 0] = np.inf
    with pytest.raises(ValueError, match=r"colour_grid gave a zero or non-finite .* rows 1, 3, 4"):
        embedder_giving(features).embed_prepared(batch(5))


def test_very_large_and_very_small_outputs_still_become_unit_vectors() -> None:
    features = np.ones((2, 192)) * np.array([[3e38], [1e-42]])
    vectors = embedder_giving(features).embed_prepared(batch(2))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


def test_an_output_of_another_dimension_than_described_is_refused() -> None:
    with pytest.raises(ValueError, match="192 dimensions"):
        embedder_giving(np.ones((1, 191))).embed_prepared(batch(1))


def test_importing_the_room_does_not_import_torch() -> None:
    script = (
        "import sys, pathlib, embedders\n"
        "model = embedders.BUILT_IN.describe\n"
        "embedders.model_status(model('resnet50'), pathlib.Path('nowhere'))\n"
        "embedders.load_embedder(model('colour_grid'), pathlib.Path('nowhere'))\n"
        "assert not {'torch', 'torchvision', 'timm', 'httpx'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
