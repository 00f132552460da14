"""Pictures of every page of a collection, at three widths, light and dark, to be looked at.

    python -m benchmarks.screenshots --home HOME --into FOLDER

With each it prints where the first hit stands, and by how much the page is too wide: 0 is right.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

import httpx
import typer
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.api_clients import served
from tests.ui.conftest import find_browser
from tests.ui.visiting import settle

SCREENS = ((1600, 1000), (1024, 768), (360, 780))
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

FIRST_HIT = """() => {
    const first = document.querySelector("[class*='st-key-tiles-'] .v-tile");
    return first && Math.round(first.getBoundingClientRect().top);
}"""
TOO_WIDE = """() => {
    const main = document.querySelector("[data-testid=stMain]");
    return main.scrollWidth - main.clientWidth;
}"""
DRAWN_SECONDS = 2.0
"""For charts and maps, which are drawn after the page."""


def main(
    home: Annotated[Path, typer.Option(help="A collection that is filled.")],
    into: Annotated[Path, typer.Option(help="Folder of the pictures.")] = Path("screenshots"),
    address: Annotated[str | None, typer.Option(help="Of a server that runs already.")] = None,
    page: Annotated[list[str] | None, typer.Option(help="Names of pages; otherwise all.")] = None,
) -> None:
    """Take the pictures."""
    into.mkdir(parents=True, exist_ok=True)
    with _at(home, address) as where, a_browser() as browser:
        for name, path in _pages(where).items():
            if not page or name in page:
                _take(browser, f"{where}{path}", name, into)


@contextmanager
def _at(home: Path, address: str | None) -> Iterator[str]:
    if address is not None:
        yield address
        return
    with served(home) as (where, _, _):
        yield where


@contextmanager
def a_browser() -> Iterator[Browser]:
    """Start the browser of this machine."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])


def _pages(address: str) -> dict[str, str]:
    """Return the path of each page, with works of the collection."""
    listed = httpx.get(f"{address}/api/artworks", params={"limit": 3}).json()["artworks"]
    first, second, *_ = [work["id"] for work in listed]
    word = quote(listed[0]["title"].split()[0])
    return {
        "search": "/",
        "hits": f"/?work={first}",
        "examples": f"/?work={first}&work={second}",
        "nothing-passes": f"/?work={first}&artist=Nobody",
        "work": f"/work?id={first}",
        "no-work": "/work?id=nothing",
        "browse": "/browse",
        "words": f"/browse?q={word}&sort=year",
        "compare": f"/compare?id={first}&id={second}",
        "map": "/map",
        "models": "/models",
        "identify": "/identify",
        "no-page": "/no-such-page",
    }


def _take(browser: Browser, address: str, name: str, into: Path) -> None:
    for width, height in SCREENS:
        for theme in THEMES:
            window = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=theme
            )
            page = window.new_page()
            page.goto(address)
            _wait(page)
            page.screenshot(path=into / f"{name}-{width}-{theme}.png")
            said = f"{name:>14} {width:>5} {theme:<5}"
            if page.locator("[data-testid=stMain]").count():
                first = page.evaluate(FIRST_HIT)
                said += f"  first hit at {first}" if first is not None else ""
                said += f"  too wide by {page.evaluate(TOO_WIDE)}"
            typer.echo(said)
            window.close()


def _wait(page: Page) -> None:
    page.locator(".v-masthead, h1").first.wait_for()
    settle(page)
    page.wait_for_timeout(1_000 * DRAWN_SECONDS)


if __name__ == "__main__":
    typer.run(main)
