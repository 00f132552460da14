"""What can be asked: pictures, works of the collection and texts, alone or together."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from catalog.artworks import by_id
from catalog.database import Database
from embedders import DEFAULT_LIMITS, Embedder, ImageInput, ImageLimits, decode_image
from errors import VasariError
from search.index.contract import Index, Vector, VectorSpec, check_specs, unknown_vector
from search.pictures import PictureOf
from search.stopwatch import Stopwatch

NEGATIVE_WEIGHT = 0.25
"""How much of the negative examples' mean is taken from that of the positive ones. A quarter makes
the negative's style rarer among the first ten hits and the positive's no rarer; from a half on the
positive's begins to suffer too."""


class InvalidQuery(VasariError, ValueError):
    """A question that cannot be asked; the message says what to change."""

    is_for_visitors = True


@dataclass(frozen=True)
class Region:
    """A part of a picture.

    Args:
        left, top, width, height: in shares of the picture's sides, or in pixels; numbers that are
            all at most 1 are shares.
    """

    left: float
    top: float
    width: float
    height: float

    def __post_init__(self) -> None:
        numbers = (self.left, self.top, self.width, self.height)
        is_finite = all(math.isfinite(number) for number in numbers)
        if not is_finite or min(numbers) < 0 or min(self.width, self.height) == 0:
            raise InvalidQuery("a region is LEFT,TOP,WIDTH,HEIGHT, with a width and a height")

    def crop(self, picture: Image.Image) -> Image.Image:
        """Return that part of a picture.

        Raises:
            InvalidQuery: it lies outside the picture.
        """
        box = (self.left, self.top, self.left + self.width, self.top + self.height)
        scale = picture.size if max(self.left, self.top, self.width, self.height) <= 1 else (1, 1)
        left, top, right, bottom = (
            round(side * scale[place % 2]) for place, side in enumerate(box)
        )
        right, bottom = min(right, picture.width), min(bottom, picture.height)
        if right - left < 1 or bottom - top < 1:
            raise InvalidQuery(f"the region lies outside the picture of {picture.size} pixels")
        return picture.crop((left, top, right, bottom))


@dataclass(frozen=True)
class Example:
    """One thing that the works asked for should be like, or should not be.

    Args:
        of: a picture (path, bytes or Pillow image), the id of a work, or a text.
        weight: of this example among those of its sign; negative for "not like this".
        region: the part of the picture that is meant.
    """

    of: ImageInput | UUID | str
    weight: float = 1.0
    region: Region | None = None


@dataclass(frozen=True)
class Query:
    """Examples, of which at least one is positive.

    Raises:
        InvalidQuery: there is no positive example, or a region of a text is asked for.
    """

    examples: tuple[Example, ...]

    def __post_init__(self) -> None:
        if not any(example.weight > 0 for example in self.examples):
            raise InvalidQuery("give at least one picture, work or text to be like")
        if any(isinstance(example.of, str) and example.region for example in self.examples):
            raise InvalidQuery("a text has no region")

    @property
    def works(self) -> tuple[UUID, ...]:
        """The works of the collection among the examples: no answer to their own question."""
        return tuple(example.of for example in self.examples if isinstance(example.of, UUID))

    @property
    def needs_embedding(self) -> bool:
        """Whether a model has to be run: for works of the collection the index has the answer."""
        return any(not isinstance(item.of, UUID) or item.region for item in self.examples)


def query_vectors(
    query: Query,
    models: Sequence[str],
    *,
    index: Index,
    database: Database,
    embedders: Mapping[str, Embedder],
    watch: Stopwatch,
    picture_of: PictureOf | None = None,
    limits: ImageLimits = DEFAULT_LIMITS,
) -> dict[str, Vector]:
    """Return what to look for under each model, as unit vectors.

    The weighted mean of the positive examples less ``NEGATIVE_WEIGHT`` of that of the negative
    ones, each mean brought to length one first: Rocchio's relevance feedback ("Relevance feedback
    in information retrieval", 1971) on unit vectors.
    """
    parts: list[tuple[float, dict[str, Vector]]] = []
    for example in query.examples:
        if isinstance(example.of, UUID) and example.region is None:
            with watch.stage("index"):
                vectors = _stored(example.of, models, index)
        else:
            chosen = _chosen(index, embedders, models)
            if isinstance(example.of, str):
                with watch.stage("embed"):
                    vectors = {item.name: item.embed_text([example.of])[0] for item in chosen}
            else:
                with watch.stage("decode"):
                    picture = picture_shown(
                        example, database=database, picture_of=picture_of, limits=limits
                    )
                    prepared = {item.preparation: item.prepare(picture) for item in chosen}
                with watch.stage("embed"):
                    vectors = {
                        item.name: item.embed_prepared(prepared[item.preparation][None])[0]
                        for item in chosen
                    }
        parts.append((example.weight, vectors))
    return {model: _combined([(weight, part[model]) for weight, part in parts]) for model in models}


def _combined(parts: Sequence[tuple[float, Vector]]) -> Vector:
    if len(parts) == 1:
        return parts[0][1]
    positive = _mean_direction([part for part in parts if part[0] > 0])
    negative = _mean_direction([(-weight, vector) for weight, vector in parts if weight < 0])
    return _unit(positive - NEGATIVE_WEIGHT * negative)


def _mean_direction(parts: Sequence[tuple[float, Vector]]) -> Vector | float:
    if not parts:
        return 0.0
    total = np.sum([weight * vector for weight, vector in parts], axis=0)
    return _unit(total)


def _unit(vector: NDArray[np.floating[Any]] | float) -> Vector:
    length = float(np.linalg.norm(vector))
    if length == 0:
        raise InvalidQuery("the examples cancel each other out: nothing is left to look for")
    return np.asarray(vector / length, dtype=np.float32)


def _stored(artwork_id: UUID, models: Sequence[str], index: Index) -> dict[str, Vector]:
    vectors = {}
    for model in models:
        stored = index.vectors(model, [artwork_id])
        if artwork_id not in stored:
            raise InvalidQuery(f"the index holds no {model} embedding of the work {artwork_id}")
        vectors[model] = stored[artwork_id]
    return vectors


def check_weights(index: Index, embedder: Embedder) -> None:
    """Check that the index holds vectors made with an embedder's weights.

    Raises:
        UnknownVector: the index holds no vectors of the model.
        FingerprintMismatch: they were made with other weights.
    """
    offered = VectorSpec(
        model=embedder.name, dimension=embedder.dimension, fingerprint=embedder.fingerprint
    )
    if check_specs(index.specs, [offered], to_ask=True):
        raise unknown_vector(embedder.name, index.specs)


def _chosen(
    index: Index, embedders: Mapping[str, Embedder], models: Sequence[str]
) -> list[Embedder]:
    for model in models:
        if model not in embedders:
            raise unknown_vector(model, index.specs)
        check_weights(index, embedders[model])
    return [embedders[model] for model in models]


def picture_shown(
    example: Example,
    *,
    database: Database,
    picture_of: PictureOf | None,
    limits: ImageLimits = DEFAULT_LIMITS,
) -> Image.Image:
    """Return the picture of an example that is no text, or the part of it that is meant.

    Raises:
        InvalidQuery: no such work is in the catalog, or the part lies outside the picture.
        UnreadableImage: it cannot be had.
    """
    if isinstance(example.of, UUID):
        with database.transaction() as session:
            work = by_id(session, [example.of]).get(example.of)
        if work is None:
            raise InvalidQuery(f"no work has the id {example.of}")
        if picture_of is None:
            raise TypeError("a part of a work needs picture_of")
        picture = picture_of(work)
    elif isinstance(example.of, str):
        raise TypeError("a text has no picture")
    else:
        picture = decode_image(example.of, limits)
    return picture if example.region is None else example.region.crop(picture)
