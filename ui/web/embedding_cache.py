"""A model that does not embed the same picture twice."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from embedders import Embedder
from embedders.embedder import Pixels, Vectors

REMEMBERED_PICTURES = 256


class CachingEmbedder(Embedder):
    """Another embedder, with its last single pictures remembered by what is in them.

    A visitor who moves a filter asks about the same picture again; the answer changes, its
    embedding does not.
    """

    def __init__(self, inner: Embedder, *, capacity: int = REMEMBERED_PICTURES) -> None:
        super().__init__(inner.description, fingerprint=inner.fingerprint, provider=inner.provider)
        self._inner = inner
        self._capacity = capacity
        self._known: OrderedDict[bytes, Vectors] = OrderedDict()
        self._lock = Lock()

    def embed_prepared(self, batch: Pixels) -> Vectors:
        """Embed prepared pictures; a single one from memory, where it was embedded before."""
        if len(batch) != 1:
            return self._inner.embed_prepared(batch)
        key = hashlib.sha256(batch.tobytes()).digest()
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key].copy()
        vectors = self._inner.embed_prepared(batch)
        with self._lock:
            self._known[key] = vectors.copy()
            while len(self._known) > self._capacity:
                self._known.popitem(last=False)
        return vectors

    def _image_features(self, batch: Pixels) -> Vectors:
        return self._inner.embed_prepared(batch)

    def _feature_map(self, batch: Pixels) -> Vectors:
        return self._inner.feature_map(batch)

    def _text_features(self, texts: Sequence[str]) -> Vectors:
        return self._inner.embed_text(texts)
