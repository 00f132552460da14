"""The sample that the project draws itself."""

import csv
import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ingest.sample.generated import collection, draw_collection
from ingest.sample.generated.collection import COLUMNS, LONG_SIDE, GeneratedWork, plan
from ingest.sample.generated.painters import PAINTERS
from ingest.sample.generated.picture import Picture

FEW = 5
ONE_OF_EACH = tuple(plan(len(PAINTERS)))


def digest(work: GeneratedWork, seed: int) -> str:
    pixels = np.ascontiguousarray(work.paint(seed).pixels, np.float32)
    return hashlib.sha256(pixels.tobytes()).hexdigest()


def rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    draw_collection(folder, works=FEW)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("work", ONE_OF_EACH, ids=lambda work: work.painter.name)
def test_every_painter_paints_a_whole_picture_that_chance_repeats(work):
    picture = work.paint(1550)
    width, height = work.size
    assert picture.pixels.shape == (height, width, 3)
    assert max(work.size) == LONG_SIDE
    assert np.isfinite(picture.pixels).all()
    assert picture.pixels.min() >= 0
    assert picture.pixels.max() <= 1
    assert picture.pixels.std() > 0.02
    assert picture.title
    assert "{" not in picture.title
    assert digest(work, 1550) == digest(work, 1550)


def test_another_seed_or_another_number_gives_another_picture():
    work = ONE_OF_EACH[3]
    later = GeneratedWork(work.painter, work.number + 1, work.file)
    assert len({digest(work, 1), digest(work, 2), digest(later, 1)}) == 3


def test_there_are_three_painters_to_each_of_a_dozen_styles():
    styles = Counter(painter.hand.style for painter in PAINTERS)
    assert len(styles) >= 10
    assert min(styles.values()) >= 3
    assert len({painter.name for painter in PAINTERS}) == len(PAINTERS)
    assert any(not painter.name.isascii() for painter in PAINTERS)


def test_years_stay_within_the_painters_life():
    for work in plan(300):
        first, last = work.painter.years
        assert first <= work.year(1550) <= last


def test_the_table_describes_every_file_and_says_that_it_is_generated(drawn):
    table = rows(drawn / "works.csv")
    assert tuple(table[0]) == COLUMNS
    assert len(table) == FEW
    for row in table:
        with Image.open(drawn / row["file"]) as image:
            assert image.format == "JPEG"
            assert max(image.size) == LONG_SIDE
        assert row["source"] == "Generated sample"
        assert row["note"] == "drawn by Vasari, not a museum's work"
        assert all(row[column] for column in COLUMNS)


def test_the_same_seed_writes_the_same_bytes(drawn, tmp_path):
    draw_collection(tmp_path, works=FEW)
    for path in [drawn / "works.csv", *drawn.glob("*.jpg")]:
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_a_second_drawing_paints_nothing(drawn, monkeypatch):
    monkeypatch.setattr(GeneratedWork, "paint", None)
    progress = []
    draw_collection(drawn, works=FEW, on_progress=lambda *at: progress.append(at))
    assert progress == [(FEW, FEW)]


def test_an_interrupted_drawing_goes_on_and_leaves_no_half_file(drawn, tmp_path, monkeypatch):
    painted: list[str] = []
    paint = GeneratedWork.paint

    def paint_and_note(work: GeneratedWork, seed: int) -> Picture:
        painted.append(work.file)
        return paint(work, seed)

    def paint_twice_then_stop(work: GeneratedWork, seed: int) -> Picture:
        if len(painted) == 2:
            raise KeyboardInterrupt
        return paint_and_note(work, seed)

    monkeypatch.setattr(GeneratedWork, "paint", paint_twice_then_stop)
    with pytest.raises(KeyboardInterrupt):
        draw_collection(tmp_path, works=FEW)
    assert not (tmp_path / "works.csv").exists()
    assert sorted(path.name for path in tmp_path.glob("*.jpg")) == sorted(painted)

    before = list(painted)
    monkeypatch.setattr(GeneratedWork, "paint", paint_and_note)
    table = draw_collection(tmp_path, works=FEW)
    assert not set(painted[2:]) & set(before)
    assert table.read_bytes() == (drawn / "works.csv").read_bytes()
    assert not list(tmp_path.glob("*.part"))


def test_an_error_while_writing_leaves_no_picture(tmp_path, monkeypatch):
    def full_disk(*_args: object, **_options: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(Image.Image, "save", full_disk)
    with pytest.raises(OSError, match="No space"):
        draw_collection(tmp_path, works=1)
    assert not list(tmp_path.glob("*.jpg"))


def test_a_deleted_picture_is_painted_again(drawn, tmp_path):
    draw_collection(tmp_path, works=2)
    (tmp_path / "01-01.jpg").unlink()
    draw_collection(tmp_path, works=2)
    assert (tmp_path / "01-01.jpg").read_bytes() == (drawn / "01-01.jpg").read_bytes()


def test_another_seed_replaces_every_picture(tmp_path):
    draw_collection(tmp_path, works=2)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.jpg")}
    draw_collection(tmp_path, works=2, seed=7)
    assert all((tmp_path / name).read_bytes() != old for name, old in before.items())


def test_equal_titles_of_one_painter_are_numbered(tmp_path, monkeypatch):
    monkeypatch.setattr(collection, "_painted", lambda *_: ("Peonies", "still life"))
    table = rows(draw_collection(tmp_path, works=len(PAINTERS) * 2))
    assert Counter(row["title"] for row in table) == {
        "Peonies": len(PAINTERS),
        "Peonies II": len(PAINTERS),
    }
