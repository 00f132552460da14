"""How both engines build their HNSW graphs, and how far they walk them."""

import math

HNSW_LINKS = 16
HNSW_CONSTRUCTION_EF = 128
INDEXING_THRESHOLD_KB = 1_000
"""A segment with less than this has no graph: a scan of it is faster."""

LARGEST_SEGMENT_KB = 2_000_000
"""Of original vectors of the largest model: some 240,000 works. Segments grow by being written anew
together with smaller ones: without an end to that, a few new works would have the graphs of a
million built again."""

QUANTILE = 0.99
SEARCH_EF = 128
"""Candidates kept while walking the graph; more finds better neighbours more slowly."""

OVERSAMPLING = 2.0
DEEP_OVERSAMPLING = 1.28
"""Candidates rescored for each one wanted, and for each one wanted of many: a hundred of the
nearest then cost no more than ten do, and 99 % of them are right."""


def oversampling(top: int) -> float:
    """Return how many candidates are rescored for each of so many wanted."""
    return OVERSAMPLING if OVERSAMPLING * top <= SEARCH_EF else DEEP_OVERSAMPLING


def walk_width(top: int) -> int:
    """Return how many candidates a walk keeps (``ef``) for so many wanted."""
    return max(SEARCH_EF, math.ceil(oversampling(top) * top))
