"""Empty indexes of both engines, and one that another process is asked for."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from search.index.contract import GenerationalIndex
from search.index.edge import EdgeIndex
from search.index.server import ServerIndex
from search.index.shared import connect, share


@pytest.fixture(params=["edge", "shared", pytest.param("server", marks=pytest.mark.server)])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GenerationalIndex]:
    """An empty index: embedded, embedded and shared, and served."""
    if request.param == "server":
        opened: GenerationalIndex = ServerIndex(
            request.getfixturevalue("qdrant_url"), alias=request.getfixturevalue("qdrant_alias")
        )
    else:
        opened = EdgeIndex(tmp_path / "index")
    with ExitStack() as opening:
        opening.callback(opened.close)
        if request.param == "shared":
            opening.enter_context(share(opened, tmp_path / "index"))
            asked = connect(tmp_path / "index")
            assert asked is not None
            opening.callback(asked.close)
            opened = asked
        yield opened
