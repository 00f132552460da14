"""Maps as programs get them."""

import base64
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from fastapi.testclient import TestClient

from catalog.models import now
from deployment import Deployment
from search.maps.area import Area
from search.maps.stored import StoredMap, id_bytes

MODEL = "colour_grid"
LEFT_HALF = Area(((0, 0), (32_767, 0), (32_767, 65_535), (0, 65_535)))


@pytest.fixture
def places(filled: Deployment) -> dict[str, tuple[int, int]]:
    """Draw a map, and give the place of each work on it."""
    works = sorted(filled.index.ids())
    positions = np.random.default_rng(0).integers(0, 2**16, (len(works), 2)).astype(np.uint16)
    filled.map_store.save(
        StoredMap(
            model=MODEL,
            fingerprint=filled.index.specs[MODEL].fingerprint,
            ids=id_bytes(works),
            positions=positions,
            fitted=len(works),
            drawn_at=now(),
            seed=0,
        )
    )
    return {str(work): (x, y) for work, (x, y) in zip(works, positions.tolist(), strict=True)}


def test_a_map_is_positions_ids_and_colours_in_one_order(
    asking: TestClient, filled: Deployment, places: dict[str, tuple[int, int]]
) -> None:
    (listed,) = asking.get("/api/maps").json()["maps"]
    assert (listed["model"], listed["works"], listed["fitted"]) == (MODEL, 24, 24)
    assert {"style", "artist", "year"} <= set(listed["facets"])
    positions = np.frombuffer(asking.get(f"/api/maps/{MODEL}").content, "<u2").reshape(-1, 2)
    data = asking.get(f"/api/maps/{MODEL}/ids").content
    ids = [str(UUID(bytes=data[start : start + 16])) for start in range(0, len(data), 16)]
    assert {work: (x, y) for work, (x, y) in zip(ids, positions.tolist(), strict=True)} == places
    for by in listed["facets"]:
        coloured = asking.get(f"/api/maps/{MODEL}/colours", params={"by": by, "most": 2}).json()
        assert coloured["version"] == listed["version"]
        categories = np.frombuffer(base64.b64decode(coloured["categories"]), np.uint8)
        legend = coloured["legend"]
        counts = np.bincount(categories, minlength=len(legend)).tolist()
        assert counts == [item["count"] for item in legend]
        if by == "year":
            continue
        for work, category in zip(ids, categories, strict=True):
            value = asking.get(f"/api/artworks/{work}").json()[by]
            found = legend[category]
            assert found["kind"] == ("none" if value is None else found["kind"])
            assert found["label"] in {value, ""}


def test_what_was_fetched_is_kept_until_the_map_changes(
    asking: TestClient, places: dict[str, tuple[int, int]]
) -> None:
    version = asking.get("/api/maps").json()["maps"][0]["version"]
    for path in (f"/api/maps/{MODEL}", f"/api/maps/{MODEL}/ids"):
        first = asking.get(path, params={"v": version})
        assert "immutable" in first.headers["cache-control"]
        assert "immutable" not in asking.get(path, params={"v": "x"}).headers["cache-control"]
        again = asking.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_an_area_gives_its_works_page_by_page(
    asking: TestClient, places: dict[str, tuple[int, int]]
) -> None:
    path, area = f"/api/maps/{MODEL}/works", {"area": str(LEFT_HALF)}
    found = asking.get(path, params=area).json()
    inside = {work for work, (x, _) in places.items() if x < 32_767}
    assert 5 < len(inside) == found["total"]
    assert {work["id"] for work in found["works"]} == inside
    pages: list[Any] = []
    for offset in range(0, len(inside), 4):
        page = asking.get(path, params=area | {"limit": 4, "offset": offset}).json()
        pages += page["works"]
    assert pages == found["works"]


def test_what_is_not_there_or_makes_no_sense_is_a_problem(
    asking: TestClient, filled: Deployment, places: dict[str, tuple[int, int]]
) -> None:
    def refused(path: str) -> tuple[int, str]:
        answer = asking.get(f"/api/maps/{path}")
        return answer.status_code, answer.json()["type"].rpartition(":")[2]

    assert refused("edge_grid") == (404, "no-map")
    assert refused("nothing/ids") == (404, "no-map")
    assert refused(f"{MODEL}/works?area=AAAA") == (400, "invalid-area")
    assert refused(f"{MODEL}/works") == (422, "invalid-request")
    assert refused(f"{MODEL}/colours?by=title") == (422, "invalid-request")
    filled.map_store.path(filled.index.specs[MODEL]).write_bytes(b"no map")
    assert refused(MODEL) == (503, "unavailable")
    assert asking.get("/api/maps").json() == {"maps": []}
