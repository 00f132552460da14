"""The hash by which two processes know that their vectors are comparable."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from embedders.normalisation import Normalisation
from embedders.precision import in_precision, precision_of, weights_of
from embedders.preparation import Preparation
from embedders.registry import DerivedDescription, FeatureDescription


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
    return _digest(parts)


def feature_fingerprint(feature: FeatureDescription, model_fingerprint: str) -> str:
    """The fingerprint of a feature of a model's forward pass."""
    parts = {"output": feature.output, "dimension": feature.dimension}
    return _digest_of(model_fingerprint, parts)


def joint_fingerprint(fingerprints: Sequence[str]) -> str:
    """The fingerprint of one vector, or of several taken one behind the other."""
    if len(fingerprints) == 1:
        return fingerprints[0]
    joint = _digest({"joint": [weights_of(item) for item in fingerprints]})
    return in_precision(joint, precision_of(fingerprints[0]))


def derived_fingerprint(description: DerivedDescription, model_fingerprint: str) -> str:
    """The fingerprint of a derived model.

    The fitted projection is not part of it: it follows the collection, and its version is kept
    with the collection.
    """
    parts: dict[str, object] = {
        "feature": description.derivation.feature,
        "recipe": description.derivation.recipe,
        "dimension": description.dimension,
    }
    if description.derivation.label is not None:
        parts["label"] = description.derivation.label
    return _digest_of(model_fingerprint, parts)


def _digest_of(model_fingerprint: str, parts: Mapping[str, object]) -> str:
    """Return the fingerprint of what is made of a model's pass, in the precision of the pass."""
    made = _digest({"model": weights_of(model_fingerprint)} | dict(parts))
    return in_precision(made, precision_of(model_fingerprint))


def _digest(parts: Mapping[str, object]) -> str:
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]
