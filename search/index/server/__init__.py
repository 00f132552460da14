"""The served engine: a Qdrant server."""

from search.index.server.generations import Layout
from search.index.server.index import ServerIndex

__all__ = ["Layout", "ServerIndex"]
