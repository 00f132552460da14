"""Models are values that are right or do not exist."""

import pickle
from dataclasses import replace

import pytest

from embedders import BUILT_IN, UnknownModel
from embedders.embedder import Embedder
from embedders.fingerprint import fingerprint_of
from embedders.normalisation import CENTRED, IMAGENET, Normalisation
from embedders.preparation import Preparation


def test_the_known_models_have_their_dimensions() -> None:
    assert {model.name: model.dimension for model in BUILT_IN.embedding_models()} == {
        "resnet50": 2048,
        "efficientnet_lite0": 1280,
        "efficientnet_b0": 1280,
        "clip_vit_b32": 512,
        "colour_grid": 192,
        "edge_grid": 128,
    }


def test_only_clip_embeds_texts() -> None:
    assert [model.name for model in BUILT_IN.embedding_models() if model.text] == ["clip_vit_b32"]


def test_an_unknown_name_is_answered_with_the_known_ones_and_the_nearest() -> None:
    with pytest.raises(UnknownModel) as caught:
        BUILT_IN.describe("resnet-50")
    assert caught.value.name == "resnet-50"
    assert "Did you mean resnet50?" in str(caught.value)
    assert all(model.name in str(caught.value) for model in BUILT_IN.embedding_models())
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "ResNet 50"},
        {"name": ""},
        {"dimension": 0},
        {"title": " "},
        {"licence": ""},
        {"network": ""},
        {"providers": BUILT_IN.describe("resnet50").providers[:1] * 2},
    ],
)
def test_a_wrong_description_cannot_be_made(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"name|dimension|empty|two providers"):
        replace(BUILT_IN.describe("resnet50"), **wrong)  # type: ignore[arg-type]


def test_descriptions_are_hashable_and_frozen() -> None:
    assert len(set(BUILT_IN.embedding_models())) == len(BUILT_IN.embedding_models())


def test_a_fingerprint_depends_on_all_that_decides_an_embedding_and_on_nothing_else() -> None:
    base: dict[str, object] = {
        "network": "n",
        "dimension": 8,
        "preparation": Preparation(224, "bicubic"),
        "normalisation": IMAGENET,
        "weights_sha256": "ab",
    }
    changes: list[dict[str, object]] = [
        {"network": "m"},
        {"dimension": 9},
        {"preparation": Preparation(224, "bilinear")},
        {"preparation": Preparation(225, "bicubic")},
        {"normalisation": CENTRED},
        {"normalisation": None},
        {"weights_sha256": "ac"},
    ]
    prints = {fingerprint_of(**{**base, **change}) for change in changes}  # type: ignore[arg-type]
    assert len(prints | {fingerprint_of(**base)}) == len(changes) + 1  # type: ignore[arg-type]
    # Pinned: a process of another release must find the same.
    assert fingerprint_of(**base) == "d84bd63d8b6adc2f433fa690e41cc9a0"  # type: ignore[arg-type]


def test_a_normalisation_has_three_channels_that_vary() -> None:
    with pytest.raises(ValueError, match="three channels"):
        Normalisation((0.0, 0.0, 0.0), (1.0, 0.0, 1.0))


def test_the_embedder_cannot_be_made_without_a_model_behind_it() -> None:
    with pytest.raises(TypeError):
        Embedder(BUILT_IN.describe("resnet50"), fingerprint="", provider=None)  # type: ignore[abstract]
