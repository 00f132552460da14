"""From a model's name to a model that embeds, or to what stands in the way."""

from dataclasses import dataclass
from pathlib import Path

from embedders.descriptors import DescriptorEmbedder
from embedders.embedder import Embedder
from embedders.fingerprint import fingerprint_of
from embedders.registry import ModelDescription
from embedders.weights.local_file import LocalFile
from embedders.weights.obtain import WeightsUnavailable, find_weights, obtain_weights
from embedders.weights.provider import Report
from embedders.weights.stored import StoredWeights


@dataclass(frozen=True)
class ModelStatus:
    """Whether a model can be used now, told without downloading or loading anything.

    ``provider``, ``licence`` and ``fingerprint`` are those of the weights that are on disk; for a
    model that is not ready ``fingerprint`` is None, ``provider`` the first that would be asked
    (None if none could help) and ``reason`` says what would happen on first use.
    """

    name: str
    dimension: int
    ready: bool
    provider: str | None
    licence: str
    fingerprint: str | None
    reason: str | None


def model_status(description: ModelDescription, weights_dir: Path) -> ModelStatus:
    """Look for a model's weights on this machine."""
    stored, attempts = find_weights(description.providers, weights_dir)
    ready = stored is not None or not description.needs_weights
    first, reason = (None, None) if ready else _prospects(description, attempts)
    return ModelStatus(
        name=description.name,
        dimension=description.dimension,
        ready=ready,
        provider=stored.provider if stored else first,
        licence=stored.licence if stored else description.licence,
        fingerprint=_fingerprint(description, stored) if ready else None,
        reason=reason,
    )


def _prospects(
    description: ModelDescription, attempts: list[tuple[str, str]]
) -> tuple[str | None, str]:
    """Which provider first use would ask first, and all there is to say about it."""
    reasons = [f"{provider}: {reason}" for provider, reason in attempts]
    if any(provider == LocalFile.name for provider, _ in attempts):
        return None, "; ".join(reasons)  # a broken local file is never passed over
    helpful: list[str] = []
    for provider in description.providers:
        obstacle = provider.obstacle()
        if obstacle is not None:
            reasons.append(f"{provider.name}: {obstacle}")
        elif provider.fetches:
            helpful.append(provider.name)
    if helpful:
        reasons.insert(0, f"will be fetched on first use: {', else '.join(helpful)}")
    return next(iter(helpful), None), "; ".join(reasons)


def load_embedder(
    description: ModelDescription,
    weights_dir: Path,
    *,
    report: Report | None = None,
) -> Embedder:
    """Load a model, fetching its weights into ``weights_dir`` the first time.

    Args:
        report: is told, in one line each, of anything that takes long.

    Raises:
        WeightsUnavailable: its weights cannot be had.
    """
    if not description.needs_weights:
        return DescriptorEmbedder(description, fingerprint=_fingerprint(description, None))
    tell = report or (lambda _: None)
    weights = obtain_weights(description.name, description.providers, weights_dir, report=tell)
    try:
        return _load(description, weights)
    except (ValueError, OSError) as error:
        return _load_again(description, weights, error, weights_dir, report=tell)


def _load_again(
    description: ModelDescription,
    weights: StoredWeights,
    error: Exception,
    weights_dir: Path,
    *,
    report: Report,
) -> Embedder:
    """A fetched file that broke on disk is fetched anew; anyone else's file is left alone.

    Only the provider it came from is asked: another one's weights would be another model.
    """
    fetched = [p for p in description.providers if p.name == weights.provider and p.fetches]
    unavailable = WeightsUnavailable(
        description.name, [(weights.provider, str(error))], weights_dir
    )
    if not fetched:
        raise unavailable from error
    report(f"{weights.path.name} is damaged and is fetched again: {error}")
    weights.path.unlink(missing_ok=True)
    replaced = obtain_weights(description.name, fetched, weights_dir, report=report)
    try:
        return _load(description, replaced)
    except (ValueError, OSError) as second_error:
        raise unavailable from second_error


def _load(description: ModelDescription, weights: StoredWeights) -> Embedder:
    # Imported here: torch takes seconds, and most commands never need a network.
    from embedders.torch_embedder import load_torch_embedder

    return load_torch_embedder(description, weights, fingerprint=_fingerprint(description, weights))


def _fingerprint(description: ModelDescription, weights: StoredWeights | None) -> str:
    return fingerprint_of(
        network=weights.network if weights else description.network,
        dimension=description.dimension,
        preparation=description.preparation,
        normalisation=weights.normalisation if weights else None,
        weights_sha256=weights.sha256 if weights else None,
    )
