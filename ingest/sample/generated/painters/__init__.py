"""The invented painters of the generated sample, by style. None of them ever lived."""

from ingest.sample.generated.painters import (
    action,
    art_deco,
    colour_field,
    constructivism,
    cubism,
    gold_ground,
    grid,
    impasto,
    pointillism,
    quiet_still_life,
    tonalism,
    woodblock,
)
from ingest.sample.generated.painters.painter import Painter

PAINTERS: tuple[Painter, ...] = (
    *colour_field.PAINTERS,
    *grid.PAINTERS,
    *pointillism.PAINTERS,
    *impasto.PAINTERS,
    *woodblock.PAINTERS,
    *tonalism.PAINTERS,
    *cubism.PAINTERS,
    *constructivism.PAINTERS,
    *gold_ground.PAINTERS,
    *action.PAINTERS,
    *art_deco.PAINTERS,
    *quiet_still_life.PAINTERS,
)

__all__ = ["PAINTERS", "Painter"]
