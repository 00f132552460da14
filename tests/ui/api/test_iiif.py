"""Manifests and pictures are as IIIF has them, and a picture is never larger than what is kept."""

import hashlib
import io
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import update

from catalog.artworks import ArtworkFacts, list_artworks
from catalog.filters import Filter
from catalog.models import Artwork
from deployment import Deployment
from tests.pictures import draw
from tests.ui.api.asking import refused
from tests.ui.api.presentation_schema import INFORMATION, MANIFEST
from ui.api.application import Operations, application
from ui.api.keys import Role, make_key

SERVER = "http://museum.example/"
NOBODY = UUID(int=0)


@pytest.fixture
def work(filled: Deployment) -> ArtworkFacts:
    """A work whose kept picture is 512 x 384, of an image of 2000 x 1500 that is gone."""
    with filled.database.transaction() as session:
        (first,) = list_artworks(session, Filter(), limit=1).artworks
        gone = {"image_width": 2000, "image_height": 1500, "image_location": "/gone/work.jpg"}
        session.execute(update(Artwork).where(Artwork.id == first.id).values(gone))
        (first,) = list_artworks(session, Filter(), limit=1).artworks
    draw(1, width=512, height=384).save(_thumbnail(filled, first))
    return first


def _thumbnail(filled: Deployment, work: ArtworkFacts) -> Any:
    assert work.image_sha256 is not None
    return filled.image_store.thumbnail_path(work.image_sha256)


def _change(filled: Deployment, work: ArtworkFacts, **values: Any) -> None:
    with filled.database.transaction() as session:
        session.execute(update(Artwork).where(Artwork.id == work.id).values(values))


def _manifest(asking: TestClient, work: ArtworkFacts) -> dict[str, Any]:
    answer = asking.get(f"/iiif/{work.id}/manifest")
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    jsonschema.validate(document, MANIFEST)
    return document


def _size(answer: Any) -> tuple[int, int]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/jpeg"
    return Image.open(io.BytesIO(answer.content), formats=["JPEG"]).size


def test_a_work_has_a_manifest(asking: TestClient, work: ArtworkFacts) -> None:
    answer = asking.get(f"/iiif/{work.id}/manifest")
    context = "http://iiif.io/api/presentation/3/context.json"
    assert answer.headers["content-type"] == f'application/ld+json;profile="{context}"'
    manifest = _manifest(asking, work)
    assert manifest["id"] == f"{SERVER}iiif/{work.id}/manifest"
    assert manifest["label"] == {"none": [work.title]}
    said = {item["label"]["en"][0]: item["value"]["none"][0] for item in manifest["metadata"]}
    assert (said["Artist"], said["Year"]) == (work.artist, str(work.year))
    assert manifest["summary"] == {"none": [f"{work.artist}, {work.year}"]}
    assert "rights" not in manifest
    (canvas,) = manifest["items"]
    assert (canvas["width"], canvas["height"]) == (2000, 1500)
    (annotation,) = canvas["items"][0]["items"]
    assert annotation["target"] == canvas["id"]


def test_what_a_manifest_names_is_there(asking: TestClient, work: ArtworkFacts) -> None:
    manifest = _manifest(asking, work)
    body = manifest["items"][0]["items"][0]["items"][0]["body"]
    for picture in (body, *manifest["thumbnail"]):
        assert _size(asking.get(picture["id"])) == (picture["width"], picture["height"])
        led = asking.get(picture["service"][0]["id"])
        assert led.history[0].status_code == 303
        assert led.json()["id"] == picture["service"][0]["id"]
    assert asking.get(manifest["seeAlso"][0]["id"]).json()["id"] == str(work.id)
    assert manifest["homepage"][0]["id"] == f"{SERVER}?work={work.id}"


def test_every_listed_size_is_served(asking: TestClient, work: ArtworkFacts) -> None:
    information = asking.get(f"/iiif/{work.id}/info.json").json()
    jsonschema.validate(information, INFORMATION)
    assert (information["width"], information["height"]) == (512, 384)
    listed = [(size["width"], size["height"]) for size in information["sizes"]]
    assert listed == [(128, 96), (256, 192), (512, 384)]
    base = information["id"]
    for width, height in listed:
        answer = asking.get(f"{base}/full/{width},{height}/0/default.jpg")
        assert _size(answer) == (width, height)
    assert _size(asking.get(f"{base}/full/max/0/default.jpg")) == (512, 384)
    assert _size(asking.get(f"{base}/full/128%2C96/0/default.jpg")) == (128, 96)


@pytest.mark.parametrize(
    "path",
    [
        "full/1024,768/0/default.jpg",
        "full/^max/0/default.jpg",
        "full/,/0/default.jpg",
        "full/!128,/0/default.jpg",
        "full/pct:50/0/default.jpg",
        "full/0,0/0/default.jpg",
        "full/-1,-1/0/default.jpg",
        "full/99999999999,1/0/default.jpg",
        "0,0,10,10/11,/0/default.jpg",
        "512,0,10,10/max/0/default.jpg",
        "0,0,0,10/max/0/default.jpg",
        "pct:0,0,10,10/max/0/default.jpg",
        "full/max/90/default.jpg",
        "full/max/!0/default.jpg",
        "full/max/0/gray.jpg",
        "full/max/0/default.png",
        "full/max/0/default",
        "full/max/0/%00.jpg",
    ],
)
def test_what_level_1_does_not_have_is_refused(
    asking: TestClient, work: ArtworkFacts, path: str
) -> None:
    refused(asking.get(f"/iiif/{work.id}/{path}"), 400, "unsupported-image")


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("full/128,", (128, 96)),
        ("full/,96", (128, 96)),
        ("full/100,96", (100, 96)),
        ("full/!100,100", (100, 75)),
        ("full/!4000,4000", (512, 384)),
        ("square/max", (384, 384)),
        ("10,20,100,50/max", (100, 50)),
        ("500,380,100,100/max", (12, 4)),
    ],
)
def test_a_part_is_served_at_the_size_that_is_wanted(
    asking: TestClient, work: ArtworkFacts, path: str, size: tuple[int, int]
) -> None:
    assert _size(asking.get(f"/iiif/{work.id}/{path}/0/default.jpg")) == size


def test_the_original_is_served_where_it_is_there(
    asking: TestClient, filled: Deployment, work: ArtworkFacts, tmp_path: Path
) -> None:
    original = tmp_path / "original.png"
    whole = draw(1, width=2000, height=1500)
    whole.save(original)
    image = hashlib.sha256(original.read_bytes()).hexdigest()
    filled.image_store.save_thumbnail(image, whole)
    _change(filled, work, image_sha256=image, image_location=str(original))
    information = asking.get(f"/iiif/{work.id}/info.json").json()
    jsonschema.validate(information, INFORMATION)
    assert (information["width"], information["height"]) == (2000, 1500)
    assert information["tiles"] == [{"width": 512, "scaleFactors": [1, 2, 4]}]
    answer = asking.get(f"/iiif/{work.id}/512,1024,512,476/512,476/0/default.jpg")
    assert _size(answer) == (512, 476)
    shown = np.asarray(Image.open(io.BytesIO(answer.content)), dtype=np.int16)
    assert np.abs(shown - np.asarray(whole.crop((512, 1024, 1024, 1500)))).mean() < 4
    assert _size(asking.get(f"/iiif/{work.id}/full/max/0/default.jpg")) == (2000, 1500)
    refused(asking.get(f"/iiif/{work.id}/full/2001,/0/default.jpg"), 400, "unsupported-image")


def test_a_picture_is_asked_for_by_its_longest_side(asking: TestClient, work: ArtworkFacts) -> None:
    sizes = {"thumbnail": (512, 384), "128": (128, 96), "256": (256, 192), "512": (512, 384)}
    for size, pixels in sizes.items():
        assert _size(asking.get(f"/images/{work.id}/{size}")) == pixels
    for size in ("0", "1024", "original", "..%2f..", "%00", "128.jpg"):
        assert asking.get(f"/images/{work.id}/{size}").status_code in (404, 422)


def test_nothing_is_enlarged(asking: TestClient, filled: Deployment, work: ArtworkFacts) -> None:
    draw(1, width=90, height=140).save(_thumbnail(filled, work))
    for size in ("thumbnail", "256", "512"):
        assert _size(asking.get(f"/images/{work.id}/{size}")) == (90, 140)
    information = asking.get(f"/iiif/{work.id}/info.json").json()
    assert information["sizes"] == [{"width": 82, "height": 128}, {"width": 90, "height": 140}]
    assert information["tiles"] == [{"width": 512, "scaleFactors": [1]}]
    _manifest(asking, work)
    Image.new("RGB", (512, 1)).save(_thumbnail(filled, work))
    assert _size(asking.get(f"/images/{work.id}/128")) == (128, 1)


def test_what_is_kept_is_known_by_its_tag(asking: TestClient, work: ArtworkFacts) -> None:
    base = f"/iiif/{work.id}"
    paths = [f"{base}/manifest", f"{base}/info.json", f"{base}/full/max/0/default.jpg"]
    tags = set()
    for path in [*paths, f"{base}/full/128,96/0/default.jpg", f"/images/{work.id}/128"]:
        tag = asking.get(path).headers["etag"]
        tags.add(tag)
        for known in (tag, f'"other", W/{tag}', "*"):
            answer = asking.get(path, headers={"If-None-Match": known})
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["etag"] == tag
        assert asking.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    assert len(tags) == 5


def test_only_an_address_with_the_version_holds_for_ever(
    asking: TestClient, filled: Deployment, work: ArtworkFacts
) -> None:
    def kept(address: str) -> str:
        return str(asking.get(address).headers["cache-control"])

    (thumbnail,) = _manifest(asking, work)["thumbnail"]
    assert kept(thumbnail["id"]) == "public, max-age=31536000, immutable"
    for address in (f"/images/{work.id}/256", f"/images/{work.id}/256?v=other"):
        assert kept(address) == "public, max-age=3600, must-revalidate"
    assert kept(f"/iiif/{work.id}/manifest") == "public, no-cache"
    other = "f" * 64
    filled.image_store.save_thumbnail(other, draw(2))
    _change(filled, work, image_sha256=other)
    assert "immutable" not in kept(thumbnail["id"])
    assert _manifest(asking, work)["thumbnail"][0]["id"].endswith(f"?v={other[:16]}")


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        (
            {"Licence": "https://creativecommons.org/licenses/by/4.0/"},
            ("https://creativecommons.org/licenses/by/4.0/", None),
        ),
        (
            {"rights_uri": "http://rightsstatements.org/vocab/InC/1.0/", "Rights": "© The estate"},
            ("http://rightsstatements.org/vocab/InC/1.0/", "© The estate"),
        ),
        (
            {"license": "see https://creativecommons.org/licenses/by/4.0/"},
            (None, "see https://creativecommons.org/licenses/by/4.0/"),
        ),
        ({"rights": "javascript:alert(1)"}, (None, "javascript:alert(1)")),
        ({"rights": "<b>mine</b>"}, (None, "<b>mine</b> ")),
        ({"rights": "x" * 5_000}, (None, "x" * 1_000)),
        ({"rights": " ", "licence": 3, "license": None, "copyrighted": "yes"}, (None, None)),
    ],
)
def test_rights_are_told_where_they_are_known(
    asking: TestClient,
    filled: Deployment,
    work: ArtworkFacts,
    extra: dict[str, Any],
    told: tuple[str | None, str | None],
) -> None:
    _change(filled, work, extra=extra)
    manifest = _manifest(asking, work)
    shown = manifest.get("requiredStatement", {"value": {"none": [None]}})
    assert (manifest.get("rights"), shown["value"]["none"][0]) == told


def test_titles_and_names_are_text_whatever_they_are(
    asking: TestClient, filled: Deployment, work: ArtworkFacts
) -> None:
    _change(
        filled, work, title='"<i>\u2028</i>', artist="<b>x</b>", year=None, style="", genre=None
    )
    manifest = _manifest(asking, work)
    assert manifest["label"] == {"none": ['"<i>\u2028</i>']}
    assert manifest["summary"] == {"none": ["<b>x</b> "]}
    assert {"label": {"en": ["Artist"]}, "value": {"none": ["<b>x</b> "]}} in manifest["metadata"]


def test_works_without_a_picture_are_problems(
    asking: TestClient, filled: Deployment, work: ArtworkFacts
) -> None:
    paths = ("manifest", "info.json", "full/max/0/default.jpg")
    for path in paths:
        refused(asking.get(f"/iiif/{NOBODY}/{path}"), 404, "no-such-work")
        refused(asking.get(f"/iiif/nobody/{path}"), 422, "invalid-request")
    refused(asking.get(f"/images/{NOBODY}/128"), 404, "no-such-work")
    file = _thumbnail(filled, work)
    file.write_bytes(file.read_bytes()[:900])
    refused(asking.get(f"/images/{work.id}/128"), 404, "no-image")
    for damage in (lambda: file.write_bytes(b"\xff\xd8"), file.unlink):
        damage()
        for address in [f"/iiif/{work.id}/{path}" for path in paths] + [f"/images/{work.id}/128"]:
            refused(asking.get(address), 404, "no-image")
    _change(filled, work, image_sha256=None)
    for address in [f"/iiif/{work.id}/{path}" for path in paths]:
        refused(asking.get(address), 404, "no-image")


def test_where_keys_are_needed_pictures_are_for_their_bearers(
    filled: Deployment, work: ArtworkFacts
) -> None:
    key, entry = make_key("loans", Role.READ)
    closed = filled.settings.model_copy(update={"read_needs_key": True, "api_keys": (str(entry),)})
    with TestClient(application(Operations(closed, lambda: filled))) as program:
        for path in (
            f"/iiif/{work.id}",
            f"/iiif/{work.id}/manifest",
            f"/iiif/{work.id}/info.json",
            f"/iiif/{work.id}/full/max/0/default.jpg",
            f"/images/{work.id}/128",
        ):
            refused(program.get(path), 401, "key-needed")
            answer = program.get(path, headers={"Authorization": f"Bearer {key}"})
            assert answer.headers["cache-control"].startswith("private, ")
