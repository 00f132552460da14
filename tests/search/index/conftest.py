"""Empty indexes of both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from search.index.contract import GenerationalIndex
from search.index.edge import EdgeIndex
from search.index.server import ServerIndex


@pytest.fixture(params=["edge", pytest.param("server", marks=pytest.mark.server)])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GenerationalIndex]:
    """An empty index, embedded and then served."""
    opened: GenerationalIndex
    if request.param == "edge":
        opened = EdgeIndex(tmp_path / "index")
    else:
        opened = ServerIndex(
            request.getfixturevalue("qdrant_url"), alias=request.getfixturevalue("qdrant_alias")
        )
    yield opened
    opened.close()
