"""Passes side by side in this process."""

from collections import Counter
from pathlib import Path
from threading import Lock
from time import sleep
from typing import Any

import pytest

from deployment import Deployment
from embedders import Embedder
from ingest.job import ingest
from ingest.readers.folder import FolderReader


class Watch:
    """Has two passes run at once, and sees how many do."""

    def __init__(self, embedders: list[Embedder], monkeypatch: pytest.MonkeyPatch) -> None:
        self._lock = Lock()
        self._running = 0
        self.most = 0
        self.images: Counter[str] = Counter()
        for embedder in embedders:
            monkeypatch.setattr(embedder, "passes_at_once", lambda: 2)
            monkeypatch.setattr(embedder, "embed_with_features", self._watched(embedder))

    def _watched(self, embedder: Embedder) -> Any:
        real = embedder.embed_with_features

        def embed_with_features(batch: Any) -> Any:
            with self._lock:
                self._running += 1
                self.most = max(self.most, self._running)
                self.images[embedder.name] += len(batch)
            try:
                sleep(0.05)
                return real(batch)
            finally:
                with self._lock:
                    self._running -= 1

        return embed_with_features


@pytest.fixture
def embedders(deployment: Deployment) -> list[Embedder]:
    return [deployment.embedder(name) for name in deployment.settings.models]


def test_passes_run_side_by_side_and_each_picture_goes_through_each_model_once(
    deployment: Deployment,
    embedders: list[Embedder],
    pictures: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch = Watch(embedders, monkeypatch)
    (pictures / "images" / "003.jpg").write_bytes(b"no picture")
    summary = ingest(FolderReader(pictures), deployment.ingest_context(embedders))
    assert (summary.added, summary.failed, summary.left) == (23, 1, 0)
    assert watch.images == {embedder.name: 23 for embedder in embedders}
    assert watch.most == 2


def test_a_fault_in_one_pass_ends_the_job_and_the_next_does_the_rest(
    deployment: Deployment,
    embedders: list[Embedder],
    pictures: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patches:
        watch = Watch(embedders, patches)

        def fail(*_: object) -> None:
            if watch.images[embedders[1].name] > 8:
                raise MemoryError("no room for a pass")

        patches.setattr(embedders[1], "_check", fail)
        with pytest.raises(MemoryError, match="no room for a pass"):
            ingest(FolderReader(pictures), deployment.ingest_context(embedders))
    summary = ingest(FolderReader(pictures), deployment.ingest_context(embedders))
    assert (summary.failed, summary.left) == (0, 0)
    assert {name: vector.points for name, vector in deployment.index.status().vectors.items()} == {
        **dict.fromkeys(deployment.index.specs, 24)
    }
    assert 0 < summary.embedded[embedders[1].name] <= 24
