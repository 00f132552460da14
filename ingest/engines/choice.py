"""Which engine runs a job, by name."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

from ingest.engines.engine import Engine, EngineFault
from ingest.engines.plain import PlainEngine


class EngineName(StrEnum):
    """The engines there are."""

    PLAIN = "plain"
    RAY = "ray"


@contextmanager
def open_engine(name: EngineName, *, address: str | None, weights: Path) -> Iterator[Engine]:
    """Open an engine for as long as the block lasts.

    Args:
        address: of a Ray cluster; without one, Ray runs on this machine.
        weights: the folder in which each machine keeps the models' weights.

    Raises:
        EngineFault: it is not installed, or cannot start.
    """
    if name == EngineName.PLAIN:
        yield PlainEngine()
        return
    if find_spec("ray") is None:
        raise EngineFault(
            "Ray is not installed: it comes with the optional group `ray`. Install it with "
            "`pip install 'vasari[ray]'` (in a checkout, `pip install -e '.[ray]'`), or leave out "
            "--engine ray"
        )
    from ingest.engines.ray_data import ray_engine

    with ray_engine(address, weights) as engine:
        yield engine
