"""Duplicates and artists among real paintings, with a real model."""

import csv
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.artist_suggestions import suggest_merges
from catalog.same_works import mark_same
from deployment import Deployment
from embedders import WeightsUnavailable
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from search.duplicates import find_duplicates
from settings import Settings
from tests.conftest import WEIGHTS_DIR

pytestmark = [pytest.mark.weights, pytest.mark.slow]

GALLERY = Path(__file__).resolve().parents[2] / "shared" / "gallery"
MODEL = "efficientnet_lite0"
EVERY = 15
"""Of the paintings that are neither doubles nor related, one in so many."""

RIGHT = (
    {"Vincent van Gogh", "Vincent Van Gogh", "Vangogh", "Винсент Ван Гог"},
    {"Claude Monet", "Monet", "Клод Моне"},
    {"Paul Gauguin", "Gauguin", "Поль Гоген"},
    {"Edgar Degas", "Degas", "Эдгар Дега"},
    {"Ilya Repin", "Илья Репин"},
    {"Ivan Shishkin", "Иван Шишкин"},
    {"Ivan Aivazovsky", "Иван Айвазовский"},
    {"Wassily Kandinsky", "Василий Кандинский"},
    {"Jan van Eyck", "Ян ван Эйк"},
    {"Johannes Vermeer", "Ян Вермеер"},
    {"Henri Matisse", "Анри Матисс"},
    {"Théodore Géricault", "Теодор Жерико"},
)


def _groups(relation: str) -> list[set[str]]:
    groups: dict[str, set[str]] = defaultdict(set)
    with (GALLERY / "same_work.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["relation"] == relation:
                groups[row["group"]].add(row["file"])
    return list(groups.values())


@pytest.fixture
def filled(settings: Settings, tmp_path: Path) -> Iterator[Deployment]:
    if not GALLERY.is_dir():
        pytest.skip("the gallery of real paintings is not on this machine")
    doubtful = {file for kind in ("same", "related") for group in _groups(kind) for file in group}
    with (GALLERY / "gallery.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    others = [row for row in rows if row["file"] not in doubtful][::EVERY]
    chosen = [row for row in rows if row["file"] in doubtful] + others
    folder = tmp_path / "some"
    (folder / "images").mkdir(parents=True)
    for row in chosen:
        shutil.copy(GALLERY / row["file"], folder / row["file"])
    with (folder / "some.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(chosen)
    real = settings.model_copy(
        update={"models": (MODEL,), "weights_dir": WEIGHTS_DIR, "batch_size": 32}
    )
    with Deployment(real) as deployment:
        try:
            embedders = [deployment.embedder(MODEL)]
        except WeightsUnavailable as error:
            pytest.skip(f"no internet, and no registry has the weights: {error}")
        assert ingest(FolderReader(folder), deployment.ingest_context(embedders)).failed == 0
        yield deployment


def test_every_double_is_found_and_then_their_painters(filled: Deployment) -> None:
    found = find_duplicates(
        index=filled.index,
        database=filled.database,
        keypoints=filled.keypoint_store,
        picture_of=filled.thumbnail_of,
    )
    groups = [{work.file for work in group.works} for group in found.groups]
    same, related = _groups("same"), _groups("related")
    assert [group for group in same if group not in groups] == []
    strange = [group for group in groups if group not in same]
    assert len([group for group in strange if not any(pair <= group for pair in related)]) <= 2

    with filled.database.transaction() as session:
        by_name = suggest_merges(session)
        for group in found.groups:
            mark_same(session, [work.id for work in group.works])
    with filled.database.transaction() as session:
        by_work = suggest_merges(session)
    for suggestions in (by_name, by_work):
        together = [
            {name for artist in (item.into, *item.others) for name in artist.names}
            for item in suggestions
        ]
        assert sum(len(item.others) for item in suggestions) >= 15
        for names in RIGHT:
            assert all(group <= names for group in together if group & names)
        assert {"Ilya Repin", "Илья Репин"} in together
