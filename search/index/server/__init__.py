"""The served engine: a Qdrant server."""

from search.index.server.index import ServerIndex

__all__ = ["ServerIndex"]
