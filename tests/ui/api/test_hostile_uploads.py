"""What hostile clients send to a server is refused as a problem, in little memory and little time.

The layers below have tests of their own for each kind of file, archive and address.
"""

import io
import json
import select
import socket
import struct
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from deployment import Deployment
from tests.hostile_images import huge_png
from tests.ingest.image_server import running_image_server
from tests.pictures import draw
from tests.ui.api.asking import refused
from tests.ui.served_page import MODELS, fill, make_pictures, page_settings, running_page
from ui.api.keys import Role, make_key

KEY, ENTRY = make_key("curator", Role.CURATOR)
AS_CURATOR = {"Authorization": f"Bearer {KEY}"}
PICTURE_MEGABYTES, UPLOAD_MEGABYTES = 4, 64
MORE_MEMORY = 150 * 2**20
"""What a server may take for all of it together."""

MARGIN = 8 * 2**20
"""What is on its way between two programs when one of them has heard enough."""


@dataclass(frozen=True)
class Served:
    address: str
    process: int

    def peak(self) -> int:
        """Return the most memory, in bytes, that the process has held."""
        status = Path(f"/proc/{self.process}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024

    def is_well(self) -> bool:
        """Tell whether the next good request is answered."""
        picture = io.BytesIO()
        draw(3).save(picture, "JPEG")
        sent = {"picture": ("photo.jpg", picture.getvalue())}
        answer = httpx.post(f"{self.address}/api/similarity", files=sent, timeout=30)
        return answer.status_code == 200


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    place = tmp_path_factory.mktemp("hostile")
    with Deployment(page_settings(place / "home")) as deployment:
        fill(deployment, make_pictures(place / "pictures"))
    more = {
        "VASARI_API_KEYS": str(ENTRY),
        "VASARI_REQUESTS_PER_MINUTE": "0",
        "VASARI_UPLOAD_MEGABYTES": str(PICTURE_MEGABYTES),
        "VASARI_CURATOR_UPLOAD_MEGABYTES": str(UPLOAD_MEGABYTES),
        "VASARI_DOWNLOAD_ATTEMPTS": "1",
    }
    with running_page(place / "home", place / "weights", models=MODELS, more=more) as running:
        yield Served(*running)


@pytest.fixture
def served(serving: Served) -> Iterator[Served]:
    """A server that is well, and is afterwards, and has taken no more memory than it may."""
    assert serving.is_well()
    before = serving.peak()
    yield serving
    assert serving.is_well()
    assert serving.peak() < before + MORE_MEMORY


def archive(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries:
            packed.writestr(name, content)
    return data.getvalue()


def crowded(entries: int) -> bytes:
    """Return an archive of nothing but a directory, which says that it has one entry."""
    entry = b"PK\x01\x02" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"a"
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry) * entries, 0, 0)
    return entry * entries + end


def framed(data: bytes, *, is_chunk: bool) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data) if is_chunk else data


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


@pytest.mark.slow
def test_pictures_that_are_none_or_too_much_are_refused(served: Served) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for name, kind, content in (
        ("a.svg", "image/svg+xml", svg),
        ("a.png", "image/png", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("a.png", "image/png", archive(("bomb", bytes(100 << 20)))),
        ("a.png", "image/png", huge_png(30_000)),
    ):
        for path in ("/api/similarity", "/api/identify"):
            sent = {"picture": (name, content, kind)}
            answer = httpx.post(served.address + path, files=sent, timeout=30)
            assert "script" not in refused(answer, 422, "unreadable-image")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "most", "says_its_length"),
    [
        ("/api/similarity", PICTURE_MEGABYTES, False),
        ("/api/identify", PICTURE_MEGABYTES, False),
        ("/api/uploads", UPLOAD_MEGABYTES, True),
    ],
)
def test_a_body_that_does_not_end_is_refused_early_and_its_connection_closed(
    served: Served, path: str, most: int, says_its_length: bool
) -> None:
    where = urlsplit(served.address)
    length = f"Content-Length: {200 << 20}" if says_its_length else "Transfer-Encoding: chunked"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {where.netloc}\r\n{length}\r\n"
        f"Authorization: Bearer {KEY}\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    opening = b'--x\r\nContent-Disposition: form-data; name="picture"; filename="a.jpg"\r\n\r\n'
    began, sent, piece = time.monotonic(), 0, framed(bytes(1 << 20), is_chunk=not says_its_length)
    with socket.create_connection((where.hostname, where.port)) as connection:
        connection.sendall(head.encode() + framed(opening, is_chunk=not says_its_length))
        while not select.select([connection], [], [], 0)[0]:
            connection.sendall(piece)
            sent += len(piece)
            assert sent < 200 << 20
        answer = connection.recv(65536)
        assert time.monotonic() - began < 5
        assert sent < (0 if says_its_length else (most + 1) << 20) + MARGIN
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"application/problem+json" in answer
        # It does not wait for the rest, whether or not that comes.
        connection.settimeout(10)
        while connection.recv(65536):
            pass


@pytest.mark.slow
def test_archives_that_lead_out_or_hold_too_much_are_refused(served: Served) -> None:
    for said, content in (
        ("no name", archive(("../../out.jpg", b"x"))),
        ("no name", archive(("/etc/out.jpg", b"x"))),
        ("is a link", archive((link("out.jpg"), b"/etc/passwd"))),
        ("far more than it should", archive(("bomb.png", bytes(100 << 20)))),
        ("1,000,000 entries", crowded(10**6)),
    ):
        answer = httpx.post(
            f"{served.address}/api/uploads",
            files={"file": ("works.zip", content)},
            headers=AS_CURATOR,
            timeout=60,
        )
        assert said in refused(answer, 400, "upload-refused")


@pytest.mark.slow
def test_a_job_asks_no_address_inside_and_reads_no_file_outside(served: Served) -> None:
    with (
        running_image_server() as inside,
        httpx.Client(base_url=served.address, headers=AS_CURATOR, timeout=60) as curator,
    ):
        port = inside.server_address[1]
        addresses = (
            f"http://127.0.0.1:{port}/1.jpg",
            f"http://localhost:{port}/2.jpg",
            f"http://2130706433:{port}/3.jpg",
            f"http://[::ffff:127.0.0.1]:{port}/4.jpg",
            "http://10.0.0.1/5.jpg",
            "http://169.254.169.254/latest/meta-data",
        )
        files = ("file:///etc/passwd", "/etc/passwd", "../../../../../../etc/passwd")
        table = "\n".join(["image", *addresses, *files]).encode()
        sent = curator.post("/api/uploads", files={"file": ("works.csv", table)}).json()
        options = {"file": f"{sent['folder']}/works.csv"}
        asked = {"kind": "ingest", "source": "csv", "options": options}
        job = curator.post("/api/jobs", json=asked).json()["job"]
        with curator.stream("GET", f"/api/jobs/{job}/events") as events:
            said = [line.removeprefix("data: ") for line in events.iter_lines() if line]
        found = json.loads(said[-1])
        assert inside.requests.total() == 0
    counts = {group["reason"]: group["count"] for group in found["failures"]}
    assert (found["added"], found["failed"]) == (0, len(addresses) + len(files)), found
    assert counts["refused address"] == len(addresses), counts
