"""Two models without weights: plain measurements of a picture, the same on every machine.

They serve tests and machines where no weights can be had. They are real models with a fingerprint,
and what they measure is meaningful: where which colours are, and which way the edges run.
"""

import numpy as np

from embedders.embedder import Embedder, Pixels, Vectors
from embedders.registry import ModelDescription

_COLOUR_CELLS = 8
_EDGE_CELLS = 4
_ORIENTATIONS = 8
# The mean colour of paintings, measured over 1,344 works and rounded to odd fractions: around it
# cosines spread over both signs, and no cell of 8-bit pixels can average to it exactly, so that
# even a picture of a single colour has a direction.
_MEAN_COLOUR = np.array([0.50341, 0.44977, 0.38331])
# Rec. 601 luma.
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
# The same works' mean histogram: canvases have more upright and level edges than slanted ones.
_MEAN_EDGES = np.array([0.259, 0.185, 0.190, 0.189, 0.257, 0.183, 0.182, 0.183])
_QUIET_EDGE = 0.02


def colour_grid(batch: Pixels) -> Vectors:
    """Mean red, green and blue in 8 x 8 cells, less the mean colour of paintings; [n, 192]."""
    n, height, width, _ = batch.shape
    cells = batch.reshape(
        n, _COLOUR_CELLS, height // _COLOUR_CELLS, _COLOUR_CELLS, width // _COLOUR_CELLS, 3
    )
    means = cells.mean(axis=(2, 4), dtype=np.float64) / 255 - _MEAN_COLOUR
    return np.asarray(means.reshape(n, -1), np.float32)


def edge_grid(batch: Pixels) -> Vectors:
    """Gradient orientations in 4 x 4 cells of 8 directions each; [n, 128].

    Unsigned orientation histograms weighted by the gradient's length, each cell normalised, after
    Dalal and Triggs (Histograms of Oriented Gradients, 2005), without overlapping blocks, less
    the mean histogram of paintings.
    """
    n, height, width, _ = batch.shape
    # Halved first: an edge that shows in pairs of pixels only is mostly canvas or compression.
    halves = batch.reshape(n, height // 2, 2, width // 2, 2, 3).mean(axis=(2, 4), dtype=np.float32)
    luma = halves @ (_LUMA / 255)
    down, right = np.gradient(luma, axis=(1, 2))
    length = np.hypot(down, right)
    turn = np.mod(np.arctan2(down, right) / np.pi, 1.0)
    # Each gradient is shared between the two nearest directions, so that a small turn of the
    # picture changes the histogram little.
    place = turn * _ORIENTATIONS
    lower = np.floor(place).astype(np.intp)
    share = (place - lower).astype(np.float32)
    _, height, width = luma.shape
    rows = np.arange(height) * _EDGE_CELLS // height
    columns = np.arange(width) * _EDGE_CELLS // width
    cell = np.arange(n)[:, None, None] * _EDGE_CELLS**2 + rows[:, None] * _EDGE_CELLS + columns
    bins = n * _EDGE_CELLS**2 * _ORIENTATIONS
    histogram = np.zeros(bins)
    for direction, weight in ((lower, 1 - share), (lower + 1, share)):
        index = cell * _ORIENTATIONS + direction % _ORIENTATIONS
        histogram += np.bincount(index.ravel(), (length * weight).ravel(), minlength=bins)
    mean = histogram.reshape(n, _EDGE_CELLS**2, _ORIENTATIONS) / (height * width / _EDGE_CELLS**2)
    strength = np.sqrt((mean**2).sum(axis=2, keepdims=True) + _QUIET_EDGE**2)
    return np.asarray((mean / strength - _MEAN_EDGES).reshape(n, -1), np.float32)


def cells_apart(features: Vectors, cells: int) -> Vectors:
    """Lay descriptors of cells x cells cells, [n, d], out as the map whose mean they are.

    Returns [n, cells, cells, d]: each cell has its own measurements, in the places where they
    stand in the whole, times the number of cells, and zeros elsewhere.
    """
    count = cells**2
    measured = features.reshape(len(features), count, -1)
    apart = np.zeros((len(features), count, *measured.shape[1:]), np.float32)
    apart[:, np.arange(count), np.arange(count)] = measured * count
    return apart.reshape(len(features), cells, cells, -1)


_DESCRIPTORS = {
    "colour_grid.1": (colour_grid, _COLOUR_CELLS),
    "edge_grid.1": (edge_grid, _EDGE_CELLS),
}


class DescriptorEmbedder(Embedder):
    """A model computed in numpy. Raises KeyError if its network is none of this file."""

    def __init__(self, description: ModelDescription, *, fingerprint: str) -> None:
        super().__init__(description, fingerprint=fingerprint, provider=None)
        self._measure, self._cells = _DESCRIPTORS[description.network]

    def _image_features(self, batch: Pixels) -> Vectors:
        return self._measure(batch)

    def _feature_map(self, batch: Pixels) -> Vectors:
        return cells_apart(self._measure(batch), self._cells)
