"""Pictures that several threads want embedded at the same time, in one pass of the network."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from embedders.embedder import Embedder, Pixels, Vectors
from embedders.precision import Precision

MOST_TOGETHER = 16
"""Pictures of one pass: more gain nothing, and the first of them waits for the last."""


@dataclass(frozen=True)
class _Request:
    batch: Pixels
    answer: Future[Vectors] = field(default_factory=Future)


class SharedPasses(Embedder):
    """Another embedder, for a process that many ask at once.

    While one pass runs, those who come gather, and the next takes them all along. Nobody waits for
    others who may yet come. All passes run on one thread: the network keeps memory for each thread
    that it has run on.
    """

    def __init__(self, inner: Embedder) -> None:
        super().__init__(inner.description, fingerprint=inner.fingerprint, provider=inner.provider)
        self._inner = inner
        self._waiting: list[_Request] = []
        self._lock = Lock()
        self._thread = ThreadPoolExecutor(1, f"passes of {inner.name}")

    def _in_precision(self, precision: Precision) -> Embedder:
        return SharedPasses(self._inner.in_precision(precision))

    def load(self) -> None:
        self._inner.load()

    def embed_prepared(self, batch: Pixels) -> Vectors:
        """Embed prepared pictures, with those of other threads; as ``Embedder`` says."""
        self._check(batch)
        request = _Request(batch)
        with self._lock:
            self._waiting.append(request)
        self._thread.submit(self._run_pass)
        return request.answer.result()

    def _run_pass(self) -> None:
        if requests := self._next():  # an earlier pass may have taken all along
            self._embed(requests)

    def _next(self) -> list[_Request]:
        """Take those who have waited longest: of single pictures 1, 2, 4, 8 or 16.

        The network keeps memory of its own for each size of batch that it has seen.
        """
        with self._lock:
            if not self._waiting:
                return []
            most = min(MOST_TOGETHER, sum(len(request.batch) for request in self._waiting))
            most = 1 << (most.bit_length() - 1)
            count, pictures = 0, 0
            for request in self._waiting:
                pictures += len(request.batch)
                if count and pictures > most:
                    break
                count += 1
            taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken

    def _embed(self, requests: Sequence[_Request]) -> None:
        try:
            together = np.concatenate([request.batch for request in requests])
            vectors = self._inner.embed_prepared(together)
            ends = np.cumsum([len(request.batch) for request in requests])
            for request, found in zip(requests, np.split(vectors, ends[:-1]), strict=True):
                request.answer.set_result(found)
        except Exception as error:
            if len(requests) == 1:
                requests[0].answer.set_exception(error)
                return
            # One picture's fault is nobody else's.
            for request in requests:
                self._embed([request])

    def _image_features(self, batch: Pixels) -> Vectors:
        return self._thread.submit(self._inner._image_features, batch).result()

    def _all_features(self, batch: Pixels) -> dict[str, Vectors]:
        return self._thread.submit(self._inner._all_features, batch).result()

    def _feature_map(self, batch: Pixels) -> Vectors:
        return self._thread.submit(self._inner._feature_map, batch).result()

    def _text_features(self, texts: Sequence[str]) -> Vectors:
        return self._thread.submit(self._inner._text_features, texts).result()
