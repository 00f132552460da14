"""Asking a model's providers in order, once for all processes of this machine."""

from collections.abc import Sequence
from pathlib import Path

from embedders.file_lock import take_lock
from embedders.weights.local_file import LocalFile
from embedders.weights.provider import ProviderFailed, Report, WeightsProvider
from embedders.weights.stored import StoredWeights
from errors import VasariError

Attempt = tuple[str, str]


class WeightsUnavailable(VasariError):
    """No provider gave weights for a model.

    ``attempts`` lists (provider, reason) in the order tried; the message names them all and says
    which file to put where.
    """

    def __init__(self, name: str, attempts: Sequence[Attempt], weights_dir: Path) -> None:
        self.name = name
        self.attempts = list(attempts)
        self.weights_dir = weights_dir
        tried = "\n".join(f"  - {provider}: {reason}" for provider, reason in self.attempts)
        super().__init__(
            f"there are no weights for the model {name}. Tried in this order:\n{tried}\n"
            f"To give them by hand, put a file {name}.safetensors or {name}.pth (a state dict) "
            f"into {weights_dir}; a file {name}.* from another machine's folder will do, renamed."
        )

    def __reduce__(self) -> tuple[type["WeightsUnavailable"], tuple[str, list[Attempt], Path]]:
        return type(self), (self.name, self.attempts, self.weights_dir)


def find_weights(
    providers: Sequence[WeightsProvider], weights_dir: Path
) -> tuple[StoredWeights | None, list[Attempt]]:
    """The first weights that are on this machine already, and what was in the way of others.

    A local file that cannot be used ends the search: whoever put it there means it, and other
    weights in its place would go unnoticed.
    """
    attempts: list[Attempt] = []
    for provider in providers:
        try:
            stored = provider.find(weights_dir)
        except ProviderFailed as failure:
            attempts.append((provider.name, str(failure)))
            if isinstance(provider, LocalFile):
                break
            continue
        if stored is not None:
            return stored, attempts
    return None, attempts


def obtain_weights(
    name: str,
    providers: Sequence[WeightsProvider],
    weights_dir: Path,
    *,
    report: Report,
) -> StoredWeights:
    """Weights from disk, else from the first provider that can fetch them.

    Raises WeightsUnavailable. Processes that want the same model at once wait for one of them to
    fetch it.
    """
    stored, attempts = find_weights(providers, weights_dir)
    if stored is not None:
        return stored
    if attempts and attempts[0][0] == LocalFile.name:
        raise WeightsUnavailable(name, attempts, weights_dir)
    try:
        lock = take_lock(weights_dir / f".{name}.lock")
    except OSError as error:
        attempts = [("weights folder", f"{weights_dir} cannot be written: {error}")]
        raise WeightsUnavailable(name, attempts, weights_dir) from error
    with lock:
        stored, _ = find_weights(providers, weights_dir)
        return stored or _fetch_first(name, providers, weights_dir, report)


def _fetch_first(
    name: str, providers: Sequence[WeightsProvider], weights_dir: Path, report: Report
) -> StoredWeights:
    attempts: list[Attempt] = []
    for provider in providers:
        try:
            return provider.fetch(weights_dir, report)
        except ProviderFailed as failure:
            attempts.append((provider.name, str(failure)))
            if provider.fetches:
                report(f"{provider.name}: {failure}")
    raise WeightsUnavailable(name, attempts, weights_dir)
