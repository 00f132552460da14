"""A real Prometheus for the tests, where one is installed."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import yaml  # type: ignore[import-untyped]

from . import ServerUnavailable
from .process import ServerProcess, free_ports, server_folder


@dataclass(frozen=True)
class PrometheusServer:
    """A Prometheus that answers at an address."""

    url: str

    def ask(self, path: str, **parameters: str) -> Any:
        """Return the data of an answer of its API, such as that of ``query``."""
        answer = httpx.get(f"{self.url}/api/v1/{path}", params=parameters, timeout=10)
        assert answer.is_success, answer.text
        return answer.json()["data"]


def installed(program: str) -> str:
    """Return the path of ``prometheus`` or ``promtool``.

    Raises:
        ServerUnavailable: it is not installed.
    """
    if (found := shutil.which(program)) is None:
        raise ServerUnavailable(f"{program} is not installed")
    return found


@contextmanager
def running_prometheus(
    config: Mapping[str, Any], files: Mapping[str, str]
) -> Iterator[PrometheusServer]:
    """A Prometheus on loopback, with data of its own, until the block ends.

    Args:
        config: its configuration.
        files: name -> text of what lies beside it, such as rules.

    Raises:
        ServerUnavailable: none is installed, or it does not start; the message ends with its log.
    """
    program = installed("prometheus")
    with server_folder("prometheus") as folder:
        for name, text in {"prometheus.yml": yaml.safe_dump(dict(config)), **files}.items():
            file = folder.path / name
            file.write_text(text)
            folder.give(file)
        url = f"http://127.0.0.1:{free_ports(1)[0]}"
        process = ServerProcess(
            [
                program,
                f"--config.file={folder.path / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder.path / 'data'}",
                f"--web.listen-address={url.removeprefix('http://')}",
            ],
            folder=folder,
            answers=lambda: _is_ready(url),
            environment={},
        )
        process.start()
        try:
            yield PrometheusServer(url)
        finally:
            process.stop()


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready", timeout=2).is_success
    except httpx.TransportError:
        return False
