"""Weights in files: whose they are, and that nothing in them can run."""

import hashlib
import os
import pickle
from pathlib import Path

import pytest
import torch

from embedders import BUILT_IN, WeightsUnavailable, load_embedder, model_status, open_embedder
from embedders.atomic_file import atomic_file
from embedders.normalisation import CAFFE, IMAGENET
from embedders.torchvision_operators import import_networks
from embedders.weights.file_hash import hash_prefix_in, sha256_of
from embedders.weights.provider import ProviderFailed
from embedders.weights.stored import Origin, read_origin, read_tensors, write_tensors


class RunsCode:
    """A pickle of this creates a file when it is loaded."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.trace),)


@pytest.fixture
def random_b0(tmp_path: Path) -> Path:
    """A folder with a person's own EfficientNet-B0."""
    torch.manual_seed(0)
    module = import_networks("torchvision.models").efficientnet_b0()
    torch.save(module.state_dict(), tmp_path / "efficientnet_b0.pth")
    return tmp_path


def test_a_local_file_is_used_first_and_known_before_it_is_loaded(random_b0: Path) -> None:
    status = model_status(BUILT_IN.describe("efficientnet_b0"), random_b0)
    embedder = load_embedder(BUILT_IN.describe("efficientnet_b0"), random_b0, report=pytest.fail)
    assert (status.ready, status.provider) == (True, "local file")
    assert status.fingerprint == embedder.fingerprint
    assert embedder.provider == "local file"


@pytest.mark.slow
def test_a_safetensors_file_may_say_which_normalisation_it_needs(tmp_path: Path) -> None:
    torch.manual_seed(0)
    tensors = import_networks("torchvision.models").resnet50().state_dict()
    prints = set()
    for network, normalisation in (
        ("torchvision.resnet50", IMAGENET),
        ("torchvision.resnet50", CAFFE),
        ("keras.resnet50", CAFFE),
    ):
        origin = Origin(network, normalisation, "mine")
        write_tensors(tmp_path / "resnet50.safetensors", tensors, origin)
        assert read_origin(tmp_path / "resnet50.safetensors") == origin
        embedder = load_embedder(BUILT_IN.describe("resnet50"), tmp_path)
        assert model_status(BUILT_IN.describe("resnet50"), tmp_path).licence == "mine"
        prints.add(embedder.fingerprint)
    assert len(prints) == 3


def test_equal_tensors_give_equal_bytes(tmp_path: Path) -> None:
    tensors = {"b": torch.ones(3), "a": torch.zeros(2, 2)}
    origin = Origin("keras.resnet50", CAFFE, "MIT")
    for name in ("one", "two"):
        write_tensors(tmp_path / f"{name}.safetensors", tensors, origin)
    one, two = (tmp_path / f"{name}.safetensors" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_a_pickle_with_code_is_refused_and_not_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    for content in (pickle.dumps(RunsCode(trace)), b"rubbish", b""):
        (tmp_path / "efficientnet_b0.pth").write_bytes(content)
        with pytest.raises(WeightsUnavailable, match="tensors only") as caught:
            load_embedder(BUILT_IN.describe("efficientnet_b0"), tmp_path)
        assert "weights_only=False" not in str(caught.value)
    torch.save({"x": RunsCode(trace)}, tmp_path / "efficientnet_b0.pth")
    with pytest.raises(WeightsUnavailable):
        load_embedder(BUILT_IN.describe("efficientnet_b0"), tmp_path)
    assert not trace.exists()


def test_a_broken_local_file_is_never_passed_over_in_silence(tmp_path: Path) -> None:
    (tmp_path / "resnet50.safetensors").write_bytes(b"\xff" * 100)
    with pytest.raises(WeightsUnavailable) as caught:
        load_embedder(BUILT_IN.describe("resnet50"), tmp_path, report=pytest.fail)
    assert [provider for provider, _ in caught.value.attempts] == ["local file"]
    assert (tmp_path / "resnet50.safetensors").exists()


def test_a_file_that_was_cut_short_is_known_before_anything_is_made_with_it(tmp_path: Path) -> None:
    path = tmp_path / "efficientnet_b0.safetensors"
    write_tensors(path, {"weight": torch.ones(50)}, Origin("efficientnet_b0", IMAGENET, ""))
    whole = path.read_bytes()
    assert model_status(BUILT_IN.describe("efficientnet_b0"), tmp_path).ready
    for length in (len(whole) - 1, len(whole) // 2, 100, 8, 0):
        path.write_bytes(whole[:length])
        status = model_status(BUILT_IN.describe("efficientnet_b0"), tmp_path)
        assert not status.ready
        assert "no whole safetensors file" in str(status.reason)
        with pytest.raises(WeightsUnavailable, match="no whole safetensors file"):
            open_embedder(BUILT_IN.describe("efficientnet_b0"), tmp_path)


def test_a_file_that_holds_no_state_dict_is_refused(tmp_path: Path) -> None:
    for content in ([torch.ones(1)], {"epoch": 3}, {1: torch.ones(1)}):
        torch.save(content, tmp_path / "x.pth")
        with pytest.raises(ValueError, match="state dict"):
            read_tensors(tmp_path / "x.pth")


def test_foreign_or_broken_headers_have_no_origin(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    for content in (b"", b"\xff" * 64, b"\x02\0\0\0\0\0\0\0{}", b"\x02\0\0\0\0\0\0\0[]"):
        path.write_bytes(content)
        assert read_origin(path) is None


def test_a_hash_is_remembered_until_the_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, memory = tmp_path / "weights.pth", tmp_path / "hashes"
    path.write_bytes(b"one")
    assert sha256_of(path, tmp_path) == hashlib.sha256(b"one").hexdigest()
    with monkeypatch.context() as patched:
        patched.setattr(hashlib, "file_digest", pytest.fail)
        assert sha256_of(path, tmp_path) == hashlib.sha256(b"one").hexdigest()
    path.write_bytes(b"two")
    os.utime(path, ns=(0, 0))
    assert sha256_of(path, tmp_path) == hashlib.sha256(b"two").hexdigest()
    for spoilt in memory.iterdir():
        spoilt.write_text("{")
    assert sha256_of(path, tmp_path) == hashlib.sha256(b"two").hexdigest()
    blocked = tmp_path / "file"
    blocked.touch()
    assert sha256_of(path, blocked) == hashlib.sha256(b"two").hexdigest()


def test_a_hash_is_read_from_a_file_name_only_where_there_is_one() -> None:
    assert hash_prefix_in("resnet50-0676ba61.pth") == "0676ba61"
    with pytest.raises(ProviderFailed, match="no hash"):
        hash_prefix_in("resnet50.pth")


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "new" / "file"

    def fail_half_way() -> None:
        with atomic_file(target) as unfinished:
            unfinished.write_text("half")
            assert not target.exists()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_half_way()
    assert not list(target.parent.iterdir())
    with atomic_file(target) as unfinished:
        unfinished.write_text("whole")
    assert target.read_text() == "whole"
    assert list(target.parent.iterdir()) == [target]
