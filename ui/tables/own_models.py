"""A collection's own models as a table."""

from collections.abc import Mapping, Sequence

from rich.table import Table
from rich.text import Text

from embedders import OwnModel
from ui.documents.own_models import made_from
from ui.tables.collection import empty_table


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
