"""Why two pictures are alike under a model: which of their regions make up their cosine.

Where an embedding is the mean F of a map f over n cells, brought to length one, the cosine of two
pictures is a sum over the pairs of a cell of one and a cell of the other,

    cosine = sum over i and j of f_i . g_j / (n |F| m |G|),

in which nothing is estimated: Stylianou, Souvenir and Pless, "Visualizing Deep Similarity
Networks", WACV 2019. A cell sees more of the picture than its own place, the deeper the network
the more, so a map says where a network found what the pictures share, to within a cell or so.
"""

from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from catalog.database import Database
from embedders import DEFAULT_LIMITS, Embedder, ImageInput, ImageLimits
from search.background import current_backgrounds
from search.index.contract import Index, Vector, clip_cosine
from search.pictures import PictureOf
from search.query import Example, InvalidQuery, check_weights, picture_shown
from search.similarity import Similarity, calibrated

MOST_PAIRS = 3
"""The most pairs of regions that are named; further ones add little."""

Cell = tuple[int, int]
"""Row and column of a cell, from the upper left."""


@dataclass(frozen=True, kw_only=True)
class RegionPair:
    """A region of the query and one of the work that add much to the cosine.

    Args:
        contribution: what they add to it.
        cosine: of what the model sees in the two.
    """

    query: Cell
    work: Cell
    contribution: float
    cosine: float


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """The cosine of two pictures under a model, shared out among their regions.

    Args:
        cosine: of the two pictures.
        contributions: what each cell of the query and each cell of the work add to it together,
            float32 [h, w, h, w]; they sum to the cosine.
        pairs: the pairs of regions that add most, no two of them next to each other.
        query_vector: the query's embedding, a unit vector.
        query_picture, work_picture: RGB, as they were compared.
        similarity: the two as a search has them, from the index; ``None`` where none was asked.
    """

    model: str
    cosine: float
    contributions: NDArray[np.float32] = field(repr=False)
    pairs: tuple[RegionPair, ...]
    query_vector: Vector = field(repr=False)
    query_picture: Image.Image = field(repr=False)
    work_picture: Image.Image = field(repr=False)
    similarity: Similarity | None = None

    @property
    def query_map(self) -> NDArray[np.float32]:
        """What each cell of the query adds to the cosine, float32 [h, w]."""
        return np.asarray(self.contributions.sum(axis=(2, 3)))

    @property
    def work_map(self) -> NDArray[np.float32]:
        """What each cell of the work adds to the cosine, float32 [h, w]."""
        return np.asarray(self.contributions.sum(axis=(0, 1)))

    def cell_at(self, x: float, y: float) -> Cell:
        """Return the cell at a point of the query, given in shares of its width and height.

        Raises:
            InvalidQuery: the point lies outside the picture.
        """
        if not (0 <= x <= 1 and 0 <= y <= 1):
            raise InvalidQuery("a point of the query is given in shares of its sides, from 0 to 1")
        rows, columns = self.contributions.shape[:2]
        return min(int(y * rows), rows - 1), min(int(x * columns), columns - 1)

    def answers_to(self, cell: Cell) -> NDArray[np.float32]:
        """Return what each cell of the work adds together with one of the query, float32 [h, w]."""
        return np.asarray(self.contributions[cell])


def explain(
    query: Example | ImageInput | UUID,
    work: UUID,
    *,
    embedder: Embedder,
    index: Index,
    database: Database,
    picture_of: PictureOf,
    limits: ImageLimits = DEFAULT_LIMITS,
) -> Explanation:
    """Share out the similarity of a work to a query among the regions of both.

    Args:
        query: a picture (path, bytes or Pillow image), the id of a work, or either as an Example,
            of which the region counts and the weight does not.
        limits: refuse a larger picture.

    Raises:
        InvalidQuery: the query is a text, or the catalog or the index does not hold a work.
        UnknownVector: the index holds no vectors of the model.
        FingerprintMismatch: the model's weights are not those that the index was made with.
        FeatureMapNotSupported: the model's embedding is no mean over regions.
        UnreadableImage: one of the pictures cannot be had.
    """
    example = query if isinstance(query, Example) else Example(query)
    check_weights(index, embedder)
    if isinstance(example.of, str):
        raise InvalidQuery("a text has no regions: give a picture or a work to be compared")
    asked, shown = (
        picture_shown(item, database=database, picture_of=picture_of, limits=limits)
        for item in (example, Example(work))
    )
    explanation = explain_pictures(asked, shown, embedder)
    vector = explanation.query_vector
    if isinstance(example.of, UUID) and example.region is None:
        vector = index.vectors(embedder.name, [example.of]).get(example.of, vector)
    found = index.cosines(embedder.name, vector, [work])
    if work not in found:
        raise InvalidQuery(f"the index holds no {embedder.name} embedding of the work {work}")
    background = current_backgrounds(database, index).get(embedder.name)
    [similarity] = calibrated([found[work]], background)
    return replace(explanation, similarity=similarity)


def explain_pictures(query: Image.Image, work: Image.Image, embedder: Embedder) -> Explanation:
    """Share out the cosine of two RGB pictures among their regions.

    Raises:
        FeatureMapNotSupported: the model's embedding is no mean over regions.
        ValueError: the model sees nothing at all in one of them.
    """
    prepared = np.stack([embedder.prepare(picture) for picture in (query, work)])
    maps = embedder.feature_map(prepared).astype(np.float64)
    rows, columns = maps.shape[1:3]
    cells = maps.reshape(2, rows * columns, -1)
    lengths = np.linalg.norm(cells.mean(axis=1), axis=1)
    if not np.all(np.isfinite(lengths) & (lengths > 0)):
        raise ValueError(f"{embedder.name} gave a zero or non-finite output")
    shares = cells / (rows * columns * lengths[:, None, None])
    contributions = shares[0] @ shares[1].T
    return Explanation(
        model=embedder.name,
        cosine=clip_cosine(contributions.sum()),
        contributions=contributions.reshape(rows, columns, rows, columns).astype(np.float32),
        pairs=_pairs(contributions, cells, columns),
        query_vector=shares[0].sum(axis=0).astype(np.float32),
        query_picture=query,
        work_picture=work,
    )


def _pairs(
    contributions: NDArray[np.float64], cells: NDArray[np.float64], columns: int
) -> tuple[RegionPair, ...]:
    """Return the pairs that add most, none of them next to a better one in either picture."""
    chosen: list[RegionPair] = []
    for place in np.argsort(contributions, axis=None)[::-1]:
        query, work = (int(item) for item in divmod(int(place), len(contributions)))
        if len(chosen) == MOST_PAIRS or contributions[query, work] <= 0:
            break
        first, second = divmod(query, columns), divmod(work, columns)
        if any(_touch(first, pair.query) or _touch(second, pair.work) for pair in chosen):
            continue
        one, other = cells[0, query], cells[1, work]
        chosen.append(
            RegionPair(
                query=first,
                work=second,
                contribution=float(contributions[query, work]),
                cosine=float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other))),
            )
        )
    return tuple(chosen)


def _touch(first: Cell, second: Cell) -> bool:
    return max(abs(first[0] - second[0]), abs(first[1] - second[1])) <= 1
