"""Curators who log in at an OpenID Connect provider, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.ui.openid_provider import CLIENT_ID, CLIENT_SECRET, Provider, running_provider
from tests.ui.served_page import free_port, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE_MS = 60_000
ADA = "ada@museum.example"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture(scope="module")
def address(
    tmp_path_factory: pytest.TempPathFactory, weights: Path, provider: Provider
) -> Iterator[str]:
    port = free_port()
    more = {
        "VASARI_OIDC_METADATA_URL": f"{provider.address}/.well-known/openid-configuration",
        "VASARI_OIDC_CLIENT_ID": CLIENT_ID,
        "VASARI_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "VASARI_OIDC_REDIRECT_URL": f"http://127.0.0.1:{port}/oauth2callback",
        "VASARI_CURATORS": f"grace@museum.example,{ADA}",
    }
    home = tmp_path_factory.mktemp("accounts") / "home"
    with served(home, weights, models=["colour_grid"], port=port, more=more) as where:
        yield where


@pytest.fixture
def page(browser: Browser, provider: Provider) -> Iterator[Page]:
    provider.claims, provider.changes_state = {}, False
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield context.new_page()
    context.close()


def log_in(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_text("For curators").click()
    expect(page.get_by_text("This page is for curators.")).to_be_visible()
    page.get_by_role("button", name="Log in with your account").click()


def log_out(page: Page, address: str) -> None:
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("For curators")).to_be_visible()
    assert page.url == f"{address}/"


def api_status(page: Page, address: str) -> int:
    """Return what the API says to the browser's cookies."""
    return page.request.get(f"{address}/api/changes").status


def test_an_address_on_the_list_curates_until_it_logs_out(
    page: Page, address: str, provider: Provider
) -> None:
    provider.claims = {"email": "Ada@Museum.Example", "email_verified": True}
    log_in(page, address)
    expect(page.get_by_text("Logged in as ada@museum.example")).to_be_visible()
    assert page.url == f"{address}/curate"
    page.locator(".st-key-curate-section").get_by_text("Keys", exact=True).click()
    page.get_by_role("textbox", name="Whose key it is").fill("kiosk")
    page.get_by_role("button", name="Make a key").click()
    expect(page.locator(".st-key-made-key")).to_be_visible()
    (change,) = page.request.get(f"{address}/api/changes").json()["changes"]
    assert (change["curator"], change["action"]) == (ADA, "make key")

    logged_out = provider.log_outs
    log_out(page, address)
    assert provider.log_outs == logged_out + 1
    assert api_status(page, address) == 401
    page.goto(f"{address}/curate")
    expect(page.get_by_text("This page is for curators.")).to_be_visible()
    expect(page.locator(".st-key-curate-section")).to_have_count(0)


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        (
            {"email": "mallory@museum.example", "email_verified": True},
            "not on the list of curators",
        ),
        ({"email": ADA, "email_verified": False}, "has not been verified"),
        ({}, "says no e-mail address"),
    ],
)
def test_another_account_is_told_that_it_may_not_curate(
    page: Page, address: str, provider: Provider, claims: dict[str, object], said: str
) -> None:
    provider.claims = claims
    log_in(page, address)
    expect(page.get_by_text("This account may not curate")).to_be_visible()
    expect(page.get_by_text(said)).to_be_visible()
    expect(page.locator(".st-key-curate-section")).to_have_count(0)
    assert api_status(page, address) == 401
    log_out(page, address)


def test_a_login_that_comes_back_with_another_state_is_refused(
    page: Page, address: str, provider: Provider
) -> None:
    provider.claims = {"email": ADA, "email_verified": True}
    provider.changes_state = True
    log_in(page, address)
    expect(page.get_by_text("The login has failed")).to_be_visible()
    assert api_status(page, address) == 401
    assert not [item for item in page.context.cookies() if item["name"] == "_streamlit_user"]
