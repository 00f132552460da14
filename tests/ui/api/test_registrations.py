"""How two works lie over one another, over the API."""

from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import update

from catalog.artworks import list_artworks
from catalog.filters import Filter
from catalog.models import Artwork
from deployment import Deployment
from search.identification.registration import register
from tests.reproductions import paint, photographed
from tests.ui.api.asking import refused

NOBODY = UUID(int=0)


@pytest.fixture
def pair(filled: Deployment) -> tuple[UUID, UUID]:
    """Two works, the second a detail of the first in another reproduction; originals are gone."""
    with filled.database.transaction() as session:
        works = list_artworks(session, Filter(), limit=2).artworks
        for work in works:
            gone = {"image_location": "/gone/work.jpg"}
            session.execute(update(Artwork).where(Artwork.id == work.id).values(gone))
    whole = paint(1, width=500, height=400)
    for work, pixels in zip(works, (whole, photographed(whole, crop=0.1)), strict=True):
        Image.fromarray(pixels).save(_thumbnail(filled, work.image_sha256))
    return works[0].id, works[1].id


def _thumbnail(filled: Deployment, sha256: str | None) -> Path:
    assert sha256 is not None
    return filled.image_store.thumbnail_path(sha256)


def _ask(asking: TestClient, first: UUID, other: UUID) -> dict[str, Any]:
    answer = asking.get(f"/api/artworks/{first}/registration/{other}")
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def test_a_detail_lies_where_it_was_cut_out(asking: TestClient, pair: tuple[UUID, UUID]) -> None:
    found = _ask(asking, *pair)
    assert found["shows_the_same"] is True
    assert (found["artwork"]["id"], found["other"]["id"]) == tuple(map(str, pair))
    assert (found["artwork"]["width"], found["artwork"]["height"]) == (500, 400)
    placed = np.array(found["homography"]) @ np.array([[0, 1], [0, 1], [1, 1]])
    assert np.abs(placed[:2] / placed[2] - [[0.1, 0.9], [0.1, 0.9]]).max() < 0.004
    assert _ask(asking, *pair) == found  # from memory


def test_what_is_answered_is_what_the_matcher_says(
    asking: TestClient, filled: Deployment, pair: tuple[UUID, UUID]
) -> None:
    with filled.database.transaction() as session:
        works = {work.id: work for work in list_artworks(session, Filter()).artworks}
    pixels = [
        np.asarray(Image.open(_thumbnail(filled, works[one].image_sha256)).convert("RGB"))
        for one in pair
    ]
    expected = register(pixels[0], pixels[1])
    found = _ask(asking, *pair)
    assert (found["matches"], found["inliers"]) == (expected.matches, expected.inliers)
    assert expected.homography is not None
    assert np.array(found["homography"]) == pytest.approx(np.array(expected.homography))


def test_works_that_are_not_there_are_problems(
    asking: TestClient, filled: Deployment, pair: tuple[UUID, UUID]
) -> None:
    first, other = pair
    for path in (f"{first}/registration/{NOBODY}", f"{NOBODY}/registration/{first}"):
        refused(asking.get(f"/api/artworks/{path}"), 404, "no-such-work")
    with filled.database.transaction() as session:
        session.execute(update(Artwork).where(Artwork.id == other).values(image_sha256=None))
    refused(asking.get(f"/api/artworks/{first}/registration/{other}"), 404, "no-image")
