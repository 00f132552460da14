"""The embedded engine: Qdrant Edge."""

from search.index.edge.index import EdgeIndex

__all__ = ["EdgeIndex"]
