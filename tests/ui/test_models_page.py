"""The page about the models, and what evaluations found."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.ui.served_page import MODELS, page_settings
from tests.ui.test_cli import Vasari
from tests.ui.visiting import settle, visit


def _models() -> list[str]:
    return [f"--model={name}" for name in MODELS]


@pytest.mark.slow
def test_models_are_described_compared_and_measured(page: Page, address: str, home: Path) -> None:
    visit(page, f"{address}/models")
    cards = page.locator(".v-cards b")
    expect(cards).to_have_text(["Colour grid", "Edge grid", "ResNet-50"])
    expect(page.locator(".v-cards")).to_contain_text("No network: the colours of each part")
    rows = page.locator(".v-table tbody tr")
    expect(rows).to_have_count(3)
    assert (
        rows.nth(0).locator("td").nth(1).inner_text()
        == rows.nth(1).locator("td").first.inner_text()
    )
    expect(page.get_by_text("Nothing has been measured on this collection yet.")).to_be_visible()

    vasari = Vasari(page_settings(home))
    for seed in ("1", "2"):
        vasari.json("evaluate", "retrieval", "--label", "style", "--seed", seed, *_models())
    kept = httpx.get(f"{address}/api/evaluations").json()["evaluations"]
    page.reload()
    settle(page)
    expect(page.get_by_role("link", name="The whole report")).to_have_attribute(
        "href", f"/api/evaluations/{kept[-1]['id']}/report"
    )
    report = httpx.get(f"{address}/api/evaluations/{kept[-1]['id']}/report")
    assert report.headers["content-type"].startswith("text/html")
    assert kept[-1]["id"] in report.text
    expect(page.locator("[data-testid=stVegaLiteChart]").first).to_be_visible()
    page.locator(".stSelectbox input").nth(1).click()
    page.get_by_role("option").first.click()
    expect(page.get_by_text("What changed", exact=True)).to_be_visible()
    expect(page.locator("[data-testid=stDataFrame]")).to_be_visible()


def test_a_report_that_is_not_there_is_said_to_be_missing(address: str) -> None:
    for name in ("nothing", "..%2F..%2Fcatalog.db"):
        assert httpx.get(f"{address}/api/evaluations/{name}/report").status_code == 404
