"""Maps are drawn once, and then only added to and taken from."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray

from deployment import Deployment
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from maintenance.curation import delete
from maintenance.map_drawing import JITTER, DrawnMap, TooFewWorks, draw_maps
from maintenance.umap_layout import laid_out
from search.index.contract import UnknownVector
from search.maps.stored import SIDE, MapUnreadable
from settings import Settings
from tests.pictures import draw, facts, make_folder, write_table

MODEL = "colour_grid"


def _first_components(points: NDArray[np.float32], *, seed: int) -> NDArray[np.float32]:
    return points[:, :2]


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """UMAP's compiler takes longer than all the rest."""
    monkeypatch.setattr("maintenance.map_drawing.laid_out", _first_components)


def _draw(deployment: Deployment, *, anew: bool = False) -> DrawnMap:
    (drawn,) = draw_maps(deployment.index, deployment.map_store, [MODEL], anew=anew)
    return drawn


def _places(deployment: Deployment) -> dict[UUID, tuple[int, int]]:
    stored = deployment.map_store.load(deployment.index.specs[MODEL])
    assert stored is not None
    works = [UUID(bytes=row.tobytes()) for row in stored.ids]
    assert works == sorted(works)
    return {work: (x, y) for work, (x, y) in zip(works, stored.positions.tolist(), strict=True)}


def _take_in(deployment: Deployment, folder: Path) -> None:
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    ingest(FolderReader(folder), deployment.ingest_context(embedders))


@pytest.mark.usefixtures("_quick")
def test_new_works_are_placed_and_the_others_stay_where_they_were(
    filled: Deployment, pictures: Path
) -> None:
    assert _draw(filled).anew
    before = _places(filled)
    assert len(before) == 24
    assert max(max(place) for place in before.values()) < SIDE

    rows = [facts(number) for number in range(30)]
    for number in range(24, 29):
        draw(number).save(pictures / rows[number]["file"], quality=95)
    # A second record of a picture that is on the map.
    draw(3).save(pictures / rows[29]["file"], quality=95)
    write_table(pictures / "works.csv", rows)
    _take_in(filled, pictures)
    drawn = _draw(filled)
    after = _places(filled)

    assert (drawn.anew, drawn.placed, drawn.works, drawn.fitted) == (False, 6, 30, 24)
    assert {work: after[work] for work in before} == before
    vectors = filled.index.vectors(MODEL, list(after))
    for work in after.keys() - before.keys():
        cosines = {item: float(vectors[work] @ vectors[item]) for item in before}
        nearest = sorted(cosines, key=cosines.__getitem__, reverse=True)[:10]
        around = np.array([before[item] for item in nearest])
        assert (around.min(axis=0) - 5 * JITTER <= after[work]).all()
        assert (after[work] <= around.max(axis=0) + 5 * JITTER).all()
    # The same again writes nothing, and the same from the start gives the same places.
    assert _draw(filled).placed == 0
    assert _places(filled) == after


@pytest.mark.usefixtures("_quick")
def test_a_work_that_has_gone_is_taken_off(filled: Deployment) -> None:
    _draw(filled)
    before = _places(filled)
    gone = next(iter(before))
    delete(filled.database, filled.index, filled.image_store, gone)
    drawn = _draw(filled)
    assert (drawn.removed, drawn.works) == (1, 23)
    assert _places(filled) == {work: place for work, place in before.items() if work != gone}


@pytest.mark.usefixtures("_quick")
def test_a_copy_lies_beside_its_original_though_many_new_works_are_like_it(
    deployment: Deployment, tmp_path: Path
) -> None:
    folder = make_folder(tmp_path / "few", 12)
    _take_in(deployment, folder)
    _draw(deployment)
    before = _places(deployment)
    rows = [facts(number) for number in range(60)]
    for number in range(12, 60):
        draw(3).save(folder / rows[number]["file"], quality=95)
    write_table(folder / "works.csv", rows)
    _take_in(deployment, folder)
    assert _draw(deployment).placed == 48
    after = _places(deployment)
    assert {work: after[work] for work in before} == before
    new = np.array([after[work] for work in after.keys() - before.keys()], np.float64)
    # All are of one picture: together, and not in one point.
    assert np.ptp(new, axis=0).max() < 10 * JITTER
    assert len(np.unique(new, axis=0)) > 40


@pytest.mark.slow
def test_the_same_works_and_seed_give_the_same_map(filled: Deployment) -> None:
    _draw(filled)
    before = _places(filled)
    _draw(filled, anew=True)
    assert _places(filled) == before
    draw_maps(filled.index, filled.map_store, [MODEL], anew=True, seed=1)
    assert _places(filled) != before


@pytest.mark.slow
def test_points_that_lie_together_are_laid_out_together() -> None:
    rng = np.random.default_rng(0)
    centres = 3 * rng.normal(size=(4, 20))
    groups = np.arange(200) % 4
    points = (centres[groups] + rng.normal(size=(200, 20))).astype(np.float32)
    places = laid_out(points, seed=0)
    middles = np.array([places[groups == group].mean(axis=0) for group in range(4)])
    nearest = np.linalg.norm(places[:, None] - middles, axis=2).argmin(axis=1)
    assert (nearest == groups).mean() > 0.99


@pytest.mark.parametrize("count", [3, 9])
def test_a_handful_of_works_has_a_map_too(count: int) -> None:
    points = np.random.default_rng(0).normal(size=(count, 2)).astype(np.float32)
    assert laid_out(points, seed=0).shape == (count, 2)
    assert laid_out(points[:, :1], seed=0).shape == (count, 2)


@pytest.mark.usefixtures("_quick")
def test_what_cannot_be_drawn_is_said(deployment: Deployment) -> None:
    with pytest.raises(UnknownVector, match="empty"):
        draw_maps(deployment.index, deployment.map_store)
    _take_in(deployment, make_folder(deployment.settings.home.parent / "two", 2))
    for models in [[MODEL], []]:
        with pytest.raises(TooFewWorks, match="2 works have a vector of colour_grid"):
            draw_maps(deployment.index, deployment.map_store, models)
    with pytest.raises(UnknownVector, match="resnet50"):
        draw_maps(deployment.index, deployment.map_store, ["resnet50"])


@pytest.mark.usefixtures("_quick")
def test_a_model_without_vectors_is_passed_over_unless_it_is_named(
    deployment: Deployment, tmp_path: Path
) -> None:
    # Too few to derive vectors from.
    _take_in(deployment, make_folder(tmp_path / "few", 6))
    drawn = draw_maps(deployment.index, deployment.map_store)
    assert [item.model for item in drawn] == ["colour_grid", "edge_grid"]


@pytest.mark.usefixtures("_quick")
def test_a_damaged_map_is_said_to_be_so_and_drawn_again(filled: Deployment) -> None:
    _draw(filled)
    path = filled.map_store.path(filled.index.specs[MODEL])
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(MapUnreadable, match=f"vasari map --anew --model {MODEL}"):
        _draw(filled)
    assert _draw(filled, anew=True).works == 24


@pytest.mark.slow
def test_a_killed_job_leaves_the_former_map_whole(tiny_settings: Settings, tmp_path: Path) -> None:
    with Deployment(tiny_settings) as deployment:
        _take_in(deployment, make_folder(tmp_path / "pictures", 24))
        _draw(deployment)
        folder = deployment.map_store.path(deployment.index.specs[MODEL]).parent
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    # It is killed in the middle of the file: half of it is written.
    script = (
        "import sys, time, numpy as np\n"
        "import maintenance.map_drawing as drawing\n"
        "def half(file, **parts):\n"
        "    file.write(b'half'); file.flush(); print('writing', flush=True); time.sleep(60)\n"
        "drawing.laid_out = lambda points, seed: points[:, 1:3]\n"
        "np.savez = half\n"
        "from ui.cli import app\n"
        f"app(['--home', {str(tiny_settings.home)!r}, 'map', '--anew', '--model', {MODEL!r}])\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    time.sleep(0.1)
    assert {name: (folder / name).read_bytes() for name in before} == before
    with Deployment(tiny_settings) as deployment:
        assert _draw(deployment, anew=True).works == 24
    # Nothing is left of the job that was killed.
    assert {path.name for path in folder.iterdir()} == set(before)
