"""A collection's own models, as a document and as a table."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from embedders import DerivedDescription, OwnModel
from ui.tables.collection import empty_table


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


def own_models_table(own: Sequence[OwnModel], broken: Mapping[str, str]) -> Table:
    """Return what a collection's own models were made from, and where their reports lie."""
    table = empty_table(title="of this collection's own")
    for name in ("model", "made from", "how", "folder"):
        table.add_column(name, no_wrap=name == "model", overflow="fold")
    for model in own:
        how = str(model.about.get("summary", ""))
        table.add_row(model.description.name, made_from(model), how, str(model.folder))
    for name, reason in broken.items():
        table.add_row(name, "", Text(reason, style="yellow"), "")
    return table


def made_from(model: OwnModel) -> str:
    """Return the model that another was made from."""
    description = model.description
    if isinstance(description, DerivedDescription):
        return description.derivation.model
    return description.parent or ""
