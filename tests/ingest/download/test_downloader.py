"""One download at a time from a server that misbehaves in every way."""

import asyncio
import hashlib
import logging
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from ingest.download import addresses
from ingest.download.addresses import Address, resolve
from ingest.download.downloader import Downloaded, Downloader
from ingest.download.failures import DownloadFailure, Reason
from ingest.download.rules import DownloadRules, download_rules, user_agent
from settings import Settings
from tests.ingest.image_server import ImageServer, jpeg, running_image_server

RULES = replace(
    download_rules(Settings.model_construct()),
    host_rate=1000,
    attempts=3,
    backoff=0.01,
    longest_pause=2,
    connect_seconds=5,
    read_seconds=2,
    total_seconds=4,
    max_bytes=2**20,
    allow_private_networks=True,
    user_agent=user_agent("curator@museum.example"),
)


@pytest.fixture
def server() -> Iterator[ImageServer]:
    with running_image_server() as running:
        yield running


def _download(
    url: str,
    target: Path,
    *,
    rules: DownloadRules = RULES,
    known_by: Downloaded | None = None,
    resolver: addresses.Resolver = resolve,
) -> Downloaded | None:
    async def run() -> Downloaded | None:
        downloader = Downloader(rules, resolver=resolver)
        try:
            return await downloader.download(url, target, known_by=known_by)
        finally:
            await downloader.close()

    return asyncio.run(run())


def _failure(
    server: ImageServer, trouble: str, target: Path, *, rules: DownloadRules = RULES
) -> tuple[DownloadFailure, int]:
    """Return how a troubled path fails, and how often it was asked for."""
    server.trouble["/1.jpg"] = trouble
    with pytest.raises(DownloadFailure) as failure:
        _download(f"{server.url}/1.jpg", target, rules=rules)
    return failure.value, server.requests["/1.jpg"]


def test_an_image_arrives_whole_with_its_hash_and_validators(
    server: ImageServer, tmp_path: Path
) -> None:
    answer = _download(f"{server.url}/7.jpg", tmp_path / "7")
    assert (tmp_path / "7").read_bytes() == jpeg(7)
    assert answer is not None
    assert answer.sha256 == hashlib.sha256(jpeg(7)).hexdigest()
    assert answer.etag is not None
    agent = server.headers["/7.jpg"]["User-Agent"]
    assert agent.startswith("Vasari")
    assert "(curator@museum.example)" in agent


def test_an_image_that_is_there_is_not_sent_again(server: ImageServer, tmp_path: Path) -> None:
    first = _download(f"{server.url}/7.jpg", tmp_path / "7")
    assert first is not None
    assert _download(f"{server.url}/7.jpg", tmp_path / "8", known_by=first) is None
    assert server.sent["/7.jpg"] == 1


def test_a_validator_that_no_header_may_hold_is_not_sent(
    server: ImageServer, tmp_path: Path
) -> None:
    known_by = Downloaded("", etag='"é"', last_modified="Wed, 21 Oct 2015 07:28:00 GMT")
    assert _download(f"{server.url}/7.jpg", tmp_path / "7", known_by=known_by) is not None
    assert "If-None-Match" not in server.headers["/7.jpg"]
    assert server.headers["/7.jpg"]["If-Modified-Since"].startswith("Wed")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trouble", "reason", "requests"),
    [
        ("not_found", Reason.GONE, 1),
        ("gone", Reason.GONE, 1),
        ("forbidden", Reason.FORBIDDEN, 1),
        ("teapot", Reason.REQUEST_REFUSED, 1),
        ("server_error", Reason.SERVER_ERROR, 3),
        ("not_implemented", Reason.SERVER_ERROR, 1),
        ("too_many", Reason.RATE_LIMITED, 3),
        ("reset", Reason.CONNECTION_LOST, 3),
        ("cut_off", Reason.CONNECTION_LOST, 3),
        ("stalled", Reason.TIMED_OUT, 3),
        ("silent", Reason.TIMED_OUT, 3),
        # Asking once more for what has no end would take as long again.
        ("endless", Reason.TIMED_OUT, 1),
        ("dripping_headers", Reason.TIMED_OUT, 1),
        ("huge", Reason.TOO_LARGE, 1),
        ("huge_unannounced", Reason.TOO_LARGE, 1),
        ("empty", Reason.EMPTY, 1),
    ],
)
def test_a_failure_has_its_reason_and_is_repeated_only_where_that_may_help(
    server: ImageServer, tmp_path: Path, trouble: str, reason: Reason, requests: int
) -> None:
    failure, asked = _failure(server, trouble, tmp_path / "1")
    assert (failure.reason, asked) == (reason, requests)


@pytest.mark.parametrize("trouble", ["too_many_once", "broken_once"])
def test_a_passing_failure_is_overcome(server: ImageServer, tmp_path: Path, trouble: str) -> None:
    server.trouble["/1.jpg"] = trouble
    assert _download(f"{server.url}/1.jpg", tmp_path / "1") is not None
    assert (tmp_path / "1").read_bytes() == jpeg(1)


def test_a_server_is_left_alone_for_as_long_as_it_asks(server: ImageServer, tmp_path: Path) -> None:
    _failure(server, "too_many", tmp_path / "1")
    first, second, third = server.moments["/1.jpg"]
    assert second - first >= 1
    assert third - second >= 1


def test_a_pause_that_a_server_asks_for_has_a_limit(server: ImageServer, tmp_path: Path) -> None:
    server.retry_after = "86400"
    rules = replace(RULES, longest_pause=0.2)
    assert _failure(server, "too_many", tmp_path / "1", rules=rules)[1] == 3


def test_redirects_are_followed_up_to_a_limit(server: ImageServer, tmp_path: Path) -> None:
    for number in range(6):
        server.trouble[f"/hop{number}"] = "redirected"
        server.redirects[f"/hop{number}"] = f"/hop{number + 1}" if number < 5 else "/3.jpg"
    assert _download(f"{server.url}/hop1", tmp_path / "3") is not None
    assert (tmp_path / "3").read_bytes() == jpeg(3)
    with pytest.raises(DownloadFailure) as failure:
        _download(f"{server.url}/hop0", tmp_path / "0")
    assert failure.value.reason == Reason.TOO_MANY_REDIRECTS


def test_a_redirect_into_a_private_network_is_refused_and_nobody_is_asked(
    server: ImageServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No public server can be had here, so 127.0.0.1 plays one.
    real = addresses.is_private
    monkeypatch.setattr(
        addresses, "is_private", lambda item: item != ip_address("127.0.0.1") and real(item)
    )
    public = replace(RULES, allow_private_networks=False)
    with running_image_server("127.0.0.2") as inner:
        server.trouble["/1.jpg"] = "redirected"
        server.redirects["/1.jpg"] = f"{inner.url}/2.jpg"
        with pytest.raises(DownloadFailure, match=r"127\.0\.0\.2") as failure:
            _download(f"{server.url}/1.jpg", tmp_path / "1", rules=public)
        assert failure.value.reason == Reason.REFUSED_ADDRESS
        assert not inner.requests
    assert _download(f"{server.url}/2.jpg", tmp_path / "2", rules=public) is not None


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("file:///etc/passwd", Reason.NOT_A_WEB_ADDRESS),
        ("ftp://127.0.0.1/a.jpg", Reason.NOT_A_WEB_ADDRESS),
        ("http://xn--/", Reason.SERVER_ERROR),
        ("http://[::1", Reason.CONNECTION_LOST),
    ],
)
def test_a_redirect_to_anything_but_the_web_is_refused(
    server: ImageServer, tmp_path: Path, target: str, reason: Reason
) -> None:
    server.trouble["/1.jpg"] = "redirected"
    server.redirects["/1.jpg"] = target
    with pytest.raises(DownloadFailure) as failure:
        _download(f"{server.url}/1.jpg", tmp_path / "1")
    assert failure.value.reason == reason


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a.example/1.jpg", "http://", "http://[::1", "http://a:b:c/",
     "https://exa mple.com/1.jpg", "http://a.example:99999/1.jpg", "http://xn--/", "http://a\x00b/"],
)  # fmt: skip
def test_what_is_no_web_address_is_a_failure_like_any_other(url: str, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailure) as failure:
        _download(url, tmp_path / "1")
    assert failure.value.reason in {Reason.NOT_A_WEB_ADDRESS, Reason.HOST_NOT_FOUND}


def test_nobody_at_the_address_is_no_connection(tmp_path: Path) -> None:
    with running_image_server() as server:
        url = f"{server.url}/1.jpg"
    with pytest.raises(DownloadFailure) as failure:
        _download(url, tmp_path / "1")
    assert failure.value.reason == Reason.NO_CONNECTION


def test_credentials_reach_the_server_and_no_log_or_message(
    server: ImageServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with_secret = server.url.replace("http://", "http://curator:s3cret@")
    assert _download(f"{with_secret}/1.jpg?key=s3cret", tmp_path / "1") is not None
    assert server.headers["/1.jpg"]["Authorization"] == "Basic Y3VyYXRvcjpzM2NyZXQ="
    server.trouble["/2.jpg"] = "forbidden"
    with pytest.raises(DownloadFailure) as failure:
        _download(f"{with_secret}/2.jpg", tmp_path / "2")
    assert "/1.jpg" in caplog.text
    assert "s3cret" not in caplog.text
    assert "s3cret" not in f"{failure.value} {failure.value.detail}"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\xff" * 500,
        b"HTTP/1.1 \xff\xfe\r\n\r\n",
        b"HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 30 + b"\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 200,
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: \xff\xfe\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://a..b/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://\xc3\xa9\xc3/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: //\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 429 Slowly\r\nRetry-After: " + b"9" * 5000 + b"\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 503 No\r\nRetry-After: Mon, 01 Jan 0001 00:00:00 GMT\r\n\r\n",
        b"HTTP/1.1 404 No\r\nSet-Cookie: \xff=\xfe; expires=never\r\nContent-Length: 0\r\n\r\n",
    ],
)  # fmt: skip
def test_no_answer_however_strange_is_anything_but_a_failure(
    server: ImageServer, tmp_path: Path, answer: bytes
) -> None:
    server.raw = answer
    server.trouble["/1.jpg"] = "as_told"
    rules = replace(RULES, attempts=2, longest_pause=0.01)
    with pytest.raises(DownloadFailure):
        _download(f"{server.url}/1.jpg", tmp_path / "1", rules=rules)


async def _this_machine(host: str, port: int) -> list[Address]:
    return [ip_address("127.0.0.1")]


def test_the_server_hears_its_own_name_though_it_is_asked_by_address(
    server: ImageServer, tmp_path: Path
) -> None:
    port = server.server_address[1]
    url = f"http://museum.example:{port}/1.jpg"
    assert _download(url, tmp_path / "1", resolver=_this_machine) is not None
    assert server.headers["/1.jpg"]["Host"] == f"museum.example:{port}"


def test_a_certificate_is_checked_against_the_name_and_not_the_address(
    server: ImageServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = _certificate_for("museum.example", tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    names: list[str | None] = []
    context.sni_callback = lambda _, name, __: names.append(name)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    port = server.server_address[1]

    def download(host: str) -> Downloaded | None:
        url = f"https://{host}:{port}/1.jpg"
        return _download(url, tmp_path / "1", resolver=_this_machine)

    with pytest.raises(DownloadFailure) as failure:
        download("museum.example")
    assert failure.value.reason == Reason.NOT_TRUSTED
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert download("museum.example") is not None
    assert set(names) == {"museum.example"}
    with pytest.raises(DownloadFailure) as failure:
        download("elsewhere.example")
    assert failure.value.reason == Reason.NOT_TRUSTED


def _certificate_for(name: str, folder: Path) -> tuple[Path, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key
