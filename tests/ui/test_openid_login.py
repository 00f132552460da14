"""Which cookies and settings make a curator of somebody who has logged in at a provider."""

import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.testclient import TestClient
from starlette.types import ASGIApp
from streamlit.auth_util import set_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from deployment import Deployment
from settings import Settings
from ui.api.application import Operations, application
from ui.curating.access import SESSION_SECONDS, account_of, curator_of
from ui.curating.openid_login import OpenIdLogin, openid_login
from ui.fault_log import without_secrets
from ui.serving.login_paths import LOGIN_PATHS, LoginPaths
from ui.serving.open_paths import OpenPaths
from ui.serving.origin_check import guarded
from ui.settings_reading import InvalidSettings

ADA = "ada@museum.example"
SECRET = "a secret of the provider's own making"
GIVEN: dict[str, Any] = {
    "oidc_metadata_url": "https://login.example/.well-known/openid-configuration",
    "oidc_client_id": "vasari",
    "oidc_client_secret": SecretStr(SECRET),
    "oidc_redirect_url": "https://museum.example/oauth2callback",
    "curators": (ADA,),
}
SETTINGS = Settings(**GIVEN)


def login_of(settings: Settings) -> OpenIdLogin:
    login = openid_login(settings)
    assert login is not None
    return login


def cookies(claims: Mapping[str, Any], settings: Settings = SETTINGS) -> dict[str, str]:
    """Return what Streamlit has a browser keep of an account."""
    kept: dict[str, str] = {}

    def signed(name: str, value: str) -> bytes:
        return create_signed_value(login_of(settings).cookie_secret, name, value)

    def keep(name: str, value: str) -> None:
        kept[name] = signed(name, value).decode()

    set_cookie_with_chunks(keep, signed, USER_COOKIE_NAME, dict(claims), cookie_attr_size=80)
    return kept


def curator(kept: Mapping[str, str], settings: Settings = SETTINGS) -> str | None:
    return curator_of(settings, cookies=kept, headers={})


@pytest.mark.parametrize(
    ("claims", "is_curator"),
    [
        ({"email": ADA, "email_verified": True}, True),
        ({"email": ADA}, True),
        ({"email": " Ada@Museum.example ", "email_verified": "true"}, True),
        ({"email": ADA, "email_verified": False}, False),
        ({"email": ADA, "email_verified": "false"}, False),
        ({"email": ADA, "email_verified": None}, False),
        ({"email": "mallory@museum.example", "email_verified": True}, False),
        ({"email": [ADA], "email_verified": True}, False),
        ({"name": ADA, "preferred_username": ADA}, False),
        ({"email": "", "email_verified": True}, False),
    ],
)
def test_only_a_verified_address_on_the_list_is_a_curator_s(
    claims: dict[str, Any], is_curator: bool
) -> None:
    kept = cookies(claims)
    assert curator(kept) == (ADA if is_curator else None)
    account = account_of(SETTINGS, kept)
    assert account is not None
    assert account.may_curate is is_curator


def test_a_sign_that_only_looks_like_a_letter_is_another_address() -> None:
    settings = Settings(**GIVEN | {"curators": ("kim@museum.example",)})
    assert curator(cookies({"email": "KIM@museum.example"}, settings), settings)
    assert not curator(cookies({"email": "\u212aim@museum.example"}, settings), settings)


def test_many_claims_are_kept_in_several_cookies() -> None:
    # Words that cannot be made shorter, as identifiers of groups are.
    groups = [sha256(str(number).encode()).hexdigest() for number in range(200)]
    kept = cookies({"email": ADA, "groups": groups})
    assert len(kept) > 2
    assert curator(kept) == ADA
    kept.pop(f"{USER_COOKIE_NAME}_2")
    assert curator(kept) is None


def test_a_login_ends_and_cannot_be_forged(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = cookies({"email": ADA})
    assert curator(kept) == ADA
    for other in (
        {"oidc_client_secret": SecretStr("another secret of the provider")},
        {"oidc_metadata_url": "https://other.example/.well-known/openid-configuration"},
        {"oidc_client_id": "other"},
    ):
        assert curator(cookies({"email": ADA}, Settings(**GIVEN | other))) is None
    for value in ("", "é", "x.y.z", kept[USER_COOKIE_NAME][:-1]):
        assert curator({USER_COOKIE_NAME: value}) is None
    assert curator({f"{USER_COOKIE_NAME}_1": kept[USER_COOKIE_NAME]}) is None
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + SESSION_SECONDS - 10)
    assert curator(kept) == ADA
    monkeypatch.setattr(time, "time", lambda: now + SESSION_SECONDS + 10)
    assert curator(kept) is None


def test_the_api_takes_the_cookie(tiny_settings: Settings) -> None:
    settings = tiny_settings.model_copy(update=dict(GIVEN))
    with Deployment(settings) as deployment:
        api = application(Operations(settings, lambda: deployment))
        for address, status in ((ADA, 200), ("mallory@museum.example", 401)):
            with TestClient(api, cookies=cookies({"email": address}, settings)) as browser:
                assert browser.get("/api/changes").status_code == status


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"curators": ()}, "needs VASARI_CURATORS too"),
        ({"oidc_metadata_url": None}, "needs VASARI_OIDC_METADATA_URL too"),
        (
            {"oidc_client_id": None, "oidc_redirect_url": None},
            "VASARI_OIDC_CLIENT_ID and VASARI_OIDC_REDIRECT_URL",
        ),
        ({"oidc_client_secret": SecretStr("short")}, "at least 16 characters"),
        ({"oidc_metadata_url": "http://login.example/x"}, "VASARI_OIDC_METADATA_URL: it begins"),
        ({"oidc_redirect_url": "http://museum.example/oauth2callback"}, "begins with https://"),
        ({"oidc_redirect_url": "https://museum.example/"}, "and /oauth2callback"),
        ({"oidc_redirect_url": "https://[museum/oauth2callback"}, "is no address"),
        ({"curators": ("ada",)}, "it lists e-mail addresses"),
    ],
)
def test_what_is_wrong_with_the_settings_is_said(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidSettings, match=said):
        openid_login(Settings(**GIVEN | changed))


def test_a_proxy_s_word_replaces_the_login() -> None:
    behind = Settings(**GIVEN, curator_header="X-Forwarded-User")
    assert openid_login(behind) is None
    assert curator(cookies({"email": ADA}), behind) is None
    assert not Settings().has_curators_page
    assert SETTINGS.has_curators_page


def test_the_secret_is_not_shown() -> None:
    login = login_of(SETTINGS)
    for shown in (repr(SETTINGS), repr(login), without_secrets(f"x {SECRET}", SETTINGS)):
        assert SECRET not in shown
    assert SECRET not in login.cookie_secret


def reached(app: ASGIApp, login: OpenIdLogin | None) -> TestClient:
    guard = guarded(LoginPaths(app, login), SETTINGS, OpenPaths(SETTINGS))
    return TestClient(guard, base_url="http://localhost:8501", follow_redirects=False)


@pytest.mark.parametrize("path", LOGIN_PATHS)
def test_without_a_provider_the_paths_of_its_login_do_not_exist(path: str) -> None:
    assert reached(PlainTextResponse("here"), None).get(path).status_code == 404
    assert reached(PlainTextResponse("here"), login_of(SETTINGS)).get(path).text == "here"


def logged_in(answer: Response) -> None:
    answer.set_cookie(USER_COOKIE_NAME, "signed")


def not_logged_in(answer: Response) -> None:
    answer.delete_cookie(USER_COOKIE_NAME)


@pytest.mark.parametrize(
    ("path", "do", "location"),
    [
        ("/oauth2callback?state=x&code=y", logged_in, "/curate"),
        ("/oauth2callback?state=x&code=y", not_logged_in, "/curate?login=failed"),
        ("/oauth2callback?state=x&error=denied", lambda _: None, "/curate?login=failed"),
        ("/oauth2callback", lambda _: None, "/"),
        ("/auth/logout", not_logged_in, "/"),
    ],
)
def test_whoever_comes_back_is_shown_what_came_of_it(
    path: str, do: Callable[[Response], None], location: str
) -> None:
    answer = RedirectResponse("/")
    do(answer)
    got = reached(answer, login_of(SETTINGS)).get(path)
    assert got.headers["location"] == location
    assert all("Secure" in cookie for cookie in got.headers.get_list("set-cookie"))
    away = reached(answer, login_of(SETTINGS)).get(path, headers={"Origin": "https://evil.example"})
    assert away.status_code == 403


def test_a_provider_that_does_not_answer_is_told_on_the_page() -> None:
    failing = PlainTextResponse("Authentication error", 400)
    got = reached(failing, login_of(SETTINGS)).get("/auth/login?provider=x")
    assert (got.status_code, got.headers["location"]) == (303, "/curate?login=failed")


def test_on_this_machine_cookies_need_no_https() -> None:
    here = Settings(**GIVEN | {"oidc_redirect_url": "http://localhost:8501/oauth2callback"})
    answer = RedirectResponse("/")
    logged_in(answer)
    got = reached(answer, login_of(here)).get("/oauth2callback?state=x")
    assert "Secure" not in got.headers["set-cookie"]
