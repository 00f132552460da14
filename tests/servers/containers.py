"""Servers in containers, where a Docker daemon answers."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from docker.errors import DockerException  # type: ignore[import-untyped]
from testcontainers.core.container import DockerContainer

from . import ServerUnavailable
from .process import START_SECONDS, free_ports, wait_until


class ContainerLifecycle:
    """Stops and starts one container; its ports and its data stay."""

    def __init__(self, container: DockerContainer, answers: Callable[[], bool]) -> None:
        self._container = container
        self._answers = answers

    def start(self) -> None:
        """Start the container and wait until its server answers; nothing, if it runs already."""
        self.thaw()
        self._container.get_wrapped_container().start()
        wait_until(
            self._answers, what=f"{self._container.image} did not answer", seconds=START_SECONDS
        )

    def stop(self) -> None:
        """Ask the container's server to shut down, and wait until it has."""
        self._container.get_wrapped_container().stop()

    def kill(self) -> None:
        """End the container's server at once."""
        self._container.get_wrapped_container().kill()

    def freeze(self) -> None:
        """Stop the container where it is."""
        self._container.get_wrapped_container().pause()

    def thaw(self) -> None:
        """Let a frozen container go on; nothing, if it was not."""
        with suppress(DockerException):
            self._container.get_wrapped_container().unpause()


@contextmanager
def running_container(
    image: str, *, ports: tuple[int, ...], environment: Mapping[str, str]
) -> Iterator[tuple[DockerContainer, str, tuple[int, ...]]]:
    """Run an image until the block ends: its container, host, and ports as seen from here.

    Raises:
        ServerUnavailable: no Docker answers, or the image can neither be found nor pulled.
    """
    try:
        container = DockerContainer(image)
    except DockerException as error:
        raise ServerUnavailable("Docker does not answer") from error
    for inner, outer in zip(ports, free_ports(len(ports)), strict=True):
        container.with_bind_ports(inner, outer)  # fixed, so that a restart keeps the address
    for name, value in environment.items():
        container.with_env(name, value)
    try:
        container.start()
    except (DockerException, RuntimeError, TimeoutError) as error:
        container.stop()
        raise ServerUnavailable(f"Docker cannot run {image}: {error}") from error
    try:
        seen = tuple(container.get_exposed_port(port) for port in ports)
        yield container, container.get_container_host_ip(), seen
    finally:
        container.stop()
