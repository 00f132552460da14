"""What curators' requests carry, those for jobs aside."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from catalog.corrections import CORRECTABLE, Value

Name = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]
Ids = Annotated[tuple[UUID, ...], Field(min_length=1, max_length=1000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class IdsBody(_Body):
    """Records that something is said of."""

    ids: Ids


class MergeBody(_Body):
    """Artists who are the same person as another; ids or names."""

    others: Annotated[tuple[Name, ...], Field(min_length=1, max_length=100)]


class NameBody(_Body):
    """A name of an artist."""

    name: Name


class CorrectionBody(_Body):
    """What is right of a work; ``null`` empties a field."""

    values: dict[Literal[CORRECTABLE], Value] = {}  # type: ignore[valid-type]
    undo: tuple[Literal[CORRECTABLE], ...] = Field(  # type: ignore[valid-type]
        (), description="Fields that are to follow the source again."
    )
