"""What a visitor does on the page, for its tests."""

from pathlib import Path

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.pictures import draw

NOT_RUNNING = "() => !document.querySelector('[data-test-script-state=\"running\"]')"

HAS_FOCUS = "found => found.some(one => one === one.getRootNode().activeElement)"
MOST_STOPS = 200
PRESS_MS = 200  # from pointer down to pointer up


def visit(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".v-masthead")).to_be_visible()
    settle(page)
    # A script hears clicks on works, and comes after them.
    expect(page.locator("body[data-hears-clicks]")).to_be_attached()


def settle(page: Page) -> None:
    """Wait until the server has drawn the page anew."""
    page.wait_for_function(NOT_RUNNING)


def upload(page: Page | Locator, name: str, data: bytes) -> None:
    file = FilePayload(name=name, mimeType="image/jpeg", buffer=data)
    box = page.locator("input[type=file]").first
    if not box.count() and page.locator("[class*='st-key-ask-anew']").count():
        press(page, "ask-anew")
    box.set_input_files(file)


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until one of what is wanted has the focus; back to the start at the page's end."""
    for _ in range(2 * MOST_STOPS):
        if wanted.evaluate_all(HAS_FOCUS):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not lead to {wanted}")


def give(page: Page, name: str, data: bytes) -> None:
    """Upload a file by keyboard alone."""
    with page.expect_file_chooser() as asked:
        tab_to(page, page.locator("[data-testid=stFileUploaderDropzone] button").first)
        page.keyboard.press("Enter")
    asked.value.set_files(FilePayload(name=name, mimeType="image/jpeg", buffer=data))


def picture(number: int, folder: Path) -> bytes:
    path = folder / "query.jpg"
    draw(number).save(path, quality=90)
    return path.read_bytes()


def tiles(page: Page, model: str) -> Locator:
    return page.locator(f".st-key-tiles-{model} .v-tile")


def buttons(page: Page, model: str, does: str) -> Locator:
    """Return the buttons of the hits of a model that do one thing."""
    return page.locator(f".st-key-tiles-{model} button[data-does={does}]")


def similar(page: Page, model: str) -> Locator:
    """Return the buttons that ask about the hits of a model."""
    return buttons(page, model, "similar")


def press(page: Page | Locator, key: str) -> None:
    """Press the first button whose key begins so. A button with a tooltip is there twice."""
    page.locator(f"[class*='st-key-{key}'] button:visible").first.click()


def choose(page: Page, box: str, text: str) -> None:
    """Choose the first option that has a text, as a visitor does: by typing it."""
    field = page.locator(f".st-key-{box} input").first
    field.click()
    field.fill(text)
    page.get_by_role("option").filter(has_text=text).first.click()
    if box != "title":  # which closes with its choice
        field.press("Escape")


def all_loaded(pictures: Locator) -> bool:
    """Load the pictures, those further down too, and tell whether all are there and described."""
    return bool(
        pictures.evaluate_all(
            """async found => {
                for (const one of found) {
                    one.loading = "eager";
                    await one.decode();
                }
                return found.length > 0 && found.every(one => one.naturalWidth > 0 && one.alt);
            }"""
        )
    )
