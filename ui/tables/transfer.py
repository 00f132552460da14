"""What training on labels gained, as a table for a terminal."""

from rich.console import Group, RenderableType
from rich.text import Text

from training.projection_transfer import ProjectionQuality
from ui.reports.tables import projection_table
from ui.tables.measured import drawn


def projection_tables(name: str, quality: ProjectionQuality) -> RenderableType:
    """Return P@10 before and after, on works and on artists that it was not fitted to."""
    return Group(
        Text(
            f"{name} tells {quality.classes} values of {quality.label} apart, learned from "
            f"{quality.works} works by {quality.recipe} on {' and '.join(quality.features)}."
        ),
        drawn(projection_table(name, quality)),
        Text(
            f"Each work asked under a projection fitted without it, in {quality.folds} parts. All "
            "other works could answer, to artists not seen those by others; among themselves, only "
            "works held out with the query. [ ]: 95 % confidence interval, by bootstrap over the "
            "queries.",
            style="dim",
        ),
    )
