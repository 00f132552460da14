"""Every part of a large picture is what the whole has there, and the disk it takes is bounded."""

import io
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from PIL import Image

from catalog.artworks import ArtworkFacts
from embedders import DEFAULT_LIMITS, UnreadableImage
from ingest.image_store import ImageStore
from ingest.large_pictures import LargePictures
from ingest.originals import Originals
from ingest.tiled_pictures import FlatPicture, Part, TileStore, scale_factors
from tests.pictures import draw

SIZE = (2_300, 1_501)
SHA = "a" * 64


def _smooth(size: tuple[int, int] = SIZE) -> Image.Image:
    """A picture whose colours say where in it one is."""
    across = np.linspace(0, 255, size[0])[None, :].repeat(size[1], 0)
    down = np.linspace(0, 255, size[1])[:, None].repeat(size[0], 1)
    return Image.fromarray(np.dstack([across, down, 255 - across]).round().astype(np.uint8))


def _opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=["JPEG"])


def _difference(one: Image.Image, other: Image.Image) -> float:
    assert one.size == other.size
    gap = np.asarray(one, dtype=np.int16) - np.asarray(other, dtype=np.int16)
    return float(np.abs(gap).max())


def _work(file: Path) -> ArtworkFacts:
    data = file.read_bytes()
    return replace(
        _facts(), image_location=str(file), image_sha256=sha256(data).hexdigest(), title="A work"
    )


def _facts() -> ArtworkFacts:
    values = dict.fromkeys(ArtworkFacts.__dataclass_fields__)
    return ArtworkFacts(**{**values, "id": uuid4(), "extra": {}})  # type: ignore[arg-type]


@pytest.fixture
def tiles(tmp_path: Path) -> TileStore:
    return TileStore(tmp_path / "tiles", most_bytes=2**30)


@pytest.fixture
def pictures(tmp_path: Path, tiles: TileStore) -> LargePictures:
    return LargePictures(
        tiles,
        store=ImageStore(tmp_path / "thumbnails"),
        originals=Originals(tmp_path / "originals"),
        limits=DEFAULT_LIMITS,
        with_originals=True,
    )


def test_every_tile_shows_its_place_at_every_scale(tiles: TileStore) -> None:
    whole = _smooth()
    made = tiles.make(SHA, whole)
    assert made.size == SIZE
    archive = zipfile.ZipFile(made.path)
    for level, factor in enumerate(scale_factors(SIZE)):
        width, height = -(-SIZE[0] // factor), -(-SIZE[1] // factor)
        for left in range(0, SIZE[0], 512 * factor):
            for top in range(0, SIZE[1], 512 * factor):
                right, lower = min(SIZE[0], left + 512 * factor), min(SIZE[1], top + 512 * factor)
                size = (
                    min(512, width - left // factor),
                    min(512, height - top // factor),
                )
                part = Part(left, top, right - left, lower - top, size)
                data = made.jpeg(part)
                # As it is kept, and not decoded and encoded once more.
                name = f"{level}/{left // 512 // factor}-{top // 512 // factor}"
                assert data == archive.read(name)
                shown = _opened(data)
                expected = whole.resize(size, Image.Resampling.BOX, (left, top, right, lower))
                assert _difference(shown, expected) <= 8


@pytest.mark.parametrize(
    "part",
    [
        Part(0, 0, 2_300, 1_501, (512, 334)),
        Part(0, 0, 2_300, 1_501, (2_048, 1_337)),
        Part(700, 300, 1_000, 900, (333, 300)),
        Part(1_999, 1_200, 301, 301, (301, 301)),
        Part(511, 511, 2, 2, (2, 2)),
        Part(2_299, 1_500, 1, 1, (1, 1)),
    ],
)
def test_any_part_is_the_same_from_tiles_and_from_memory(tiles: TileStore, part: Part) -> None:
    whole = _smooth()
    made = tiles.make(SHA, whole)
    box = (part.left, part.top, part.left + part.width, part.top + part.height)
    expected = whole.resize(part.size, Image.Resampling.BOX, box)
    small = FlatPicture(whole.resize((1_150, 751)), SIZE)
    for picture in (made, FlatPicture(whole, SIZE), small):
        assert _difference(picture.picture(part), expected) <= 8
    assert made.shows(part)
    assert small.shows(part) == (part.scale * 1_150 >= SIZE[0])


def test_what_was_not_looked_at_longest_makes_room(tmp_path: Path) -> None:
    picture = draw(3, width=900, height=700)
    names = ["a" * 64, "b" * 64, "c" * 64]
    size = TileStore(tmp_path / "one", most_bytes=2**30).make(SHA, picture).path.stat().st_size
    store = TileStore(tmp_path / "tiles", most_bytes=int(2.5 * size))
    for age, name in enumerate(names[:2]):
        path = store.make(name, picture).path
        os.utime(path, (age + 1, age + 1))
    assert store.kept(names[0]) is not None  # looked at just now
    store.make(names[2], picture)
    assert [store.kept(name) is not None for name in names] == [True, False, True]


def test_damaged_tiles_are_made_anew(tiles: TileStore) -> None:
    made = tiles.make(SHA, _smooth())
    data = bytearray(made.path.read_bytes())
    data[2_000] ^= 0xFF
    made.path.write_bytes(data)
    damaged = tiles.kept(SHA)
    assert damaged is not None
    with pytest.raises(OSError, match="damaged"):
        damaged.jpeg(Part(0, 0, 512, 512, (512, 512)))
    assert tiles.kept(SHA) is None
    tiles.path(SHA).write_bytes(b"no archive")
    assert tiles.kept(SHA) is None


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_the_original_is_looked_into(pictures: LargePictures, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"work.{suffix}"
    _smooth().save(file, quality=95)
    work = _work(file)
    large = pictures.of(work)
    assert large.first.result(60).size == SIZE
    whole = large.whole.result(60)
    part = Part(100, 100, 300, 300, (300, 300))
    expected = _smooth().crop((100, 100, 400, 400))
    assert _difference(whole.picture(part), expected) <= 8
    file.unlink()  # the tiles are kept
    assert pictures.of(work).whole.result(0).size == SIZE


def test_many_who_ask_at_once_get_one_and_the_same(pictures: LargePictures, tmp_path: Path) -> None:
    file = tmp_path / "work.jpg"
    _smooth().save(file)
    work = _work(file)
    with ThreadPoolExecutor(8) as threads:
        asked = list(threads.map(lambda _: pictures.of(work).whole.result(60).size, range(32)))
    assert set(asked) == {SIZE}


def test_where_the_original_is_gone_or_another_the_thumbnail_is_shown(
    pictures: LargePictures, tmp_path: Path
) -> None:
    file = tmp_path / "work.jpg"
    _smooth().save(file)
    work = _work(file)
    ImageStore(tmp_path / "thumbnails").save_thumbnail(str(work.image_sha256), _smooth())
    _smooth((1_000, 1_000)).save(file)
    for _ in range(2):
        assert pictures.of(work).whole.result(60).size == (512, 334)


def test_an_original_that_cannot_be_decoded_shows_the_thumbnail(
    pictures: LargePictures, tmp_path: Path
) -> None:
    file = tmp_path / "work.jpg"
    _smooth().save(file)
    file.write_bytes(file.read_bytes()[:20_000])
    work = _work(file)
    ImageStore(tmp_path / "thumbnails").save_thumbnail(str(work.image_sha256), _smooth())
    large = pictures.of(work)
    assert large.whole.result(60).size == (512, 334)
    assert large.first.result(60).size == (512, 334)


def test_where_there_is_nothing_those_who_wait_are_told(
    pictures: LargePictures, tmp_path: Path
) -> None:
    file = tmp_path / "work.jpg"
    _smooth().save(file)
    work = _work(file)
    file.unlink()
    large = pictures.of(work)
    with pytest.raises(UnreadableImage):
        large.first.result(60)
    with pytest.raises(UnreadableImage):
        large.whole.result(60)


def test_a_museum_can_have_only_thumbnails_shown(tiles: TileStore, tmp_path: Path) -> None:
    file = tmp_path / "work.jpg"
    _smooth().save(file)
    work = _work(file)
    store = ImageStore(tmp_path / "thumbnails")
    store.save_thumbnail(str(work.image_sha256), _smooth())
    pictures = LargePictures(
        tiles,
        store=store,
        originals=Originals(tmp_path / "originals"),
        limits=DEFAULT_LIMITS,
        with_originals=False,
    )
    assert pictures.of(work).whole.result(0).size == (512, 334)
