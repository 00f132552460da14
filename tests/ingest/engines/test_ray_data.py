"""The same works through Ray and through the plain loop: what is left must be the same."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from catalog.models import EmbeddingTask, TaskState
from deployment import Deployment
from embedders import BUILT_IN, fine_tuned, save_own_model, weights_path
from embedders.normalisation import CENTRED
from embedders.torchvision_operators import import_networks
from embedders.weights.stored import Origin, write_tensors
from ingest import job as job_loop
from ingest.engines.choice import EngineName, open_engine
from ingest.engines.engine import Engine, EngineFault
from ingest.interruption import Interruption
from ingest.job import ingest
from ingest.readers.csv_file import CsvReader
from ingest.readers.folder import FolderReader
from ingest.readers.reader import Reader
from ingest.summary import JobSummary
from settings import Settings
from tests.conftest import WEIGHTS_DIR
from tests.hostile_images import write_hostile_folder
from tests.ingest.image_server import running_image_server
from tests.pictures import draw, make_folder, write_table
from tests.same_collections import assert_same_collections
from ui.cli import app

NO_RAY = "Ray is not installed: it comes with the optional group `ray`"


@pytest.fixture(scope="module")
def ray() -> Iterator[Engine]:
    """A Ray of this machine, started once."""
    pytest.importorskip("ray", reason=NO_RAY)
    with open_engine(EngineName.RAY, address=None, weights=WEIGHTS_DIR) as engine:
        yield engine


def _ingest(deployment: Deployment, reader: Reader, engine: Engine | None = None) -> JobSummary:
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    return ingest(reader, deployment.ingest_context(embedders), engine=engine)


def _outcome(summary: JobSummary) -> tuple[Any, ...]:
    """Return all that a summary says but for the job's name and its time."""
    failures = [(group.stage, group.reason, group.count) for group in summary.failures]
    return (
        (summary.seen, summary.added, summary.updated, summary.unchanged, summary.failed),
        (summary.left, dict(summary.embedded), failures, summary.interrupted),
    )


def _folder(folder: Path) -> Path:
    """Draw pictures, good ones and such as fail in every way."""
    write_hostile_folder(folder)
    for number in range(30, 54):
        draw(number).save(folder / f"good-{number}.jpg")
    return folder


@pytest.mark.slow
def test_both_engines_leave_equal_collections_also_where_works_change_and_fail(
    tiny_settings: Settings, tmp_path: Path, ray: Engine
) -> None:
    folder = _folder(tmp_path / "works")
    with (
        Deployment(tiny_settings) as on_ray,
        Deployment(tiny_settings.model_copy(update={"home": tmp_path / "plain"})) as plain,
    ):
        first = _ingest(on_ray, FolderReader(folder), ray)
        assert (first.added, first.failed) == (34, 6)
        assert _outcome(first) == _outcome(_ingest(plain, FolderReader(folder)))
        assert_same_collections(on_ray, plain)

        draw(777).save(folder / "good-30.jpg")
        (folder / "good-31.jpg").write_bytes(b"")
        draw(778).save(folder / "empty.jpg")
        second = _ingest(on_ray, FolderReader(folder), ray)
        assert (second.added, second.updated, second.failed) == (1, 1, 6)
        assert _outcome(second) == _outcome(_ingest(plain, FolderReader(folder)))
        assert_same_collections(on_ray, plain)


def test_ray_fills_servers_as_the_plain_loop_fills_a_folder(
    served_settings: Settings, tmp_path: Path, tiny_settings: Settings, ray: Engine
) -> None:
    folder = _folder(tmp_path / "works")
    with (
        Deployment(served_settings) as served,
        Deployment(tiny_settings.model_copy(update={"home": tmp_path / "plain"})) as plain,
    ):
        first = _ingest(served, FolderReader(folder), ray)
        assert first.added == 34
        assert _outcome(first) == _outcome(_ingest(plain, FolderReader(folder)))
        assert_same_collections(served, plain)


@pytest.mark.slow
def test_both_engines_download_and_class_the_same(
    tiny_settings: Settings, tmp_path: Path, ray: Engine
) -> None:
    permissive = tiny_settings.model_copy(
        update={"allow_private_networks": True, "download_attempts": 1}
    )
    with running_image_server() as server:
        server.trouble = {"/3.jpg": "not_found", "/4.jpg": "html", "/5.jpg": "truncated"}
        rows = [{"title": str(n), "image": f"{server.url}/{n}.jpg"} for n in range(12)]
        write_table(tmp_path / "works.csv", rows)
        with (
            Deployment(permissive) as on_ray,
            Deployment(permissive.model_copy(update={"home": tmp_path / "plain"})) as plain,
        ):
            summaries = [
                _ingest(
                    deployment,
                    CsvReader(tmp_path / "works.csv", source="web"),
                    engine,
                )
                for deployment, engine in ((on_ray, ray), (plain, None))
            ]
            assert summaries[0].added == 9
            assert _outcome(summaries[0]) == _outcome(summaries[1])
            assert_same_collections(on_ray, plain)
            assert len(list((on_ray.originals.folder / "images").rglob("*/*"))) == 9
            assert server.sent["/0.jpg"] == 2


@pytest.mark.slow
def test_a_model_of_the_collections_own_embeds_on_ray_too(
    tiny_settings: Settings, tmp_path: Path, ray: Engine
) -> None:
    folder = make_folder(tmp_path / "works", 6)
    with Deployment(tiny_settings) as deployment:
        name = "lite0_of_our_own"
        parent = BUILT_IN.describe("efficientnet_lite0")
        weights = import_networks("timm").create_model("tf_efficientnet_lite0").state_dict()
        origin = Origin(parent.network, CENTRED, "drawn at random")
        write_tensors(weights_path(deployment.models_dir, name), weights, origin)
        own = fine_tuned(
            deployment.models_dir,
            parent,
            name=name,
            title="Of our own",
            network=parent.network,
            dimension=parent.dimension,
        )
        save_own_model(deployment.models_dir, own, about={})
        context = deployment.ingest_context([deployment.embedder(name)])
        summary = ingest(FolderReader(folder), context, engine=ray)
        assert (summary.added, summary.failed, dict(summary.embedded)) == (6, 0, {name: 6})


@pytest.mark.slow
def test_an_interrupted_job_goes_on_with_either_engine(
    tiny_settings: Settings, pictures: Path, ray: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Deployment(tiny_settings) as deployment:

        class AfterTheFirstBatch(Interruption):
            def __init__(self) -> None:
                super().__init__()
                upsert = deployment.index.upsert

                def request_afterwards(points: list[object]) -> None:
                    upsert(points)  # type: ignore[arg-type]
                    self.requested = True

                monkeypatch.setattr(deployment.index, "upsert", request_afterwards)

        monkeypatch.setattr(job_loop, "Interruption", AfterTheFirstBatch)
        first = _ingest(deployment, FolderReader(pictures), ray)
        monkeypatch.undo()
        assert (first.interrupted, first.embedded["colour_grid"], first.left) == (True, 8, 16)
        second = _ingest(deployment, FolderReader(pictures))
        assert (second.interrupted, second.embedded["colour_grid"], second.left) == (False, 16, 0)
        assert deployment.index.status().points == 24


@pytest.mark.slow
def test_what_goes_wrong_on_ray_ends_the_job_with_its_reason_and_gives_the_works_back(
    tiny_settings: Settings, pictures: Path, ray: Engine
) -> None:
    with Deployment(tiny_settings) as deployment:
        embedder = deployment.embedder("colour_grid")
        true_fingerprint, embedder.fingerprint = embedder.fingerprint, "of other weights"
        with pytest.raises(EngineFault, match="has other weights of colour_grid"):
            ingest(FolderReader(pictures), deployment.ingest_context([embedder]), engine=ray)
        embedder.fingerprint = true_fingerprint
        with deployment.database.transaction() as session:
            claimed = select(func.count()).where(EmbeddingTask.state == TaskState.CLAIMED)
            assert session.scalar(claimed) == 0


def test_every_source_can_be_taken_in_on_ray(tmp_path: Path) -> None:
    for source in ("folder", "nga", "wikiart", "csv"):
        told = CliRunner().invoke(app, ["ingest", source, "--help"], env={"COLUMNS": "200"})
        assert "--engine" in told.output, source
        assert "--ray-address" in told.output, source


def test_without_ray_the_command_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    folder = make_folder(tmp_path / "few", 2)
    refused = CliRunner().invoke(
        app, ["ingest", "folder", str(folder), "--engine", "ray", "--home", str(tmp_path / "home")]
    )
    assert refused.exit_code == 1
    assert "pip install 'vasari[ray]'" in " ".join(refused.output.split())


@pytest.mark.slow
def test_a_cluster_that_does_not_answer_is_named(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason=NO_RAY)
    folder = make_folder(tmp_path / "few", 2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    options = ["--engine", "ray", "--ray-address", address, "--home", str(tmp_path / "home")]
    refused = CliRunner().invoke(app, ["ingest", "folder", str(folder), *options])
    assert refused.exit_code == 1
    assert f"no Ray cluster answers at {address}" in " ".join(refused.output.split())


def test_works_left_to_workers_are_not_given_to_ray_too(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "few", 2)
    home = ["--home", str(tmp_path / "home")]
    refused = CliRunner().invoke(
        app, ["ingest", "folder", str(folder), "--engine", "ray", "--queue-only", *home]
    )
    assert refused.exit_code == 1
    assert "leave out --engine" in " ".join(refused.output.split())
