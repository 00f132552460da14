"""Fetching the museum's tables: kept, resumed, and told apart from what is none."""

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ingest.readers.nga import NgaReader
from ingest.readers.nga_tables import fetch_tables
from ingest.readers.reader import UnreadableSource
from tests.ingest.readers.nga_tables import HEADERS, image_of, painting, write_export

A_DAY_AGO = 25 * 3600.0
DEAD = "http://127.0.0.1:9/data"  # nothing listens on the port of "discard"


@dataclass
class Publisher:
    """A server of the tables, and how it behaves."""

    folder: Path
    url: str = ""
    asked: list[tuple[str, str, int]] = field(default_factory=list)  # table, Range, status
    break_after: int | None = None  # bytes, of every answer
    statuses: list[int] = field(default_factory=list)  # of the next answers
    version: str = '"1"'
    body: bytes | None = None  # instead of a table

    def ranges(self, name: str) -> list[tuple[str, int]]:
        return [(wanted, status) for table, wanted, status in self.asked if table == name]


@pytest.fixture
def publisher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    publisher = Publisher(
        write_export(
            tmp_path / "published",
            objects=[painting(number) for number in range(200)],
            published_images=[image_of(number) for number in range(200)],
        )
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = Path(self.path).name
            body = publisher.body
            body = (publisher.folder / name).read_bytes() if body is None else body
            wanted = self.headers.get("Range", "")
            status, start = 200, 0
            if publisher.statuses:
                status, body = publisher.statuses.pop(0), b""
            elif self.headers.get("If-None-Match") == publisher.version:
                status, body = 304, b""
            elif wanted and self.headers.get("If-Range") == publisher.version:
                status, start = 206, int(wanted.removeprefix("bytes=").removesuffix("-"))
            publisher.asked.append((name, wanted, status))
            self.send_response(status)
            self.send_header("ETag", publisher.version)
            self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            self.wfile.write(body[start:][: publisher.break_after])
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    publisher.url = f"http://127.0.0.1:{server.server_address[1]}/data"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield publisher
    server.shutdown()
    server.server_close()
    thread.join()


def _age(folder: Path) -> None:
    past = time.time() - A_DAY_AGO
    for path in folder.glob("*.csv"):
        os.utime(path, (past, past))


def test_without_a_folder_the_tables_are_fetched_and_read(
    publisher: Publisher, tmp_path: Path
) -> None:
    reader = NgaReader(cache=tmp_path / "cache", tables_url=publisher.url)
    heard: list[str] = []
    reader.report_to(heard.append)
    assert len(list(reader.read())) == 200
    assert [line.split(",")[0] for line in heard] == [
        f"fetching {name}.csv" for name in _in_order()
    ]
    for name in HEADERS:
        held = (tmp_path / "cache" / f"{name}.csv").read_bytes()
        assert held == (publisher.folder / f"{name}.csv").read_bytes()


def _in_order() -> list[str]:
    return [
        "objects",
        "published_images",
        "objects_terms",
        "objects_constituents",
        "constituents",
    ]


def test_tables_are_asked_for_once_a_day_and_fetched_when_they_changed(
    publisher: Publisher, tmp_path: Path
) -> None:
    fetch_tables(tmp_path, base_url=publisher.url)
    fetch_tables(tmp_path, base_url=publisher.url)
    assert len(publisher.asked) == 5
    _age(tmp_path)
    fetch_tables(tmp_path, base_url=publisher.url)
    assert [status for _, _, status in publisher.asked[5:]] == [304] * 5
    fetch_tables(tmp_path, base_url=publisher.url)
    assert len(publisher.asked) == 10
    _age(tmp_path)
    publisher.version = '"2"'
    write_export(publisher.folder, objects=[painting(1)])
    fetch_tables(tmp_path, base_url=publisher.url)
    assert (tmp_path / "objects.csv").read_bytes().count(b"\n") == 2


def test_a_transfer_that_breaks_goes_on_where_it_ended(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.break_after = 10_000
    fetch_tables(tmp_path, base_url=publisher.url, backoff=0.001)
    size = (publisher.folder / "objects.csv").stat().st_size
    assert 10_000 < size < 50_000
    assert publisher.ranges("objects.csv") == [
        ("", 200),
        *((f"bytes={start}-", 206) for start in range(10_000, size, 10_000)),
    ]
    held = (tmp_path / "objects.csv").read_bytes()
    assert held == (publisher.folder / "objects.csv").read_bytes()
    assert not list(tmp_path.glob("*.part*"))


def test_a_later_run_goes_on_too_unless_the_table_has_changed(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.break_after = 1_000
    with pytest.raises(UnreadableSource, match="Run it again to continue"):
        fetch_tables(tmp_path, base_url=publisher.url, backoff=0.001)
    assert (tmp_path / "objects.csv.part").stat().st_size == 5_000
    publisher.break_after, publisher.version = None, '"2"'
    publisher.asked.clear()
    fetch_tables(tmp_path, base_url=publisher.url)
    assert publisher.ranges("objects.csv") == [("bytes=5000-", 200)]
    held = (tmp_path / "objects.csv").read_bytes()
    assert held == (publisher.folder / "objects.csv").read_bytes()


def test_a_passing_trouble_is_asked_again_and_a_lasting_one_is_told(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.statuses = [503, 429]
    fetch_tables(tmp_path / "a", base_url=publisher.url, backoff=0.001)
    publisher.statuses = [404]
    with pytest.raises(UnreadableSource, match=r"answered 404.*--data DIR"):
        fetch_tables(tmp_path / "b", base_url=publisher.url, backoff=0.001)


def test_what_is_no_table_is_not_kept(publisher: Publisher, tmp_path: Path) -> None:
    publisher.body = b"<html><title>Log in</title></html>"
    with pytest.raises(UnreadableSource, match=r"is no table.*no column objectid"):
        fetch_tables(tmp_path, base_url=publisher.url)
    assert not list(tmp_path.glob("*.csv*"))


def test_without_a_network_the_way_out_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match=r"cannot be fetched.*--data DIR"):
        fetch_tables(tmp_path, base_url=DEAD, backoff=0.001)
    write_export(tmp_path)
    _age(tmp_path)
    with pytest.raises(UnreadableSource, match=rf"--data {tmp_path} reads what was fetched"):
        fetch_tables(tmp_path, base_url=DEAD, backoff=0.001)
