"""A model that is loaded when it is first used, and not when it is only asked who it is."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

from embedders.embedder import Embedder, Pixels, Vectors
from embedders.loading import load_embedder, model_status
from embedders.precision import Precision, in_precision
from embedders.registry import ModelDescription
from embedders.weights.obtain import find_weights
from embedders.weights.provider import Report
from embedders.weights.stored import is_cut_short
from errors import VasariError


class WeightsReplaced(VasariError):
    """Weights on disk are not those any more that a model was opened with."""


class LazyEmbedder(Embedder):
    """Knows its fingerprint from the weights on disk; reads them with the first picture or text.

    An ingest that finds nothing changed, and a search from a stored embedding, need no network.
    """

    def __init__(
        self,
        description: ModelDescription,
        *,
        fingerprint: str,
        provider: str | None,
        load: Callable[[], Embedder],
    ) -> None:
        super().__init__(description, fingerprint=fingerprint, provider=provider)
        self._load = load
        self._loaded: Embedder | None = None
        self._lock = Lock()

    def load(self) -> None:
        self._network()

    def _in_precision(self, precision: Precision) -> Embedder:
        return LazyEmbedder(
            self.description,
            fingerprint=in_precision(self.fingerprint, precision),
            provider=self.provider,
            load=lambda: self._network().in_precision(precision),
        )

    def passes_at_once(self) -> int:
        return self._network().passes_at_once()

    def _image_features(self, batch: Pixels) -> Vectors:
        return self._network()._image_features(batch)

    def _all_features(self, batch: Pixels) -> dict[str, Vectors]:
        return self._network()._all_features(batch)

    def _feature_map(self, batch: Pixels) -> Vectors:
        return self._network()._feature_map(batch)

    def _text_features(self, texts: Sequence[str]) -> Vectors:
        return self._network()._text_features(texts)

    def _network(self) -> Embedder:
        with self._lock:
            if self._loaded is None:
                loaded = self._load()
                if loaded.fingerprint != self.fingerprint:
                    raise WeightsReplaced(
                        f"the weights of {self.name} were replaced while this process ran: "
                        f"{self.fingerprint} became {loaded.fingerprint}. Run the command again"
                    )
                self._loaded = loaded
            return self._loaded


def open_embedder(
    description: ModelDescription, weights_dir: Path, *, report: Report | None = None
) -> Embedder:
    """Return a model: loaded at its first use where its weights are here, else fetched now.

    Raises:
        WeightsUnavailable: its weights cannot be had.
    """

    def load() -> Embedder:
        return load_embedder(description, weights_dir, report=report)

    status = model_status(description, weights_dir)
    stored, _ = find_weights(description.providers, weights_dir)
    # A fetched file that broke is fetched anew before anything is made with its fingerprint.
    broken = stored is not None and is_cut_short(stored.path)
    if broken or not status.ready or status.fingerprint is None:
        return load()
    return LazyEmbedder(
        description, fingerprint=status.fingerprint, provider=status.provider, load=load
    )
