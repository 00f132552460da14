"""Showing the page a photo of a painting, and asking why a work was found: with a real network."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from catalog.artworks import ArtworkFacts
from deployment import Deployment
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from tests.pictures import facts, write_table
from tests.ui.served_page import listed, page_settings, served
from tests.ui.visiting import (
    PRESS_MS,
    all_loaded,
    buttons,
    give,
    press,
    settle,
    tab_to,
    tiles,
    upload,
    visit,
)
from ui.web.faults import NOT_AVAILABLE

MODEL = "efficientnet_lite0"
COUNT = 6
SIZE = (480, 360)


def _painting(seed: int) -> Image.Image:
    """Draw a picture with many corners to recognise it by."""
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", SIZE, tuple(rng.integers(90, 200, 3).tolist()))
    draw = ImageDraw.Draw(picture)
    for _ in range(150):
        x, y = int(rng.integers(0, SIZE[0])), int(rng.integers(0, SIZE[1]))
        width, height = (int(side) for side in rng.integers(6, 60, 2))
        colour = tuple(rng.integers(0, 256, 3).tolist())
        shape = draw.rectangle if rng.random() < 0.6 else draw.ellipse
        shape((x, y, x + width, y + height), fill=colour)
    return picture


def _photo(*seeds: int, file_format: str = "JPEG") -> bytes:
    """Hang paintings on a wall, side by side, and photograph them from below."""
    wall = np.full((520, 620 * len(seeds), 3), (206, 200, 190), np.uint8)
    for place, seed in enumerate(seeds):
        left = 620 * place + 70
        corners = [(0, 0), (SIZE[0], 0), SIZE, (0, SIZE[1])]
        hung = [(left + 25, 70), (left + 445, 85), (left + 475, 440), (left, 455)]
        turn = cv2.getPerspectiveTransform(
            np.array(corners, np.float32), np.array(hung, np.float32)
        )
        size = (wall.shape[1], wall.shape[0])
        seen = cv2.warpPerspective(np.asarray(_painting(seed)), turn, size)
        mask = cv2.warpPerspective(np.full(SIZE[::-1], 255, np.uint8), turn, size)
        wall[mask > 128] = seen[mask > 128]
    buffer = BytesIO()
    Image.fromarray(wall).save(buffer, file_format, quality=80)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a few drawn paintings, embedded by a real network."""
    folder = tmp_path_factory.mktemp("photos")
    pictures = folder / "pictures"
    (pictures / "images").mkdir(parents=True)
    for number in range(COUNT):
        _painting(number).save(pictures / facts(number)["file"], quality=95)
    write_table(pictures / "works.csv", [facts(number) for number in range(COUNT)])
    with Deployment(page_settings(folder / "home")) as deployment:
        embedders = [deployment.embedder(MODEL)]
        assert ingest(FolderReader(pictures), deployment.ingest_context(embedders)).failed == 0
    return folder / "home"


@pytest.fixture(scope="module")
def paintings(gallery: Path) -> dict[str, ArtworkFacts]:
    """The works of the collection, by title."""
    with Deployment(page_settings(gallery)) as deployment:
        return {work.title: work for work in listed(deployment)}


@pytest.fixture(scope="module")
def photos_address(
    gallery: Path, paintings: dict[str, ArtworkFacts], weights: Path
) -> Iterator[str]:
    """Where the page of the collection is served."""
    with served(gallery, weights, models=(MODEL,)) as where:
        yield where


def test_a_photo_is_recognised_with_evidence_and_leads_on_to_similar_works(
    page: Page, photos_address: str
) -> None:
    visit(page, photos_address)
    page.get_by_role("link", name="What is this?").click()
    # The other page's box for pictures must be gone.
    expect(page.locator(".v-promise").first).to_be_visible()
    upload(page, "wall.jpg", _photo(2))
    verdict = page.locator(".st-key-verdict")
    expect(verdict.locator("h2")).to_have_text("Picture 2")
    expect(verdict).to_contain_text("It is in the collection")
    expect(verdict).to_contain_text("As good as certain")
    assert all_loaded(page.locator(".v-photo img, .v-beside img"))
    press(page, "evidence")
    expect(page.get_by_role("dialog")).to_contain_text("fit one viewpoint")
    expect(page.locator(".v-evidence img")).to_be_visible()
    page.keyboard.press("Escape")
    press(page, "like-it")
    expect(page.locator(".st-key-query h2").first).to_have_text("Picture 2")
    page.wait_for_url("**/?work=*")


def test_a_photo_is_looked_at_and_followed_by_keyboard_alone(
    page: Page, photos_address: str
) -> None:
    visit(page, f"{photos_address}/identify")
    give(page, "wall.jpg", _photo(2))
    expect(page.locator(".st-key-verdict h2")).to_have_text("Picture 2")
    settle(page)
    evidence = page.locator(".st-key-evidence button")
    tab_to(page, evidence)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("fit one viewpoint")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    candidate = buttons(page, "candidates", "similar").first
    name = page.locator(".st-key-tiles-candidates .v-work").first.inner_text()
    tab_to(page, candidate)
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-query h2").first).to_have_text(name)


def test_all_works_of_a_photo_are_named_and_what_is_not_here_is_said_to_be_absent(
    page: Page, photos_address: str
) -> None:
    visit(page, f"{photos_address}/identify")
    upload(page, "wall.jpg", _photo(1, 4))
    expect(tiles(page, "found")).to_have_count(2)
    assert {"Picture 1", "Picture 4"} == set(
        tiles(page, "found").locator(".v-work").all_inner_texts()
    )
    for title in ("Picture 1", "Picture 4"):
        tiles(page, "found").filter(has_text=title).locator("[data-does=evidence]").click()
        expect(page.get_by_role("dialog")).to_contain_text(f"the same spot of {title}:")
        expect(page.locator(".v-evidence img")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    upload(page, "strange.jpg", _photo(99))
    expect(page.locator(".st-key-verdict h2")).to_have_text("It is not in the collection")
    expect(page).to_have_title("It is not in the collection · What is this?")
    expect(page.get_by_text("The nearest works")).to_be_visible()
    expect(page.get_by_text("The likeliest works")).to_have_count(0)
    expect(tiles(page, "candidates").first).to_contain_text("matching spots")
    press(page, "like")
    expect(page.locator(".st-key-query h2").first).to_have_text("strange.jpg")


def test_the_works_of_a_photo_can_be_pressed_as_soon_as_they_are_there(
    slow_page: Page, photos_address: str
) -> None:
    slow_page.set_viewport_size({"width": 390, "height": 700})
    visit(slow_page, f"{photos_address}/identify")
    upload(slow_page, "wall.jpg", _photo(1, 4))
    evidence = tiles(slow_page, "found").locator("[data-does=evidence]").last
    # The page brings the verdict, which is far above, into sight at that time.
    evidence.click(delay=PRESS_MS)
    expect(slow_page.get_by_role("dialog")).to_contain_text("fit one viewpoint")
    settle(slow_page)
    slow_page.keyboard.press("Escape")
    expect(slow_page.get_by_role("dialog")).to_have_count(0)
    expect(evidence).to_be_focused()
    expect(evidence).to_be_in_viewport()


def test_a_photo_that_shows_too_little_is_given_no_work_but_advice(
    page: Page, photos_address: str
) -> None:
    visit(page, f"{photos_address}/identify")
    white = BytesIO()
    Image.new("RGB", (600, 400), "white").save(white, "JPEG")
    upload(page, "white.jpg", white.getvalue())
    verdict = page.locator(".st-key-verdict")
    expect(verdict.locator("h2")).to_have_text("Your photo shows too little to tell.")
    expect(verdict).to_contain_text("go closer")
    expect(page.locator(".v-tile")).to_have_count(0)
    expect(page.get_by_text("What it looks like")).to_have_count(0)


def test_a_refused_file_takes_the_answer_before_it_away(page: Page, photos_address: str) -> None:
    visit(page, f"{photos_address}/identify")
    upload(page, "wall.jpg", _photo(2))
    expect(page.locator(".st-key-verdict h2")).to_have_text("Picture 2")
    upload(page, "broken.jpg", b"no picture")
    expect(page.get_by_role("alert").filter(has_text="not an image")).to_be_visible()
    expect(page.locator(".st-key-verdict")).to_have_count(0)
    expect(page.locator(".v-promise").first).to_be_visible()


def test_photos_are_found_again_from_search_and_by_going_back(
    page: Page, photos_address: str
) -> None:
    visit(page, photos_address)
    page.get_by_role("link", name="What is this?").click()
    expect(page.locator(".v-promise").first).to_be_visible()
    heading = page.locator(".st-key-verdict h2")
    upload(page, "wall.jpg", _photo(2))
    expect(heading).to_have_text("Picture 2")
    expect(page).to_have_title("Picture 2 · What is this?")
    upload(page, "wall.jpg", _photo(3))
    expect(heading).to_have_text("Picture 3")
    page.go_back()
    expect(heading).to_have_text("Picture 2")
    page.go_back()
    expect(page.locator(".v-promise").first).to_be_visible()
    page.go_forward()
    expect(heading).to_have_text("Picture 2")
    page.get_by_role("link", name="Search").click()
    expect(heading).to_have_count(0)
    page.get_by_role("link", name="What is this?").click()
    expect(heading).to_have_text("Picture 2")
    press(page, "evidence")
    expect(page.locator(".v-evidence img")).to_be_visible()
    page.keyboard.press("Escape")
    page.go_back()
    expect(heading).to_have_count(0)
    expect(page).to_have_title("Search · Vasari")


def test_on_a_phone_the_verdict_stands_above_the_photo_and_in_sight(
    page: Page, photos_address: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 700})
    visit(page, f"{photos_address}/identify")
    upload(page, "phone.heic", _photo(2, file_format="HEIF"))
    verdict = page.locator(".st-key-verdict")
    expect(verdict.locator("h2")).to_have_text("Picture 2")
    expect(verdict.locator("h2")).to_be_in_viewport()
    photo = page.locator(".v-photo")
    expect(photo).to_have_count(1)
    above, below = verdict.bounding_box(), photo.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] <= below["y"] + 1


def test_a_hit_is_explained_region_by_region(
    page: Page, photos_address: str, paintings: dict[str, ArtworkFacts]
) -> None:
    visit(page, f"{photos_address}/?work={paintings['Picture 0'].id}")
    buttons(page, MODEL, "why").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("EfficientNet-Lite0 gives the two a cosine of")
    expect(dialog.locator(".spot").filter(has_text="1")).to_have_count(2)
    dialog.locator(".stage").first.click(position={"x": 30, "y": 30})
    expect(dialog).to_contain_text("of the similarity under EfficientNet-Lite0")
    expect(dialog.locator(".frame")).to_be_visible()
    dialog.get_by_role("button", name="Show all regions").click()
    expect(dialog.locator(".spot").filter(has_text="1")).to_have_count(2)


def test_why_a_work_was_found_cannot_be_said_without_the_weights(
    page: Page, address: str, works: dict[str, ArtworkFacts]
) -> None:
    visit(page, f"{address}/?work={works['002.jpg'].id}&model=resnet50")
    buttons(page, "resnet50", "why").first.click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text(NOT_AVAILABLE)
