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


def load_backgrounds(session: Session) -> dict[str, Background]:
    """Return the backgrounds of all models that have one."""
    columns = [getattr(models.Background, name) for name in Background.__dataclass_fields__]
    rows = [dict(row._mapping) for row in session.execute(select(*columns))]
    return {
        row["model"]: Background(**row | {"quantiles": tuple(map(tuple, row["quantiles"]))})
        for row in rows
    }


def save_background(session: Session, background: Background) -> None:
    """Keep a background in place of the model's former one."""
    session.merge(
        models.Background(
            **vars(background) | {"quantiles": [list(item) for item in background.quantiles]}
        )
    )
