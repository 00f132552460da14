"""Fine-tuning from the command line, on a drawn collection of eight styles as WikiArt is laid out.

The network is the real EfficientNet-Lite0: what is killed here is the run that a person would kill.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from embedders import BUILT_IN, WeightsUnavailable, load_embedder
from ingest.sample.generated.painters import PAINTERS
from ingest.sample.generated.sheet import to_image
from tests.conftest import WEIGHTS_DIR
from ui.cli import app

pytestmark = [pytest.mark.weights, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
STYLES = 8
WORKS_EACH = 10
TRAINING = (
    "finetune", "--model", "efficientnet_lite0", "--label", "style", "--min-works", "10",
    "--max-works", "20", "--head-epochs", "2", "--epochs", "3", "--seed", "5", "--device", "cpu",
)  # fmt: skip
PATIENCE_SECONDS = 300


class Collection:
    """An embedded collection in a folder, and commands run on it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            "VASARI_HOME": str(home),
            "VASARI_MODELS": "colour_grid",
            "VASARI_WEIGHTS_DIR": str(WEIGHTS_DIR),
            # On one thread sums are the same at each run, however busy the machine is.
            "OMP_NUM_THREADS": "1",
        }

    def run(self, *arguments: str, code: int = 0) -> Any:
        """Run a command in a process of its own and return its JSON document."""
        process = self.start(*arguments, "--json")
        output, errors = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == code, errors
        return json.loads(output)

    def here(self, *arguments: str, code: int = 0) -> str:
        """Run a command in this process and return all that it says."""
        result = CliRunner().invoke(app, arguments, env=self.environment)
        assert result.exit_code == code, result.output
        return result.output

    def told(self, *arguments: str) -> Any:
        """Run a command in this process and return its JSON document."""
        result = CliRunner().invoke(app, [*arguments, "--json"], env=self.environment)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", "from ui.cli import app; app()", *arguments],
            cwd=ROOT,
            env={k: v for k, v in os.environ.items() if not k.startswith("VASARI_")}
            | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def position(self, name: str) -> tuple[int, int] | None:
        """How many phases, and epochs of the next, the checkpoint of a run says are done."""
        path = self.home / "models" / name / "training" / "checkpoint.safetensors"
        try:
            data = path.read_bytes()
        except OSError:
            return None
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        position = json.loads(header["__metadata__"]["vasari_training"])["position"]
        return position["phase"], position["epoch"]


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """Pictures of eight styles by their painters, ingested."""
    try:
        load_embedder(BUILT_IN.describe("efficientnet_lite0"), WEIGHTS_DIR)
    except WeightsUnavailable as error:
        pytest.skip(f"no internet, and no registry has the weights: {error}")
    folder = tmp_path_factory.mktemp("finetune")
    by_style: dict[str, list[Any]] = {}
    for painter in PAINTERS:
        by_style.setdefault(painter.hand.style, []).append(painter)
    for style, painters in sorted(by_style.items())[:STYLES]:
        (folder / "wikiart" / style.replace(" ", "_")).mkdir(parents=True)
        for number in range(WORKS_EACH):
            painter = painters[number % len(painters)]
            picture = painter.hand.paint((96, 72), number, np.random.default_rng(number))
            artist = re.sub("[^a-z]+", "-", painter.name.lower()).strip("-")
            file = f"{style.replace(' ', '_')}/{artist}_work-{number}-19{number + 10}.jpg"
            to_image(np.clip(picture.pixels, 0, 1)).save(folder / "wikiart" / file, quality=90)
    found = Collection(folder / "home")
    found.here("ingest", "wikiart", str(folder / "wikiart"))
    return found


@pytest.fixture(scope="module")
def undisturbed(collection: Collection) -> dict[str, Any]:
    """What a run that nothing disturbed came to."""
    document: dict[str, Any] = collection.run(*TRAINING, "--name", "undisturbed")
    return document


def _reaches(collection: Collection, name: str, place: tuple[int, int]) -> Callable[[], bool]:
    return lambda: (collection.position(name) or (0, 0)) >= place


def _wait(reached: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.01)


def test_the_default_preset_divides_freezes_and_reports_as_it_says(
    collection: Collection, undisturbed: dict[str, Any]
) -> None:
    assert undisturbed["preset"] == "classic"
    assert undisturbed["sizes"] == {"training": 56, "validation": 12, "held out": 12}
    for sizes in undisturbed["classes"].values():
        # 70, 15 and 15 % of ten, to one work.
        assert sizes["training"] == 7
        assert {sizes["validation"], sizes["held out"]} == {1, 2}
    assert len(undisturbed["classes"]) == STYLES
    assert [epoch["phase"] for epoch in undisturbed["history"]] == ["head"] * 2 + ["half"] * 3
    assert [epoch["rate"] for epoch in undisturbed["history"]] == [1e-3] * 2 + [1e-4] * 3
    assert undisturbed["n"] == 12
    before, after, difference = (undisturbed[part] for part in ("before", "after", "difference"))
    for measure in before.keys() - {"macro"}:
        gain = after[measure]["value"] - before[measure]["value"]
        assert difference[measure]["value"] == pytest.approx(gain)
    assert undisturbed["model"] == "undisturbed"

    folder = collection.home / "models" / "undisturbed"
    assert json.loads((folder / "report.json").read_text())["after"] == undisturbed["after"]
    report = (folder / "report.html").read_text(encoding="utf-8")
    assert report.count("<svg") == 3  # loss, accuracy, confusion
    assert not re.search(r'(src|href)="http|<script|@import', report)
    assert not (folder / "training").exists()


def test_a_run_that_is_killed_goes_on_to_the_same_end(
    collection: Collection, undisturbed: dict[str, Any]
) -> None:
    process = collection.start(*TRAINING, "--name", "killed")
    _wait(_reaches(collection, "killed", (1, 1)), process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (collection.home / "models" / "killed" / "model.json").exists()

    process = collection.start(*TRAINING, "--name", "killed")
    _wait(_reaches(collection, "killed", (1, 2)), process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130, said
    assert "Run the same command again to go on" in said

    resumed = collection.run(*TRAINING, "--name", "killed")
    apart = ("model", "seconds", "cpu_seconds", "history")
    assert {k: v for k, v in resumed.items() if k not in apart} == {
        k: v for k, v in undisturbed.items() if k not in apart
    }
    assert _without_times(resumed["history"]) == _without_times(undisturbed["history"])
    whole, cut = (
        load_file(collection.home / "models" / name / "weights.safetensors")
        for name in ("undisturbed", "killed")
    )
    assert all(torch.equal(whole[name], cut[name]) for name in whole)


def _without_times(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: v for k, v in epoch.items() if "seconds" not in k} for epoch in history]


def test_a_fine_tuned_model_stands_beside_its_parent_until_it_is_deleted(
    collection: Collection, undisturbed: dict[str, Any]
) -> None:
    made = collection.told("reembed", "--model", "undisturbed")
    assert (made["works"], made["failed"]) == (STYLES * WORKS_EACH, 0)
    work = collection.told("artworks", "list")["artworks"][0]["id"]
    both = ("-m", "undisturbed", "-m", "colour_grid")
    found = collection.told("search", work, *both)
    assert [len(found["models"][model]["hits"]) for model in both[1::2]] == [10, 10]
    refused = collection.here(*TRAINING, "--name", "undisturbed", code=1)
    assert "there is a model undisturbed already" in " ".join(refused.split())

    collection.here("models", "delete", "undisturbed", "--yes")
    assert not (collection.home / "models" / "undisturbed").exists()
    gone = collection.here("search", work, "-m", "undisturbed", code=1)
    assert "undisturbed" in gone


@pytest.mark.parametrize("kind", ["pickle", "shapes", "another"])
def test_hostile_weights_are_refused(collection: Collection, tmp_path: Path, kind: str) -> None:
    folder = collection.home / "models" / f"hostile_{kind}"
    folder.mkdir(parents=True)
    model = {
        "format": 1, "name": folder.name, "title": "Hostile", "dimension": 1280, "size": 224,
        "interpolation": "bicubic", "licence": "none", "network": "timm.tf_efficientnet_lite0",
        "parent": "efficientnet_lite0", "about": {},
    }  # fmt: skip
    (folder / "model.json").write_text(json.dumps(model))
    weights = folder / "weights.safetensors"
    fell = tmp_path / "fell"
    network = "torchvision.resnet50" if kind == "another" else model["network"]
    origin = {"network": network, "mean": [0.5] * 3, "std": [0.5] * 3, "licence": "none"}
    if kind == "pickle":
        torch.save({"conv_stem.weight": _Bomb(fell)}, weights)
    else:
        tensors = {"conv_stem.weight": torch.zeros(3, 3)}
        save_file(tensors, weights, metadata={"vasari": json.dumps(origin)})
    said = collection.here("reembed", "--model", folder.name, code=1)
    assert not fell.exists()
    wanted = {
        "pickle": "is no whole safetensors file",
        "shapes": "do not fit the network",
        "another": "is for the network torchvision.resnet50",
    }[kind]
    assert wanted in " ".join(said.split())


class _Bomb:
    """Makes a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--min-works", "2000"), "2,000 to 5,000 works"),
        (("--min-works", "30", "--max-works", "20"), "at least 30 and at most 20"),
        (("--name", "resnet50"), "comes with Vasari"),
        (("--name", "No Name"), "small letters"),
        (("--source", "nowhere"), "no work of nowhere has a picture"),
        (("--shares", "0.9", "0.2", "0.1"), "the shares"),
    ],
)
def test_what_cannot_be_learned_is_refused_before_anything_is_decoded(
    collection: Collection, options: tuple[str, ...], complaint: str
) -> None:
    command = ("finetune", "--model", "efficientnet_lite0", "--label", "style")
    said = collection.here(*command, *options, code=1)
    assert complaint in " ".join(said.split())
