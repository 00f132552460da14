"""The hash by which two processes know that their vectors are comparable."""

import hashlib
import json

from embedders.normalisation import Normalisation
from embedders.preparation import Preparation


def fingerprint_of(
    *,
    network: str,
    dimension: int,
    preparation: Preparation,
    normalisation: Normalisation | None = None,
    weights_sha256: str | None = None,
) -> str:
    """32 hexadecimal digits of the SHA-256 over all that decides an embedding.

    Neither the model's name nor the place its weights came from is part of it: the same weights
    from a local file and from a download are the same model.
    """
    parts = {
        "network": network,
        "dimension": dimension,
        "size": preparation.size,
        "interpolation": preparation.interpolation,
        "mean": [repr(value) for value in normalisation.mean] if normalisation else None,
        "std": [repr(value) for value in normalisation.std] if normalisation else None,
        "weights": weights_sha256,
    }
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]
