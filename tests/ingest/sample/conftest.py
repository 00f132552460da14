"""A small image server on the loopback that behaves, or misbehaves, as a test tells it."""

import io
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image


def jpeg(side: int = 48, seed: int = 0) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (side, side, 3), np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG")
    return stream.getvalue()


@dataclass
class Answer:
    """One answer of the server; ``reset`` hangs up in the middle of the body."""

    status: int = 200
    body: bytes = field(default_factory=jpeg)
    headers: dict[str, str] = field(default_factory=dict)
    reset: bool = False


@dataclass
class Museum:
    """The server: what it answers for an image, in turn (the last again and again)."""

    base_url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    otherwise: Answer = field(default_factory=Answer)
    asked: Counter[str] = field(default_factory=Counter)
    paths: list[str] = field(default_factory=list)
    most_at_once: int = 0
    running: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_answer(self, uuid: str) -> Answer:
        turns = self.answers.get(uuid, [self.otherwise])
        return turns[min(self.asked[uuid], len(turns)) - 1]


@pytest.fixture
def museum(monkeypatch: pytest.MonkeyPatch) -> Iterator[Museum]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    museum = Museum()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith("info.json"):
                self._send(Answer(body=b"{}", headers={"Content-Type": "application/json"}))
                return
            uuid = self.path.split("/")[2]
            with museum.lock:
                museum.asked[uuid] += 1
                museum.paths.append(self.path)
                museum.running += 1
                museum.most_at_once = max(museum.most_at_once, museum.running)
                answer = museum.next_answer(uuid)
            try:
                self._send(answer)
            finally:
                with museum.lock:
                    museum.running -= 1

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            try:
                if answer.reset:
                    self.wfile.write(answer.body[: len(answer.body) // 2])
                    hang_up_hard = struct.pack("ii", 1, 0)
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, hang_up_hard)
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                else:
                    self.wfile.write(answer.body)
            except OSError:  # the other side has heard enough
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    museum.base_url = f"http://127.0.0.1:{server.server_address[1]}/iiif"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield museum
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def answer() -> type[Answer]:
    return Answer


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a server that is not there."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return f"http://127.0.0.1:{port}/iiif"
