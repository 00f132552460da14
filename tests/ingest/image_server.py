"""A web server of images on this machine that misbehaves wherever it is told to."""

import socket
import struct
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from tests.pictures import draw

TWO_GIGABYTES = 2 * 2**30


@cache
def jpeg(number: int) -> bytes:
    """Return the image that belongs to a number: equal to no other's."""
    file = BytesIO()
    draw(number).save(file, "JPEG", quality=90)
    return file.getvalue()


class ImageServer(ThreadingHTTPServer):
    """Serves ``/NUMBER.jpg``, and for some paths something worse.

    Attributes:
        trouble: path -> name of a method of the handler that answers it.
        requests: path -> how often it was asked for.
        moments: path -> when, in seconds of the monotonic clock.
        headers: path -> the headers of the last request.
        sent: path -> how often a whole image was sent.
        most_at_once: the most requests that were being answered at one moment.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: str = "127.0.0.1") -> None:
        super().__init__((address, 0), _Handler)
        self.trouble: dict[str, str] = {}
        self.redirects: dict[str, str] = {}
        self.requests: Counter[str] = Counter()
        self.moments: dict[str, list[float]] = defaultdict(list)
        self.headers: dict[str, dict[str, str]] = {}
        self.sent: Counter[str] = Counter()
        self.etags = True
        self.retry_after = "1"
        self.raw = b""
        self.seconds_an_answer = 0.0
        self.most_at_once = 0
        self.at_once = 0
        self.lock = threading.Lock()
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up: the tests are about those."""


@contextmanager
def running_image_server(address: str = "127.0.0.1") -> Iterator[ImageServer]:
    """Run a server while the block lasts."""
    with ImageServer(address) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: ImageServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        with self.server.lock:
            self.server.requests[path] += 1
            self.server.moments[path].append(time.monotonic())
            self.server.headers[path] = dict(self.headers)
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
        try:
            self.server.closing.wait(self.server.seconds_an_answer)
            answer: Callable[[], None] = getattr(self, self.server.trouble.get(path, "image"))
            answer()
        except OSError:  # the client has hung up
            self.close_connection = True
        finally:
            with self.server.lock:
                self.server.at_once -= 1

    def log_message(self, format: str, *args: Any) -> None:
        pass

    @property
    def _path(self) -> str:
        return urlsplit(self.path).path

    @property
    def _jpeg(self) -> bytes:
        return jpeg(int(self._path.strip("/").partition(".")[0]))

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def image(self) -> None:
        body = self._jpeg
        etag = f'"{self._path}-{len(body)}"'
        if self.server.etags and self.headers.get("If-None-Match") == etag:
            self.send_response(304)
            self.end_headers()
            return
        headers = {"ETag": etag} if self.server.etags else {}
        self._send(200, body, Content_Type="image/jpeg", **headers)
        with self.server.lock:
            self.server.sent[self._path] += 1

    def other_image(self) -> None:
        self._send(200, jpeg(1_000_000), ETag='"another"')

    def not_found(self) -> None:
        self._send(404, b"no such image")

    def gone(self) -> None:
        self._send(410, b"")

    def forbidden(self) -> None:
        self._send(403, b"no")

    def teapot(self) -> None:
        self._send(418, b"")

    def too_many(self) -> None:
        self._send(429, b"slowly", Retry_After=self.server.retry_after)

    def too_many_once(self) -> None:
        with self.server.lock:
            first = self.server.requests[self._path] == 1
        self.too_many() if first else self.image()

    def broken_once(self) -> None:
        with self.server.lock:
            first = self.server.requests[self._path] == 1
        self.reset() if first else self.image()

    def server_error(self) -> None:
        self._send(500, b"sorry")

    def not_implemented(self) -> None:
        self._send(501, b"never")

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        # Without this, a copy of the socket in the server keeps the connection open.
        with suppress(OSError):
            self.rfile.close()
            self.wfile.close()
        self.connection.close()

    def cut_off(self) -> None:
        """Announce the whole image, send half, and hang up."""
        body = self._jpeg
        self._send(200, body[: len(body) // 2], Content_Length=str(len(body)))
        self.close_connection = True

    def truncated(self) -> None:
        """Send half an image as if it were whole."""
        body = self._jpeg
        self._send(200, body[: len(body) // 2])

    def stalled(self) -> None:
        """Begin, and then say no more."""
        body = self._jpeg
        self._send(200, body[:100], Content_Length=str(len(body)))
        self.server.closing.wait()

    def silent(self) -> None:
        """Take the request and never answer."""
        self.server.closing.wait()

    def endless(self) -> None:
        """Send a byte now and then, for ever, of a body whose length nobody knows."""
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        while not self.server.closing.wait(0.05):
            self.wfile.write(b"\xff")

    def dripping_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.server.closing.wait(0.05):
            self.wfile.write(b"X-More: and more\r\n")

    def huge(self) -> None:
        """Announce and send two gigabytes."""
        self.send_response(200)
        self.send_header("Content-Length", str(TWO_GIGABYTES))
        self.end_headers()
        self._pour()

    def huge_unannounced(self) -> None:
        """Send two gigabytes without saying so first."""
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self._pour()

    def _pour(self) -> None:
        piece = bytes(2**20)
        for _ in range(TWO_GIGABYTES // len(piece)):
            if self.server.closing.is_set():
                return
            self.wfile.write(piece)

    def html(self) -> None:
        self._send(200, b"<!DOCTYPE html><title>Welcome</title>", Content_Type="text/html")

    def empty(self) -> None:
        self._send(200, b"")

    def as_told(self) -> None:
        """Send what the test has written down, and hang up."""
        self.wfile.write(self.server.raw)
        self.close_connection = True

    def redirected(self) -> None:
        self._send(302, b"", Location=self.server.redirects[self._path])
