"""Pictures are looked into tile by tile, compared beside each other, and laid over one another."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from deployment import Deployment
from search.identification.verification import project
from tests.pictures import facts, write_table
from tests.reproductions import paint
from tests.ui.served_page import MODELS, fill, listed, page_settings, served
from tests.ui.test_accessibility import grave_findings
from tests.ui.visiting import settle, tiles, visit

SIZE = (2_400, 1_800)

DIFFERENT = "These two do not show the same thing, so they cannot be laid over one another."


def _warp() -> NDArray[np.float64]:
    """Return where places of the first picture, in its pixels, are in the second."""
    width, height = SIZE
    box = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    turned = np.array([[250, 40], [1_900, 330], [1_600, 1_500], [30, 1_250]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(box, turned), np.float64)


@pytest.fixture(scope="module")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a painting, a slanted photo of it and another painting, all large."""
    folder = tmp_path_factory.mktemp("large")
    (folder / "pictures" / "images").mkdir(parents=True)
    rows = [facts(number) for number in range(3)]
    first = cv2.resize(paint(1, width=800, height=600), SIZE, interpolation=cv2.INTER_CUBIC)
    photo = cv2.warpPerspective(first, _warp(), (2_000, 1_600), borderValue=(90, 90, 90))
    other = cv2.resize(paint(2, width=800, height=600), SIZE, interpolation=cv2.INTER_CUBIC)
    for row, pixels in zip(rows, (first, photo, other), strict=True):
        Image.fromarray(np.asarray(pixels, np.uint8)).save(folder / "pictures" / row["file"])
    write_table(folder / "pictures" / "works.csv", rows)
    with Deployment(page_settings(folder / "home")) as deployment:
        fill(deployment, folder / "pictures")
    return folder / "home"


@pytest.fixture(scope="module")
def large(filled_home: Path, weights: Path) -> Iterator[str]:
    """Where these three are served."""
    with served(filled_home, weights) as where:
        _wait_for_viewer(where)
        yield where


def _wait_for_viewer(address: str) -> None:
    for _ in range(100):
        if httpx.get(f"{address}/libraries/openseadragon-6.1.1.js").is_success:
            return
        time.sleep(0.2)
    pytest.skip("OpenSeadragon cannot be fetched from npm here")


@pytest.fixture(scope="module")
def three(large: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{large}/api/artworks").json()["artworks"]
    return sorted(found, key=lambda work: str(work["file"]))


def _viewer_of(stage: Locator) -> Any:
    """Return the middle and the width of what a stage shows, in shares of the picture's width."""
    return stage.evaluate(
        """stage => {
            const { viewport } = stage.viewer;
            const { x, y } = viewport.getCenter();
            return [x, y, 1 / viewport.getZoom()];
        }"""
    )


def test_a_work_is_looked_into_to_its_last_pixel(
    page: Page, large: str, three: list[dict[str, Any]]
) -> None:
    asked: list[str] = []
    page.on("response", lambda one: asked.append(one.url) if one.status == 200 else None)
    work = three[0]["id"]
    visit(page, f"{large}/work?id={work}")
    stage = page.locator(".stage[data-drawn]")
    expect(stage).to_be_visible()
    toolbar = page.get_by_role("toolbar", name="Picture")
    for name in ("Zoom in", "Zoom out", "Whole picture", "Full screen"):
        expect(toolbar.get_by_role("button", name=name)).to_be_visible()
    before = _viewer_of(stage)[2]
    for _ in range(4):
        toolbar.get_by_role("button", name="Zoom in").click()
    finest = f"/iiif/{work}/1024,512,512,512/512,512/0/default.jpg"
    page.wait_for_timeout(100)
    page.locator(".viewer [role=application]").focus()
    page.keyboard.press("+")
    for _ in range(100):
        if any(url.endswith(finest) for url in asked):
            break
        page.wait_for_timeout(100)
    else:
        pytest.fail(f"the finest tiles were not fetched, but {asked}")
    assert _viewer_of(stage)[2] < before / 4
    toolbar.get_by_role("button", name="Whole picture").click()
    assert _viewer_of(stage)[2] == pytest.approx(before, rel=0.01)


def test_without_the_viewer_the_plain_picture_stays(
    page: Page, large: str, three: list[dict[str, Any]]
) -> None:
    page.route("**/libraries/**", lambda route: route.abort())
    visit(page, f"{large}/work?id={three[0]['id']}")
    image = page.locator(".stage img")
    expect(image).to_be_visible()
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    expect(page.get_by_role("toolbar", name="Picture")).to_have_count(0)


def test_works_beside_each_other_show_the_same_place(
    page: Page, large: str, three: list[dict[str, Any]]
) -> None:
    first, second = three[0]["id"], three[1]["id"]
    visit(page, f"{large}/work?id={first}")
    page.locator(f"a.v-to-compare[href*='{second}']").first.click()
    expect(page.locator("h1.v-title")).to_have_text("Compare")
    assert page.url == f"{large}/compare?id={first}&id={second}"
    panes = page.locator(".pane .stage[data-drawn]")
    expect(panes).to_have_count(2)
    api = httpx.get(f"{large}/api/artworks/{first}/registration/{second}", timeout=60).json()
    page.wait_for_timeout(500)
    panes.nth(0).locator("[role=application]").focus()
    for key in ("+", "+", "+", "+", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    page.wait_for_timeout(1_500)
    x, y, _ = _viewer_of(panes.nth(0))
    u, v, _ = _viewer_of(panes.nth(1))
    place = [[u, v * 2_000 / 1_600]]
    there = project(np.array(api["homography"]), np.array(place))[0]
    assert np.abs(there - [x, y * SIZE[0] / SIZE[1]]).max() < 0.005
    page.get_by_label("Move together").uncheck()
    panes.nth(1).locator("[role=application]").focus()
    page.keyboard.press("-")
    page.wait_for_timeout(1_000)
    assert _viewer_of(panes.nth(0))[:2] == pytest.approx([x, y])


def test_the_photo_is_laid_over_the_work_to_two_pixels(
    page: Page, large: str, three: list[dict[str, Any]]
) -> None:
    first, second = three[0]["id"], three[1]["id"]
    visit(page, f"{large}/compare?id={first}&id={second}")
    page.get_by_role("button", name="Laid over").click()
    expect(page.locator(".overlay .stage[data-placed]")).to_be_visible()
    api = httpx.get(f"{large}/api/artworks/{first}/registration/{second}", timeout=60).json()
    expect(page.get_by_role("status")).to_contain_text(f"by {api['inliers']:,} matched points")
    assert api["shows_the_same"] is True
    page.wait_for_timeout(1_000)
    assert grave_findings(page) == []
    middle = _placed(page)
    for key in ("0", "+", "+"):
        page.locator(".overlay [role=application]").focus()
        page.keyboard.press(key)
    page.wait_for_timeout(1_500)
    assert max(middle, _placed(page)) <= 2
    swipe = page.get_by_label("Divide at")
    swipe.focus()
    swipe.press("Home")
    assert page.locator(".over").evaluate("over => over.style.clipPath") in (
        "inset(0px)",
        "inset(0px 0px 0px 0%)",
    )
    opacity = page.get_by_label("Opacity")
    opacity.focus()
    opacity.press("Home")
    assert page.locator(".over").evaluate("over => over.style.opacity") == "0"


def _placed(page: Page) -> float:
    """Return by how many pixels of the screen the one laid over is off, in the median."""
    places = np.stack(np.meshgrid(np.linspace(0.1, 0.9, 7), np.linspace(0.1, 0.9, 7)), -1)
    own = places.reshape(-1, 2) * SIZE
    seen = project(_warp(), own) / [2_000, 1_600]
    shown = page.locator(".overlay .stage").evaluate(
        """(stage, places) => {
            const image = stage.querySelector(".over img");
            const matrix = new DOMMatrix(image.style.transform);
            return places.map(([x, y]) => {
                const { x: u, y: v, w } = matrix.transformPoint(
                    new DOMPoint(x * image.naturalWidth, y * image.naturalHeight));
                return [u / w, v / w];
            });
        }""",
        seen.tolist(),
    )
    expected = page.locator(".overlay .stage").evaluate(
        """(stage, places) => {
            const { viewport, world } = stage.viewer;
            return places.map(([x, y]) => {
                const at = world.getItemAt(0).imageToViewportCoordinates(x, y, true);
                const { x: u, y: v } = viewport.pixelFromPoint(at, true);
                return [u, v];
            });
        }""",
        own.tolist(),
    )
    gaps = np.linalg.norm(np.array(shown) - np.array(expected), axis=1)
    return float(np.median(gaps))


def test_what_does_not_show_the_same_is_said_not_to(
    page: Page, large: str, three: list[dict[str, Any]]
) -> None:
    first, other = three[0]["id"], three[2]["id"]
    visit(page, f"{large}/compare?id={first}&id={other}")
    page.get_by_role("button", name="Laid over").click()
    expect(page.get_by_role("status")).to_have_text(DIFFERENT)
    expect(page.locator(".over")).to_be_hidden()
    expect(page.locator(".pane")).to_have_count(2)
    expect(page.locator(".pane").first).to_be_visible()
    api = httpx.get(f"{large}/api/artworks/{first}/registration/{other}", timeout=60).json()
    assert (api["shows_the_same"], api["homography"]) == (False, None)


def test_a_hit_of_a_work_leads_to_their_comparison(
    page: Page, large: str, three: list[dict[str, Any]]
) -> None:
    work = three[0]["id"]
    visit(page, f"{large}/?work={work}")
    link = tiles(page, MODELS[0]).first.locator("a.v-to-compare")
    hit = str(link.get_attribute("href")).rpartition("id=")[2]
    link.click()
    expect(page.locator("h1.v-title")).to_have_text("Compare")
    expect(page.locator(".pane")).to_have_count(2)
    assert page.url == f"{large}/compare?id={work}&id={hit}"


def test_of_more_than_two_one_is_chosen_to_be_laid_over(
    page: Page, large: str, three: list[dict[str, Any]]
) -> None:
    names = "&".join(f"id={work['id']}" for work in three)
    visit(page, f"{large}/compare?{names}")
    expect(page.locator(".pane .stage[data-drawn]")).to_have_count(3)
    page.get_by_role("button", name="Laid over").click()
    expect(page.get_by_role("status")).to_contain_text("matched points")
    page.get_by_label("Laid over the first").select_option(label=f"{_described(three[2])}")
    expect(page.get_by_role("status")).to_have_text(DIFFERENT)


def _described(work: dict[str, Any]) -> str:
    return f"{work['title']}, {work['artist']}, {work['year']}"


def test_where_reading_takes_a_key_the_page_has_one(
    page: Page, filled_home: Path, weights: Path, tmp_path: Path
) -> None:
    # The other server may be running, with a socket in its home.
    sockets = shutil.ignore_patterns("shared")
    home = shutil.copytree(filled_home, tmp_path / "home", ignore=sockets)
    with Deployment(page_settings(home)) as deployment:
        first, second, _ = sorted(listed(deployment), key=lambda work: work.file)
    with served(home, weights, more={"VASARI_READ_NEEDS_KEY": "true"}) as where:
        _wait_for_viewer(where)
        assert httpx.get(f"{where}/iiif/{first.id}/info.json").status_code == 401
        visit(page, f"{where}/compare?id={first.id}&id={second.id}")
        expect(page.locator(".pane .stage[data-drawn]")).to_have_count(2)
        page.get_by_role("button", name="Laid over").click()
        expect(page.locator(".overlay .stage[data-placed]")).to_be_visible()


@pytest.mark.parametrize("asked", ["", "?id=nonsense&id=", "?id={one}", "?id={one}&id={one}"])
def test_a_comparison_takes_two_works(
    page: Page, large: str, three: list[dict[str, Any]], asked: str
) -> None:
    visit(page, f"{large}/compare{asked.format(one=three[0]['id'])}")
    settle(page)
    expect(page.locator(".v-notice")).to_contain_text("A comparison takes two works")
