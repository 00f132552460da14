"""A collection's own models as a document."""

from collections.abc import Mapping, Sequence
from typing import Any

from embedders import DerivedDescription, OwnModel


def own_models_document(own: Sequence[OwnModel], broken: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return each model's origin and how it was made, or why it cannot be used."""
    return [
        {
            "name": model.description.name,
            "dimension": model.description.dimension,
            "made_from": made_from(model),
            "about": dict(model.about),
            "folder": str(model.folder),
        }
        for model in own
    ] + [{"name": name, "broken": reason} for name, reason in broken.items()]


def made_from(model: OwnModel) -> str:
    """Return the model that another was made from."""
    description = model.description
    if isinstance(description, DerivedDescription):
        return description.derivation.model
    return description.parent or ""
