from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from catalog.artworks import ArtworkFacts
from embedders import Preparation, UnreadableImage
from evaluation.stored import NothingToEvaluate
from tests.pictures import draw
from tests.training.finetuning.test_split import works
from training.finetuning.augmentation import view_of
from training.finetuning.pictures import Pictures, read_pictures
from training.finetuning.run import training_device
from training.progress import Interrupted, Watch

SMALL = Preparation(28, "bicubic")


class Shelf:
    """Pictures of works, one of which cannot be read; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, work: ArtworkFacts) -> Image.Image:
        self.asked += 1
        if work.title == "Grid-2":
            raise UnreadableImage("truncated image")
        return draw(int(work.image_sha256 or "0", 16))


def read(folder: Path, shelf: Shelf, some: list[ArtworkFacts], watch: Watch) -> Pictures:
    return read_pictures(some, shelf, SMALL, parts=True, folder=folder, watch=watch)


def test_pictures_are_decoded_once_and_those_that_cannot_be_are_left_out(tmp_path: Path) -> None:
    some, shelf = works()[-12:], Shelf()
    found = read(tmp_path, shelf, some, Watch())
    assert found.unreadable == 1
    assert [work.title for work in found.works] == [w.title for w in some if w.title != "Grid-2"]
    assert (found.whole.shape, found.large.shape) == ((11, 28, 28, 3), (11, 32, 32, 3))
    for place, work in enumerate(found.works):
        assert np.array_equal(found.whole[place], SMALL.apply(Shelf()(work)))

    again = read(tmp_path, shelf, some, Watch())
    assert shelf.asked == len(some)
    assert np.array_equal(again.large, found.large)
    changed = [replace(some[0], image_sha256="f" * 64), *some[1:]]
    read(tmp_path, shelf, changed, Watch())
    assert shelf.asked == 2 * len(some)


def test_decoding_that_was_interrupted_is_begun_anew(tmp_path: Path) -> None:
    some, shelf = works()[-12:], Shelf()
    with pytest.raises(Interrupted):
        read(tmp_path, shelf, some, Watch(stop=lambda: True))
    assert len(read(tmp_path, shelf, some, Watch()).works) == 11


def test_a_view_is_a_part_of_the_picture_in_other_light() -> None:
    picture = np.asarray(draw(3, width=64, height=64), dtype=np.uint8)
    views = [view_of(picture, 48, np.random.default_rng([1, number])) for number in range(8)]
    again = view_of(picture, 48, np.random.default_rng([1, 5]))
    assert all(view.shape == (3, 48, 48) for view in views)
    assert all(float(view.min()) >= 0 and float(view.max()) <= 255 for view in views)
    assert views[5].equal(again)
    assert len({float(view.mean()) for view in views}) == 8


def test_a_device_that_is_not_there_is_refused() -> None:
    assert training_device("cpu").type == "cpu"
    with pytest.raises(NothingToEvaluate, match=r"there is no device tpu here; there is .*cpu"):
        training_device("tpu")
