"""Pictures asked for at the same time go through the network together, each to its own answer."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest

from embedders import BUILT_IN, Embedder, load_embedder
from embedders.embedder import Pixels, Vectors
from embedders.shared_passes import MOST_TOGETHER, SharedPasses
from tests.conftest import WEIGHTS_DIR


class Watched(Embedder):
    """Another embedder that says how many pictures came together, and waits in its first pass."""

    def __init__(self, inner: Embedder) -> None:
        super().__init__(inner.description, fingerprint=inner.fingerprint, provider=inner.provider)
        self._inner = inner
        self.passes: list[int] = []
        self.begun, self.may_end = Event(), Event()

    def _image_features(self, batch: Pixels) -> Vectors:
        self.passes.append(len(batch))
        self.begun.set()
        assert self.may_end.wait(20)
        if any(picture.max() == 0 for picture in batch):
            raise ValueError("nothing but black")
        return self._inner._image_features(batch)


@pytest.fixture
def watched() -> Watched:
    return Watched(load_embedder(BUILT_IN.describe("colour_grid"), WEIGHTS_DIR))


def pictures(count: int, size: int) -> Pixels:
    return np.random.default_rng(1).integers(1, 256, (count, size, size, 3), dtype=np.uint8)


def test_those_who_come_during_a_pass_share_the_next(watched: Watched) -> None:
    shared = SharedPasses(watched)
    drawn = pictures(MOST_TOGETHER + 2, shared.preparation.size)
    with ThreadPoolExecutor(len(drawn)) as threads:
        first = threads.submit(shared.embed_prepared, drawn[:1])
        assert watched.begun.wait(20)
        others = [threads.submit(shared.embed_prepared, picture[None]) for picture in drawn[1:]]
        while len(shared._waiting) < len(others):
            pass
        watched.may_end.set()
        found = np.concatenate([answer.result(20) for answer in [first, *others]])
    assert watched.passes == [1, MOST_TOGETHER, 1]
    np.testing.assert_allclose(found, watched.embed_prepared(drawn), atol=1e-6)


def test_a_picture_that_cannot_be_embedded_fails_alone(watched: Watched) -> None:
    shared = SharedPasses(watched)
    drawn = pictures(4, shared.preparation.size)
    drawn[2] = 0
    with ThreadPoolExecutor(len(drawn)) as threads:
        answers = [threads.submit(shared.embed_prepared, drawn[:1])]
        assert watched.begun.wait(20)
        answers += [threads.submit(shared.embed_prepared, picture[None]) for picture in drawn[1:]]
        while len(shared._waiting) < 3:
            pass
        watched.may_end.set()
        assert [answer.exception(20) is None for answer in answers] == [True, True, False, True]
