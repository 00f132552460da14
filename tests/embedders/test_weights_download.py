"""torchvision's download, against a server on this machine."""

import hashlib
import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch

from embedders.weights.obtain import WeightsUnavailable, find_weights, obtain_weights
from embedders.weights.provider import ProviderFailed
from embedders.weights.torchvision_download import TorchvisionDownload


@dataclass
class Server:
    """Serves one file; ``faults`` says what goes wrong with the first requests."""

    url: str
    content: bytes
    faults: list[str] = field(default_factory=list)
    requests: int = 0


@pytest.fixture
def server() -> Iterator[Server]:
    buffer = io.BytesIO()
    torch.save({"conv.weight": torch.arange(300_000.0)}, buffer)
    state = Server("", buffer.getvalue())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.requests += 1
            fault = state.faults.pop(0) if state.faults else ""
            if fault.isdigit():
                self.send_error(int(fault))
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(state.content)))
            self.end_headers()
            body = state.content
            if fault == "cut off":
                body = body[: len(body) // 2]
            if fault == "corrupt":
                body = body[:100] + b"\x00\x01" + body[102:]
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    digest = hashlib.sha256(state.content).hexdigest()
    state.url = f"http://127.0.0.1:{listening.server_port}/models/resnet50-{digest[:8]}.pth"
    yield state
    listening.shutdown()
    listening.server_close()


def provider(server: Server) -> TorchvisionDownload:
    return TorchvisionDownload(
        "resnet50", "torchvision.resnet50", "ResNet50_Weights", url=server.url
    )


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and "hashes" not in str(path)]


def test_a_download_is_checked_stored_and_not_repeated(server: Server, tmp_path: Path) -> None:
    said: list[str] = []
    download = provider(server)
    assert download.find(tmp_path) is None
    fetched = download.fetch(tmp_path, said.append)
    assert fetched.sha256 == hashlib.sha256(server.content).hexdigest()
    assert "MB" in said[0]
    again = obtain_weights("resnet50", [download], tmp_path, report=pytest.fail)
    assert (again, server.requests) == (fetched, 1)


def test_a_corrupted_download_is_refused_and_cleaned_up(server: Server, tmp_path: Path) -> None:
    server.faults = ["corrupt"]
    with pytest.raises(ProviderFailed, match="SHA-256"):
        provider(server).fetch(tmp_path, print)
    assert (files(tmp_path), server.requests) == ([], 1)


def test_an_interrupted_transfer_and_a_server_error_are_tried_again(
    server: Server, tmp_path: Path
) -> None:
    server.faults = ["cut off", "503"]
    provider(server).fetch(tmp_path, print)
    assert server.requests == 3
    assert len(files(tmp_path)) == 1


def test_a_missing_file_is_not_asked_for_twice(server: Server, tmp_path: Path) -> None:
    server.faults = ["404"] * 5
    with pytest.raises(ProviderFailed, match="404"):
        provider(server).fetch(tmp_path, print)
    assert (files(tmp_path), server.requests) == ([], 1)


def test_a_file_damaged_on_disk_is_noticed_and_fetched_again(
    server: Server, tmp_path: Path
) -> None:
    download = provider(server)
    stored = download.fetch(tmp_path, print)
    stored.path.write_bytes(b"damaged")
    found, attempts = find_weights([download], tmp_path)
    assert found is None
    assert "damaged" in attempts[0][1]
    assert obtain_weights("resnet50", [download], tmp_path, report=print) == stored


def test_threads_that_want_one_model_fetch_it_once(server: Server, tmp_path: Path) -> None:
    download = provider(server)
    threads = [
        threading.Thread(
            target=obtain_weights,
            args=("resnet50", [download], tmp_path),
            kwargs={"report": print},
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.requests == 1


def test_no_server_is_given_up_at_once(tmp_path: Path) -> None:
    nowhere = TorchvisionDownload(
        "resnet50", "n", "ResNet50_Weights", url="http://127.0.0.1:1/resnet50-0676ba61.pth"
    )
    with pytest.raises(ProviderFailed, match="download failed"):
        nowhere.fetch(tmp_path, print)


def test_the_published_addresses_carry_the_hash_they_are_checked_against() -> None:
    from embedders import BUILT_IN
    from embedders.weights.file_hash import hash_prefix_in

    published = [
        provider._published_url()
        for model in BUILT_IN.embedding_models()
        for provider in model.providers
        if isinstance(provider, TorchvisionDownload)
    ]
    assert len(published) == 2
    assert all(hash_prefix_in(url) for url in published)


def test_a_folder_that_cannot_be_written_is_named(server: Server, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(WeightsUnavailable, match="cannot be written"):
        obtain_weights("resnet50", [provider(server)], blocked, report=print)
