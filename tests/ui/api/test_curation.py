"""Curators change the collection through the API; nobody else does, and every change is logged."""

import io
import json
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from deployment import Deployment
from settings import Settings
from tests.pictures import draw, make_folder
from tests.ui.api.asking import described_answers
from ui.api.application import Operations, application
from ui.api.keys import Role, make_key
from ui.curating.access import COOKIE, SESSION_SECONDS, LoginBusy, PasswordLogin, hash_password

PASSWORD = "correct horse battery"
CURATOR, CURATOR_ENTRY = make_key("registrar", Role.CURATOR)
READER, READER_ENTRY = make_key("kiosk", Role.READ)
AS_CURATOR = {"Authorization": f"Bearer {CURATOR}"}


@pytest.fixture(scope="module")
def hashed() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def curated(tiny_settings: Settings, hashed: str, tmp_path: Path) -> Settings:
    """The settings of an embedded collection that has curators."""
    return tiny_settings.model_copy(
        update={
            "curator_password_hash": hashed,
            "api_keys": (str(CURATOR_ENTRY), str(READER_ENTRY)),
            "ingest_folders": (tmp_path / "incoming",),
        }
    )


@pytest.fixture
def api(curated: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[FastAPI]:
    # The jobs are processes, which read the settings for themselves.
    monkeypatch.setenv("VASARI_MODELS", ",".join(curated.models))
    monkeypatch.setenv("VASARI_INGEST_FOLDERS", str(curated.ingest_folders[0]))
    with Deployment(curated, serves=True) as deployment:
        operations = Operations(curated, lambda: deployment)
        with operations.kept_open():
            yield application(operations)


@pytest.fixture
def client(api: FastAPI) -> Iterator[TestClient]:
    with TestClient(api, raise_server_exceptions=False, headers=AS_CURATOR) as asking:
        asking.event_hooks = {"response": [described_answers(api)]}
        yield asking


def ended(client: TestClient, job: str) -> dict[str, Any]:
    """Watch a job until its end, and return its last document."""
    with client.stream("GET", f"/api/jobs/{job}/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        said = [line.removeprefix("data: ") for line in events.iter_lines() if line]
    last: dict[str, Any] = json.loads(said[-1])
    return last


def ingested(client: TestClient, folder: Path) -> dict[str, Any]:
    asked = {"kind": "ingest", "source": "folder", "options": {"folder": folder.name}}
    started = client.post("/api/jobs", json=asked)
    assert started.status_code == 202, started.text
    return ended(client, started.json()["job"])


def actions(client: TestClient) -> list[tuple[str, str]]:
    return [
        (item["curator"], item["action"]) for item in client.get("/api/changes").json()["changes"]
    ]


@pytest.mark.slow
def test_a_curator_s_day(client: TestClient, tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "incoming" / "north", 24)
    picture = folder / "images" / "003.jpg"
    picture.write_bytes(picture.read_bytes()[:1500])
    asked = {"kind": "ingest", "source": "folder", "options": {"folder": "north"}}
    found = client.post("/api/jobs", json=asked | {"dry_run": True})
    assert (found.status_code, found.json()["works"]) == (200, 24), found.text
    assert client.get("/api/artworks").json()["total"] == 0

    job = ingested(client, folder)
    assert (job["state"], job["added"], job["failed"]) == ("done", 23, 1), job
    assert job["failures"][0]["stage"] == "decode"
    assert client.get("/api/jobs").json()["jobs"][0]["job"] == job["job"]

    draw(3).save(picture, quality=95)
    retried = client.post("/api/jobs", json={"kind": "retry", "job": job["job"]}).json()
    assert ended(client, retried["job"])["embedded"] == {"colour_grid": 1, "edge_grid": 1}

    works = client.get("/api/artworks").json()["artworks"]
    first, second = (f"/api/artworks/{works[number]['id']}" for number in (0, 1))
    corrected = client.patch(first, json={"values": {"title": "Right", "year": None}}).json()
    assert (corrected["title"], corrected["year"]) == ("Right", None)
    undone = client.patch(first, json={"undo": ["title", "year"]}).json()
    assert (undone["title"], undone["year"]) == (works[0]["title"], works[0]["year"])

    assert client.delete(second).status_code == 200
    assert client.get(second).status_code == 404
    assert client.post(f"{second}/restore").status_code == 200
    assert ingested(client, folder)["added"] == 1

    looked = client.get("/api/duplicates").json()
    assert (looked["works"], looked["groups"]) == (24, [])
    pair = {"ids": [works[2]["id"], works[3]["id"]]}
    for decision in ("mark", "unmark", "dismiss", "undismiss"):
        assert client.post(f"/api/duplicates/{decision}", json=pair).status_code == 200

    artists = client.get("/api/artists").json()["artists"]
    kept, other = artists[0], artists[1]
    merged = client.post(f"/api/artists/{kept['id']}/merge", json={"others": [other["id"]]})
    assert merged.json()["works"] == kept["works"] + other["works"]
    assert client.post("/api/artists/split", json={"name": other["name"]}).status_code == 200

    assert set(actions(client)) == {
        ("registrar", action)
        for action in (
            *("ingest", "retry", "edit", "delete", "restore"),
            *("mark", "unmark", "dismiss", "undismiss", "merge artists", "split artist"),
        )
    }


@pytest.mark.slow
def test_a_job_is_cancelled_and_continues_where_it_was(client: TestClient, tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "incoming" / "many", 400)
    asked = {"kind": "ingest", "source": "folder", "options": {"folder": "many"}}
    job = client.post("/api/jobs", json=asked).json()["job"]
    while not client.get(f"/api/jobs/{job}").json().get("embedded"):
        pass
    for _ in range(3):  # whoever is impatient breaks nothing off
        assert client.post(f"/api/jobs/{job}/cancel").status_code == 200
    cancelled = ended(client, job)
    assert cancelled["state"] == "interrupted"
    done = cancelled["embedded"]["colour_grid"]
    assert 0 < done < 400
    again = ingested(client, folder)
    assert (again["state"], again["embedded"]["colour_grid"]) == ("done", 400 - done)


QUESTIONS = {"/api/similarity", "/api/identify", "/api/explain", "/api/reconcile"}
"""What everybody may post: nothing is changed by it."""


def curators_routes(api: FastAPI) -> list[tuple[str, str]]:
    """Return every operation that only curators may ask for; all that write are among them."""
    found = []
    for path, operations in api.openapi()["paths"].items():
        for method, operation in operations.items():
            if "curators" in operation.get("tags", ()):
                place = path.replace("{artwork}", "00000000-0000-0000-0000-000000000000")
                found.append((method.upper(), place))
            else:
                assert method == "get" or path in QUESTIONS
    return found


@pytest.mark.slow
def test_nobody_else_reaches_what_curators_do(api: FastAPI) -> None:
    routes = curators_routes(api)
    assert len(routes) >= 17
    assert sum(method != "GET" for method, _ in routes) >= 10
    with TestClient(api) as visitor:
        for method, path in routes:
            assert visitor.request(method, path).status_code == 401, (method, path)
            as_reader = {"Authorization": f"Bearer {READER}"}
            assert visitor.request(method, path, headers=as_reader).status_code == 403
            forged = {COOKIE: PasswordLogin(hash_password("another password")).token("eve")}
            assert visitor.request(method, path, cookies=forged).status_code == 401


def test_a_browser_logs_in_and_out(api: FastAPI) -> None:
    with TestClient(api, base_url="https://museum.example", follow_redirects=False) as browser:
        assert "password" in browser.get("/login").text
        refused = browser.post("/login", data={"password": "a guess that is wrong", "name": "A"})
        assert refused.status_code == 401
        assert "not the password" in refused.text
        assert not browser.cookies
        entered = browser.post("/login", data={"password": PASSWORD, "name": "Ada"})
        assert entered.headers["location"] == "/curate"
        cookie = entered.headers["set-cookie"].lower()
        assert all(word in cookie for word in ("httponly", "samesite=strict", "secure"))
        assert browser.get("/api/changes").status_code == 200
        browser.post("/logout")
        assert browser.get("/api/changes").status_code == 401


def test_guesses_at_the_password_do_not_take_all_threads(
    hashed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.curating.access._WAIT_SECONDS", 0.01)
    login = PasswordLogin(hashed)
    with ThreadPoolExecutor(3) as threads:
        guesses = [threads.submit(login.accepts, "a guess") for _ in range(3)]
        errors = [guess.exception(20) for guess in guesses]
    assert sum(error is None for error in errors) == 1
    assert sum(isinstance(error, LoginBusy) for error in errors) == 2
    assert login.accepts(PASSWORD)


def test_a_session_ends_with_its_time_and_with_the_password(
    hashed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = PasswordLogin(hashed)
    token = login.token("Ada")
    assert login.name(token) == "Ada"
    assert PasswordLogin(hash_password(PASSWORD)).name(token) is None
    for wrong in ("", ".", "a.b", token[:-1], token.replace(token[0], "x", 1), "é" + token):
        assert login.name(wrong) is None
    now = __import__("time").time()
    monkeypatch.setattr("ui.curating.access.time.time", lambda: now + SESSION_SECONDS + 1)
    assert login.name(token) is None


def test_a_proxy_names_the_curator_where_the_settings_trust_it(tiny_settings: Settings) -> None:
    header = {"X-Forwarded-User": "Ada"}
    trusting = tiny_settings.model_copy(update={"curator_header": "X-Forwarded-User"})
    with Deployment(trusting) as deployment:
        with TestClient(application(Operations(trusting, lambda: deployment))) as behind:
            assert behind.get("/api/changes").status_code == 401
            assert behind.get("/api/changes", headers=header).status_code == 200
            assert behind.get("/login").status_code == 404
        alone = trusting.model_copy(
            update={"curator_header": None, "api_keys": (str(CURATOR_ENTRY),)}
        )
        with TestClient(application(Operations(alone, lambda: deployment))) as reached:
            assert reached.get("/api/changes", headers=header).status_code == 401


def test_without_curators_there_is_no_way_in(tiny_settings: Settings) -> None:
    with Deployment(tiny_settings) as deployment:
        api = application(Operations(tiny_settings, lambda: deployment))
        assert curators_routes(api) == []
        with TestClient(api) as visitor:
            assert visitor.get("/login").status_code == 404
            assert visitor.get("/api/jobs").status_code == 404


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"folder": "/etc"}, "none of the folders"),
        ({"folder": "../.."}, "none of the folders"),
        ({"folder": "link"}, "none of the folders"),
        ({"folder": "north", "allow_outside": True}, "has no 'allow_outside'"),
        ({"folder": {"a": 1}}, "not a value"),
        ({}, "needs 'folder'"),
    ],
)
def test_a_job_stays_within_what_the_settings_allow(
    client: TestClient, tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    make_folder(tmp_path / "incoming" / "north", 1)
    (tmp_path / "incoming" / "link").symlink_to(tmp_path)
    asked = {"kind": "ingest", "source": "folder", "options": options}
    refused = client.post("/api/jobs", json=asked)
    assert refused.status_code == 400, refused.text
    assert said in refused.json()["detail"]


def archive(**files: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return data.getvalue()


@pytest.mark.slow
def test_an_archive_that_was_sent_is_taken_in(client: TestClient, tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "mine", 3)
    names = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    packed = archive(**{name: path.read_bytes() for name, path in names.items()})
    sent = client.post("/api/uploads", files={"file": ("works.zip", packed)})
    assert sent.status_code == 200, sent.text
    assert ingested(client, Path(sent.json()["folder"]))["added"] == 3


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.zip", archive(**{"../out.jpg": b"x"}), "no name"),
        ("a.zip", archive(**{"/out.jpg": b"x"}), "no name"),
        ("a.zip", archive(**{"a/\x01.jpg": b"x"}), "no name"),
        ("a.zip", archive(bomb=bytes(50 << 20)), "far more than it should"),
        ("a.zip", archive(**{str(number): b"" for number in range(100_001)}), "100,001 entries"),
        ("a.zip", archive(), "no file"),
    ],
    ids=["out", "absolute", "control", "bomb", "entries", "empty"],
)
def test_hostile_archives_are_refused_and_leave_nothing(
    client: TestClient, curated: Settings, name: str, content: bytes, said: str
) -> None:
    refused = client.post("/api/uploads", files={"file": (name, content)})
    assert refused.status_code == 400, refused.text
    assert said in refused.json()["detail"]
    assert list((curated.home / "uploads").iterdir()) == []


def test_what_nobody_may_send_is_refused_before_it_is_read(api: FastAPI) -> None:
    with TestClient(api, raise_server_exceptions=False) as nobody:
        for path in ("/api/jobs", "/api/artists/split", "/api/uploads"):
            answer = nobody.post(path, content=b"{", headers={"Content-Type": "application/json"})
            assert answer.status_code == 401
            assert answer.json()["type"] == "urn:vasari:problem:login-needed"


def test_names_that_no_database_takes_are_refused(client: TestClient) -> None:
    for path, body in (
        ("/api/artists/split", {"name": "Mon\x00et"}),
        ("/api/artists/Mon%00et/rename", {"name": "Monet"}),
        ("/api/jobs/%00/cancel", {}),
    ):
        assert client.post(path, json=body).status_code == 422
