"""The served engine: a Qdrant server."""

from search.server.index import ServerIndex

__all__ = ["ServerIndex"]
