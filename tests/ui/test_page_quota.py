"""What a visitor sees where there is no memory left for their picture."""

from pathlib import Path

from playwright.sync_api import Page, expect

from deployment import Deployment
from tests.ui.served_page import MODELS, WORKS, fill, make_pictures, page_settings, served
from tests.ui.visiting import choose, picture, tiles, upload, visit
from ui.web.page import UPLOAD_FAILED

SMALL = {
    "VASARI_UPLOAD_MEGABYTES": "1",
    "VASARI_UPLOAD_VISIT_MEGABYTES": "2",
    "VASARI_UPLOAD_TOTAL_MEGABYTES": "2",
}


def _heavy(number: int, folder: Path) -> bytes:
    return picture(number, folder) + bytes(900_000)


def test_a_picture_that_cannot_be_taken_is_refused_kindly_and_the_visit_goes_on(
    page: Page, weights: Path, tmp_path: Path
) -> None:
    with Deployment(page_settings(tmp_path / "home")) as deployment:
        fill(deployment, make_pictures(tmp_path / "pictures"))
    with served(tmp_path / "home", weights, more=SMALL) as address:
        others = [page.context.new_page() for _ in range(2)]
        for number, other in enumerate(others):
            visit(other, address)
            upload(other, "theirs.jpg", _heavy(number, tmp_path))
            expect(tiles(other, MODELS[0])).to_have_count(10)
        visit(page, address)
        upload(page, "mine.jpg", _heavy(3, tmp_path))
        box = page.get_by_test_id("stFileUploader")
        expect(box.locator("[aria-invalid=true]")).to_be_visible()
        said = box.evaluate("one => getComputedStyle(one, '::after').content")
        assert said == f'"{UPLOAD_FAILED}"'
        expect(tiles(page, "collection")).to_have_count(WORKS)
        choose(page, "title", "Picture 4")
        expect(tiles(page, MODELS[0])).to_have_count(10)
        for other in others:
            other.close()
