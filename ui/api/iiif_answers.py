"""What IIIF viewers are answered, as OpenAPI describes it."""

from typing import Any, Literal

from pydantic import BaseModel, Field


class LinkedData(BaseModel):
    """What says of itself what it is."""

    context: str = Field(alias="@context")
    id: str
    type: str


class IiifSize(BaseModel):
    """In pixels."""

    width: int
    height: int


class IiifTiles(BaseModel):
    """Squares that are served fast, at so many scales."""

    width: int
    scaleFactors: list[int]  # noqa: N815 - the standard's name


class IiifImage(LinkedData):
    """What an image service says of itself."""

    type: Literal["ImageService3"]
    protocol: Literal["http://iiif.io/api/image"]
    profile: Literal["level1"]
    width: int
    height: int
    maxWidth: int  # noqa: N815 - the standard's name
    sizes: list[IiifSize]
    tiles: list[IiifTiles]


class IiifManifest(LinkedData):
    """A work for viewers; the Presentation API says what is in the lists."""

    type: Literal["Manifest"]
    label: dict[str, list[str]]
    metadata: list[dict[str, Any]]
    thumbnail: list[dict[str, Any]]
    homepage: list[dict[str, Any]]
    seeAlso: list[dict[str, Any]]  # noqa: N815 - the standard's name
    items: list[dict[str, Any]]
