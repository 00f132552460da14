"""What the catalog remembers of the similarity of unrelated works, a row a model."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import models


@dataclass(frozen=True, kw_only=True)
class Background:
    """The distribution of cosines between different works of this collection under one model.

    Args:
        fingerprint: of the model that the cosines are of.
        works: how many works the collection had when it was measured.
        pairs: how many pairs of works were measured.
        mean, std: of their cosines.
        quantiles: rising pairs of (probability, cosine): that share of pairs is below that cosine.
    """

    model: str
    fingerprint: str
    works: int
    pairs: int
    mean: float
    std: float
    quantiles: tuple[tuple[float, float], ...]


_MEASURED = tuple(name for name in Background.__dataclass_fields__ if name != "quantiles")
_MOST_REMEMBERED = 256

_remembered: dict[tuple[object, ...], Background] = {}
"""Backgrounds by all of them but their quantiles, which take longer to read than a search."""


def load_backgrounds(session: Session) -> dict[str, Background]:
    """Return the backgrounds of all models that have one."""
    columns = [getattr(models.Background, name) for name in _MEASURED]
    rows = [tuple(row) for row in session.execute(select(*columns))]
    found = {row[0]: _remembered[row] for row in rows if row in _remembered}
    if len(found) < len(rows):
        asked = select(*columns, models.Background.quantiles)
        for *row, quantiles in session.execute(asked.where(models.Background.model.not_in(found))):
            known = dict(zip(_MEASURED, row, strict=True))
            read = Background(**known, quantiles=tuple(map(tuple, quantiles)))
            found[read.model] = read
            if len(_remembered) < _MOST_REMEMBERED:
                _remembered[tuple(row)] = read
    return found


def save_background(session: Session, background: Background) -> None:
    """Keep a background in place of the model's former one."""
    session.merge(
        models.Background(
            **vars(background) | {"quantiles": [list(item) for item in background.quantiles]}
        )
    )
