"""Ask a Vasari server from Python.

Needs ``httpx`` and ``typing_extensions``, and nothing of Vasari.

>>> from pathlib import Path
>>> from vasari_client import Client
>>> with Client("http://localhost:8501") as vasari:
...     found = vasari.similarity(Path("photo.jpg"), top=5, style=["Baroque"])
"""

from vasari_client.clients import AsyncClient, Client
from vasari_client.problem import Problem

__all__ = ["AsyncClient", "Client", "Problem"]
