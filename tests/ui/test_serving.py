"""What stands between the page and those who ask: its names, other pages, headers, quotas."""

import base64
import re
import socket
import time
from collections.abc import Iterator
from hashlib import sha256
from urllib.parse import urlsplit
from weakref import WeakSet

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient, WebSocketDenialResponse, WebSocketTestSession
from streamlit import config, net_util
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLsRequest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from catalog.artworks import ArtworkFacts
from settings import Settings
from ui.serving import quota
from ui.serving.headers import HEADERS, SecurityHeaders
from ui.serving.open_paths import FRAMED, OpenPaths
from ui.serving.origin_check import guarded
from ui.serving.server import listening
from ui.serving.site import site
from ui.web import visit

OWN = "http://localhost:8501"
STREAM = "/_stcore/stream"
AT_HOME = {"Host": "localhost:8501"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The page, asked without a server between; its quotas are small."""
    settings = Settings(
        home=tmp_path_factory.mktemp("home"),
        qdrant_url=None,
        database_url=None,
        allowed_hosts=("museum.example", "*.trust.example"),
        upload_megabytes=1,
        upload_visit_megabytes=2,
        upload_total_megabytes=3,
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(quota, "SWEEP_SECONDS", 0.1)
        patched.setattr(quota, "GONE_SECONDS", 0.5)
        # One of a process that is over is still there.
        patched.setattr(Runtime, "_instance", None)
        with TestClient(site(settings), base_url=OWN) as state:
            yield state


def _upload_address(socket: WebSocketTestSession) -> str:
    """Return where a visit may upload one file to, as Streamlit tells it to browsers."""
    request = FileURLsRequest(request_id="1", file_names=["mine.jpg"])
    socket.send_bytes(BackMsg(file_urls_request=request).SerializeToString())
    answer = ForwardMsg.FromString(socket.receive_bytes())
    return str(answer.file_urls_response.file_urls[0].upload_url)


def _upload(client: TestClient, address: str, size: int) -> tuple[int, str]:
    client.get("/_stcore/health")
    token = client.cookies["_streamlit_xsrf"]
    file = {"file": ("mine.jpg", bytes(size), "image/jpeg")}
    answer = client.put(address, files=file, headers={"X-Xsrftoken": token})
    return answer.status_code, answer.text


def _held() -> int:
    return quota.bytes_waiting().total()


def _connect(client: TestClient, **headers: str) -> None:
    with client.websocket_connect(STREAM, headers=AT_HOME | headers):
        pass


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:8501", "[::1]:8501", "museum.example", "a.trust.example:443"]
)
def test_the_page_answers_to_its_own_names(client: TestClient, host: str) -> None:
    assert client.get("/_stcore/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "trust.example", "0.0.0.0:8501", "", "a b"]
)
def test_the_page_does_not_answer_to_other_names(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 400
    with pytest.raises(WebSocketDenialResponse) as refused:
        _connect(client, Host=host)
    assert refused.value.status_code == 400


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8501", OWN),
        ("museum.example", "https://museum.example"),
        # A proxy may ask under another name than visitors do.
        ("localhost:8501", "https://museum.example"),
    ],
)
def test_the_page_s_own_pages_are_let_in(client: TestClient, host: str, origin: str) -> None:
    _connect(client, Host=host, Origin=origin)


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:3000",
        "http://127.0.0.1:8501",
        "https://museum.example.evil.example",
        "file://localhost:8501",
        "http://[::1",
        "null",
    ],
)
def test_other_pages_are_refused(client: TestClient, origin: str) -> None:
    with pytest.raises(WebSocketDenialResponse) as refused:
        _connect(client, Origin=origin)
    assert refused.value.status_code == 403
    assert client.get("/_stcore/health", headers={"Origin": origin}).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/api/reconcile",
        "/api/reconcile/suggest/property?prefix=b",
        "/api/reconcile/nothing",
        "/iiif/nothing/at/all",
        "/images/nothing",
    ],
)
def test_open_protocols_are_for_pages_of_every_origin(client: TestClient, path: str) -> None:
    for headers in ({"Origin": "http://127.0.0.1:3333"}, {"Origin": "null"}, {}):
        answer = client.get(path, headers=headers)
        assert answer.status_code == (404 if "nothing" in path else 200)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert "access-control-allow-credentials" not in answer.headers
        assert answer.headers["x-frame-options"] == "DENY"
    asked_first = {"Origin": "https://viewer.example", "Access-Control-Request-Method": "GET"}
    answer = client.options(path, headers=asked_first)
    assert (answer.status_code, answer.headers["access-control-allow-headers"]) == (204, "*")
    assert client.get(path, headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_but_reading_is_open(client: TestClient, method: str) -> None:
    other = {"Origin": "http://evil.example", "Access-Control-Request-Method": "DELETE"}
    assert client.request(method, "/api/reconcile", headers=other).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["/", "/api/artworks", "/api/reconciled", "/iiif", "/metrics", "/api/../iiif", "//iiif/"],
)
def test_all_else_stays_closed_to_other_pages(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_the_preview_alone_may_be_framed(client: TestClient) -> None:
    headers = client.get(FRAMED).headers
    assert "x-frame-options" not in headers
    assert "frame-ancestors *" in headers["content-security-policy"]
    assert "script-src 'self'" in headers["content-security-policy"]
    beside = client.get(f"{FRAMED}/", follow_redirects=False)
    assert beside.headers["x-frame-options"] == "DENY"


def test_where_reading_needs_a_key_nothing_is_open() -> None:
    settings = Settings(read_needs_key=True)
    closed = OpenPaths(settings)
    app = SecurityHeaders(guarded(PlainTextResponse("here"), settings, closed), closed)
    asking = TestClient(app, base_url=OWN)
    for path in ("/api/reconcile", "/iiif/x", FRAMED):
        assert asking.get(path, headers={"Origin": "http://evil.example"}).status_code == 403
        assert asking.get(path).headers["x-frame-options"] == "DENY"
        assert "access-control-allow-origin" not in asking.get(path).headers


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/_stcore/health", 200), ("/_stcore/metrics", 404), ("/%00", 404)],
)
def test_every_answer_says_what_a_browser_may_do(
    client: TestClient, path: str, status: int
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert (
        HEADERS.items() <= {name.title(): value for name, value in answer.headers.items()}.items()
    )


def test_a_refusal_has_the_headers_too(client: TestClient) -> None:
    answer = client.get("/", headers={"Host": "evil.example"})
    assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["metrics", "agent/interact", "agent/openapi.json"])
def test_what_streamlit_tells_of_itself_is_not_public(client: TestClient, path: str) -> None:
    assert client.get(f"/_stcore/{path}").status_code == 404


@pytest.mark.parametrize("path", ["/auth/login", "/auth/logout", "/oauth2callback"])
def test_a_login_that_the_settings_do_not_have_is_not_there(client: TestClient, path: str) -> None:
    assert client.get(path, follow_redirects=False).status_code == 404
    assert config.get_option("secrets.files") == []


def test_the_scripts_of_the_first_document_are_allowed_by_their_hashes(client: TestClient) -> None:
    """Streamlit may change them: the page would then do without."""
    (script,) = re.findall(r"<script>(.*?)</script>", client.get("/").text, re.DOTALL)
    digest = base64.b64encode(sha256(script.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in HEADERS["Content-Security-Policy"]


def test_nobody_is_asked_for_this_machine_s_address(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask() -> str:
        raise AssertionError("the internet was asked")

    monkeypatch.setattr(net_util, "get_external_ip", ask)
    monkeypatch.setattr(net_util, "_make_blocking_http_get", lambda *_, **__: ask())
    origin = "https://museum.example"
    _connect(client, Host="museum.example", Origin=origin)
    assert client.get("/_stcore/health", headers={"Origin": origin}).status_code == 200


def test_what_one_visit_has_waiting_has_a_limit_and_goes_when_it_is_over(
    client: TestClient,
) -> None:
    with client.websocket_connect(STREAM, headers=AT_HOME) as socket:
        assert _upload(client, _upload_address(socket), 900_000)[0] == 204
        assert _upload(client, _upload_address(socket), 900_000)[0] == 204
        status, said = _upload(client, _upload_address(socket), 900_000)
        assert status == 413
        assert said.startswith("Your pictures are too large together")
        assert _held() == 1_800_000
    deadline = time.monotonic() + 20
    while _held() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _held()


def test_what_all_visits_hold_together_has_a_limit(client: TestClient) -> None:
    kept = visit.Upload("mine.jpg", bytes(1_500_000), "0" * 64)
    with (
        client.websocket_connect(STREAM, headers=AT_HOME) as first,
        client.websocket_connect(STREAM, headers=AT_HOME) as second,
    ):
        assert _upload(client, _upload_address(first), 900_000)[0] == 204
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(visit, "_live", WeakSet([kept]))
            status, said = _upload(client, _upload_address(second), 900_000)
        assert status == 413
        assert "try again in a minute" in said
        assert _upload(client, _upload_address(second), 900_000)[0] == 204


def test_an_upload_that_does_not_say_how_long_it_is_is_refused(client: TestClient) -> None:
    with client.websocket_connect(STREAM, headers=AT_HOME) as socket:
        answer = client.put(_upload_address(socket), content=iter([b"0" * 1000]))
        assert answer.status_code == 411


@pytest.mark.slow
def test_the_server_refuses_other_names_and_pages_as_the_application_does(address: str) -> None:
    """Over real connections, since a server may answer before it asks the application."""
    stream = f"ws://{urlsplit(address).netloc}{STREAM}"
    assert httpx.get(address, headers={"Host": "evil.example"}).status_code == 400
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(stream, origin=Origin("http://evil.example")),
    ):
        pass
    assert refused.value.response.status_code == 403
    evil = {"Host": "evil.example"}
    with pytest.raises(InvalidStatus) as refused, connect(stream, additional_headers=evil):
        pass
    assert refused.value.response.status_code == 400
    with connect(stream, origin=Origin(address)) as visit_:
        visit_.ping().wait(10)


@pytest.mark.slow
def test_programs_ask_the_process_that_serves_the_page(
    address: str, works: dict[str, ArtworkFacts]
) -> None:
    deadline = time.monotonic() + 60
    while (ready := httpx.get(f"{address}/readyz")).status_code != 200:
        assert time.monotonic() < deadline, ready.text
        time.sleep(0.1)
    work = next(iter(works.values()))
    answer = httpx.post(f"{address}/api/similarity", json={"picture": str(work.id), "top": 3})
    assert answer.status_code == 200, answer.text
    for found in answer.json()["models"].values():
        assert len(found["hits"]) == 3
    assert "Content-Security-Policy" in answer.headers
    assert 'route="/api/similarity"' in httpx.get(f"{address}/metrics").text


@pytest.mark.slow
def test_a_viewer_on_another_site_opens_a_work(
    address: str, works: dict[str, ArtworkFacts]
) -> None:
    viewer = {"Origin": "https://viewer.example"}
    work = next(iter(works.values()))
    manifest = httpx.get(f"{address}/iiif/{work.id}/manifest", headers=viewer).json()
    assert manifest["id"] == f"{address}/iiif/{work.id}/manifest"
    body = manifest["items"][0]["items"][0]["items"][0]["body"]
    for picture in (body, *manifest["thumbnail"]):
        answer = httpx.get(picture["id"], headers=viewer)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
        assert answer.headers["access-control-allow-origin"] == "*"
    batch = {"queries": '{"q0": {"query": "nobody"}}'}
    answer = httpx.post(f"{address}/api/reconcile", data=batch, headers=viewer)
    assert answer.json() == {"q0": {"result": []}}


def test_programs_are_let_in_by_the_page_s_own_names_alone(address: str) -> None:
    for path in ("/api/artworks", "/metrics"):
        assert httpx.get(f"{address}{path}", headers={"Host": "evil.example"}).status_code == 400
        other = {"Origin": "https://evil.example"}
        assert httpx.get(f"{address}{path}", headers=other).status_code == 403


def test_no_part_of_an_answer_waits_for_the_acknowledgement_of_another() -> None:
    with (
        listening("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as connection,
    ):
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
