"""The embedded engine: Qdrant Edge."""

from search.edge.index import EdgeIndex

__all__ = ["EdgeIndex"]
