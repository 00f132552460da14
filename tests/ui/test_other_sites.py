"""In a browser, another site's page shows pictures and previews, and can ask nothing else."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from catalog.artworks import ArtworkFacts

ASK = """
async ([address, work, artist]) => {
  const accept = {headers: {Accept: 'application/ld+json;profile="http://iiif.io/api/x"'}};
  const status = (path, options) => fetch(address + path, options).then(a => a.status, () => null);
  const shown = (kind, path) => new Promise(resolve => {
    const element = document.createElement(kind);
    element.onload = () => resolve(element.naturalWidth || true);
    element.onerror = () => resolve(null);
    element.src = address + path;
    document.body.append(element);
  });
  await shown("iframe", `/api/reconcile/preview?id=${artist}`);
  return {
    manifest: await status(`/iiif/${work}/manifest`, accept),
    suggest: await status("/api/reconcile/suggest/entity?prefix=a"),
    image: await shown("img", `/images/${work}/128`),
    artwork: await status(`/api/artworks/${work}`),
    thumbnail: await shown("img", `/api/artworks/${work}/thumbnail`),
    deleted: await status(`/iiif/${work}/manifest`, {method: "DELETE"}),
  };
}
"""


class Page(BaseHTTPRequestHandler):
    """An empty page, to be served on this machine: browsers let no other ask a local server."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of another site."""
    with HTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_another_site_is_shown_what_is_open_and_nothing_else(
    window: BrowserContext, address: str, works: dict[str, ArtworkFacts], elsewhere: str
) -> None:
    work = next(work for work in works.values() if work.artist_id is not None)
    page = window.new_page()
    page.goto(elsewhere)
    found: dict[str, Any] = page.evaluate(ASK, [address, str(work.id), str(work.artist_id)])
    assert found == {
        "manifest": 200,
        "suggest": 200,
        "image": 128,
        "artwork": None,
        "thumbnail": None,
        "deleted": None,
    }
    preview = page.frames[1]
    assert preview.locator("h1").inner_text() == work.artist
    pictures = preview.locator("img")
    assert pictures.first.evaluate("image => image.complete && image.naturalWidth > 0")
    page.close()
