"""The precision of a collection's vectors: chosen once, never mixed, and free to be asked of."""

from pathlib import Path

import pytest

from catalog.filters import Filter
from deployment import Deployment
from embedders import Embedder
from embedders.descriptors import DescriptorEmbedder
from embedders.precision import Precision, in_precision, precision_of
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from maintenance.reembed import reembed
from search.index.contract import FingerprintMismatch
from search.query import check_weights
from settings import Settings

MODEL = "colour_grid"


class InBoth(DescriptorEmbedder):
    """A model without a network that has two precisions all the same."""

    def in_precision(self, precision: Precision) -> Embedder:
        return InBoth(self.description, fingerprint=in_precision(self.fingerprint, precision))


@pytest.fixture(autouse=True)
def _fast_in_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(model: object, *_: object, **__: object) -> Embedder:
        return InBoth(model, fingerprint="f" * 32)  # type: ignore[arg-type]

    monkeypatch.setattr("deployment.open_embedder", opened)
    monkeypatch.setattr("deployment.best_precision", lambda *_: Precision.BFLOAT16)


def _open(settings: Settings, precision: str) -> Deployment:
    changed = {"precision": precision, "models": (MODEL,)}
    return Deployment(settings.model_copy(update=changed))


def _ingest(deployment: Deployment, pictures: Path) -> Precision:
    """Take a folder in, and return the precision of the model's vectors."""
    context = deployment.ingest_context([deployment.embedder(MODEL)])
    ingest(FolderReader(pictures), context)
    return precision_of(deployment.index.specs[MODEL].fingerprint)


def test_a_collection_stays_in_the_precision_that_it_was_begun_in(
    tiny_settings: Settings, pictures: Path
) -> None:
    with _open(tiny_settings, "float32") as exact:
        assert _ingest(exact, pictures) == Precision.FLOAT32
    with _open(tiny_settings, "auto") as deployment:
        assert _ingest(deployment, pictures) == Precision.FLOAT32
        context = deployment.ingest_context([deployment.embedder(MODEL)], anew=True)
        assert reembed(context).embedded == 24
        assert _ingest(deployment, pictures) == Precision.BFLOAT16
        derived = deployment.index.specs["colour_grid_identity"]
        assert precision_of(derived.fingerprint) == Precision.BFLOAT16
    with (
        _open(tiny_settings, "float32") as exact,
        pytest.raises(FingerprintMismatch, match=r"made in bfloat16.*VASARI_PRECISION.*reembed"),
    ):
        _ingest(exact, pictures)


@pytest.mark.parametrize("name", [MODEL, "colour_grid_identity"])
def test_vectors_in_bfloat16_are_asked_in_float32(
    name: str, tiny_settings: Settings, pictures: Path
) -> None:
    with _open(tiny_settings, "auto") as deployment:
        assert _ingest(deployment, pictures) == Precision.BFLOAT16
        embedder = deployment.embedder(name)
        assert precision_of(embedder.fingerprint) == Precision.FLOAT32
        check_weights(deployment.index, embedder)
        picture = pictures / "images" / "000.jpg"
        (query,) = embedder.embed([picture])
        best, *_ = deployment.index.nearest(name, query, wanted=Filter(), top=1)
        assert best.cosine > 0.999
