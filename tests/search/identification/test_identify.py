"""Naming the work in a photo however it is hung, turned and lit, if it is there at all."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from catalog.artworks import list_artworks
from catalog.filters import Filter
from deployment import Deployment
from embedders import ImageLimits, UnreadableImage
from evaluation.perturbations import blurred
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from maintenance.keypoints import make_keypoints
from search.identification.identify import Identification, identify, model_for_identifying
from search.identification.keypoint_files import KeypointFiles
from search.identification.keypoint_store import KeypointStore
from search.identification.local_features import extract
from search.identification.match_drawing import draw_matches
from search.identification.shortcomings import shortcoming_of
from search.index.contract import UnknownVector
from search.query import InvalidQuery
from settings import Settings
from tests.maintenance.test_keypoints import Told
from tests.paintings import WALL, hang, make_gallery, paint, slanted
from ui.documents.identification import identification_document

WORKS = 24
FEW = "few details"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedded collection of paintings."""
    folder = tmp_path_factory.mktemp("gallery")
    settings = Settings(home=folder / "home", models=("edge_grid", "colour_grid"), batch_size=8)
    with Deployment(settings) as deployment:
        embedders = [deployment.embedder(name) for name in settings.models]
        source = FolderReader(make_gallery(folder / "works", WORKS))
        assert ingest(source, deployment.ingest_context(embedders)).failed == 0
    return folder / "home"


@pytest.fixture
def gallery(home: Path) -> Iterator[Deployment]:
    with Deployment(Settings(home=home, models=("edge_grid", "colour_grid"))) as deployment:
        yield deployment


Ask = Callable[..., Identification]


@pytest.fixture
def ask(gallery: Deployment) -> Ask:
    embedder = gallery.embedder(model_for_identifying(gallery.index))

    def asked(photo: Image.Image | Path | bytes, **options: object) -> Identification:
        return identify(
            photo,
            index=gallery.index,
            database=gallery.database,
            embedder=embedder,
            keypoints=gallery.keypoint_store,
            **options,  # type: ignore[arg-type]
        )

    return asked


def _turned(picture: Image.Image, degrees: float) -> Image.Image:
    return picture.rotate(degrees, expand=True, fillcolor=WALL, resample=Image.Resampling.BICUBIC)


PHOTOS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as it is": lambda work: work,
    "framed on a wall": lambda work: hang([work]),
    "upside down": lambda work: _turned(hang([work]), 180),
    "turned by 77 degrees": lambda work: _turned(hang([work]), 77),
    "seen from the side": lambda work: slanted(hang([work])),
    "half of it": lambda work: work.crop((60, 30, 330, 230)),
    "dark and reddish": lambda work: ImageEnhance.Brightness(
        Image.merge(
            "RGB",
            [
                band.point(lambda v, k=k: int(v * k))
                for band, k in zip(work.split(), (1.0, 0.75, 0.6), strict=True)
            ],
        )
    ).enhance(0.5),
    "large": lambda work: hang([work]).resize((2400, 2000), Image.Resampling.BICUBIC),
}


@pytest.mark.slow
@pytest.mark.parametrize("how", PHOTOS)
def test_a_work_is_named_however_it_is_photographed(ask: Ask, how: str) -> None:
    found = ask(PHOTOS[how](paint(5)))
    assert found.verdict == "same"
    assert found.artwork is not None
    assert found.artwork.title == "Picture 5"
    assert found.confidence > 0.99
    assert found.inliers > 25
    assert found.candidates[0].artwork == found.artwork
    assert [work.match.mirrored for work in found.works] == [False]


@pytest.mark.slow
def test_the_outline_and_the_turn_are_those_of_the_work_in_the_photo(ask: Ask) -> None:
    photo = hang([paint(6)])
    for scale in (1, 4):
        large = photo.resize((photo.width * scale, photo.height * scale), Image.Resampling.BICUBIC)
        (work,) = ask(large).works
        expected = scale * np.array([[70, 70], [430, 70], [430, 350], [70, 350]])
        assert work.match.outline is not None
        np.testing.assert_allclose(work.match.outline, expected, atol=4 * scale)
    (work,) = ask(_turned(photo, -90)).works
    assert work.match.rotation == pytest.approx(90, abs=2)


def test_the_outline_is_in_pixels_of_the_photo_also_where_it_was_decoded_smaller(
    ask: Ask,
) -> None:
    photo = hang([paint(6)])
    large = BytesIO()
    photo.resize((photo.width * 4, photo.height * 4)).save(large, "JPEG", quality=90)
    (work,) = ask(large.getvalue(), limits=ImageLimits(decode_bytes=8_000_000)).works
    expected = 4 * np.array([[70, 70], [430, 70], [430, 350], [70, 350]])
    assert work.match.outline is not None
    np.testing.assert_allclose(work.match.outline, expected, atol=16)


def test_a_mirror_image_is_recognised_and_said_to_be_one(ask: Ask) -> None:
    (work,) = ask(ImageOps.mirror(hang([paint(7)]))).works
    assert work.artwork.title == "Picture 7"
    assert work.match.mirrored
    # Its left is to the right.
    expected = np.array([[431, 70], [71, 70], [71, 350], [431, 350]])
    assert work.match.outline is not None
    np.testing.assert_allclose(work.match.outline, expected, atol=5)


@pytest.mark.slow
def test_every_work_on_a_wall_is_found(ask: Ask) -> None:
    shown = [3, 8, 13, 21]
    for photo in (
        hang([paint(s) for s in shown], columns=2),
        _turned(hang([paint(s) for s in shown], columns=2), 90),
    ):
        found = ask(photo)
        assert {work.artwork.title for work in found.works} == {f"Picture {s}" for s in shown}
        assert found.artwork == found.works[0].artwork
        middles = [
            work.match.outline.mean(axis=0)
            for work in found.works
            if work.match.outline is not None
        ]
        apart = [np.linalg.norm(a - b) for n, a in enumerate(middles) for b in middles[:n]]
        assert min(apart) > 250


@pytest.mark.slow
def test_a_work_that_is_not_there_is_absent_and_described_by_its_neighbours(ask: Ask) -> None:
    for seed in (1_001, 1_002, 1_003):
        found = ask(hang([paint(seed)]))
        assert found.verdict == "absent"
        assert found.artwork is None
        assert found.works == ()
        assert found.confidence < 0.1
        assert len(found.candidates) == 5
        for name in ("style", "genre", "artist", "century"):
            shares = [item.share for item in found.attributes[name]]
            assert shares == sorted(shares, reverse=True)
            assert 0.99 < sum(shares) <= 1 + 1e-9


def test_works_can_be_left_out_and_filtered(gallery: Deployment, ask: Ask) -> None:
    with gallery.database.transaction() as session:
        works = list_artworks(session, Filter()).artworks
    (fifth,) = [work for work in works if work.title == "Picture 5"]
    assert ask(paint(5), without=[fifth.id]).verdict == "absent"
    assert ask(paint(5), wanted=Filter(source=("no such source",))).candidates == ()
    assert ask(paint(5), wanted=Filter(source=(fifth.source,))).artwork == fifth


def test_the_answer_is_the_same_with_keypoints_on_demand_ahead_and_vanishing(
    gallery: Deployment, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = hang([paint(4), paint(9)], columns=2)

    def answer(files: KeypointFiles) -> dict[str, Any]:
        gallery.keypoint_store = KeypointStore(files, gallery.thumbnail_of)
        return identification_document("photo", replace(ask(photo), timings_ms={}))

    on_demand = answer(KeypointFiles(tmp_path / "on demand", 10**9))
    assert {work["title"] for work in on_demand["works"]} == {"Picture 4", "Picture 9"}
    ahead = KeypointFiles(tmp_path / "ahead", 10**9)
    assert make_keypoints(gallery.database, ahead, gallery.thumbnail_of, Told()).made == WORKS
    assert answer(ahead) == on_demand
    # Without any room each file goes with the next one of its folder: here all are in one.
    none = KeypointFiles(tmp_path / "none", 0)
    monkeypatch.setattr(
        KeypointFiles, "path", lambda files, image: files.folder / "all" / f"{image}.npz"
    )
    assert answer(none) == on_demand
    assert len(list((none.folder / "all").iterdir())) <= 1


def _darkened(picture: Image.Image, light: float) -> Image.Image:
    return picture.point(lambda level: round(level * light))


POOR: dict[str, Callable[[Image.Image], Image.Image]] = {
    "blurred": lambda work: blurred(work, 20),
    "blurred on a wall": lambda work: blurred(hang([work]), 20),
    "in the dark": lambda work: _darkened(work, 0.01),
}
NOTHING: dict[str, Image.Image] = {
    "one pixel": Image.new("RGB", (1, 1), (130, 120, 90)),
    "a line": Image.new("RGB", (2, 900), (130, 120, 90)),
    "white": Image.new("RGB", (600, 400), "white"),
    "black": Image.new("RGB", (600, 400)),
    "red": Image.new("RGB", (600, 400), (200, 20, 20)),
    "a gradient": Image.linear_gradient("L").resize((600, 400)).convert("RGB"),
    "a soft light": Image.radial_gradient("L").resize((600, 400)).convert("RGB"),
} | {
    f"{how} {seed}": change(paint(seed))
    for seed in (0, 5, 11, 17, 1_001)
    for how, change in POOR.items()
}


@pytest.mark.parametrize("what", NOTHING)
def test_a_photo_that_shows_too_little_is_neither_given_a_work_nor_called_absent(
    ask: Ask, what: str
) -> None:
    found = ask(NOTHING[what])
    assert found.verdict == "unsure"
    assert found.artwork is None
    assert found.works == ()
    assert found.confidence < 0.1
    assert found.shows_too_little == ("too dark" if "dark" in what or what == "black" else FEW)


def test_the_same_works_are_named_in_good_photos_and_in_dim_ones(ask: Ask) -> None:
    for light in (1, 0.1, 0.04):
        found = ask(_darkened(hang([paint(5)]), light))
        assert found.verdict == "same"
        assert found.artwork is not None
        assert found.artwork.title == "Picture 5"
        assert found.shows_too_little is None


def test_a_work_that_is_not_there_is_not_called_absent_in_a_photo_it_could_not_be_found_in(
    ask: Ask,
) -> None:
    work = paint(1_001)
    assert ask(work).shows_too_little is None
    assert ask(work).verdict == "absent"
    grain = np.random.default_rng(0).normal(0, 1, (work.height, work.width, 3))
    for poor in (
        blurred(work, 8),
        Image.fromarray(np.clip(np.asarray(work) + 150 * grain, 0, 255).astype(np.uint8)),
    ):
        assert ask(poor).verdict == "unsure"
        assert ask(poor).artwork is None


def test_a_work_with_few_points_is_named_by_those_it_has(ask: Ask) -> None:
    corner = paint(5).crop((60, 40, 230, 180))
    found = ask(corner)
    assert found.verdict == "same"
    assert found.artwork is not None
    assert found.artwork.title == "Picture 5"
    seen = extract(np.asarray(corner), side=720, most=1_600)
    assert shortcoming_of(np.asarray(corner), seen) == FEW


def test_a_phones_photo_names_its_work(ask: Ask) -> None:
    photo = BytesIO()
    hang([paint(5)]).save(photo, "HEIF", quality=60, tile_size=256)
    found = ask(photo.getvalue())
    assert found.verdict == "same"
    assert found.artwork is not None
    assert found.artwork.title == "Picture 5"


def test_a_picture_that_cannot_be_used_is_refused(ask: Ask) -> None:
    with pytest.raises(UnreadableImage, match="not an image"):
        ask(b"no picture")
    with pytest.raises(UnreadableImage, match="too many pixels"):
        ask(paint(1), limits=ImageLimits(pixels=1_000))
    with pytest.raises(InvalidQuery, match="top"):
        ask(paint(1), top=0)


def test_the_index_must_hold_the_models_vectors(gallery: Deployment, tmp_path: Path) -> None:
    with Deployment(Settings(home=tmp_path / "empty")) as empty:
        with pytest.raises(UnknownVector):
            model_for_identifying(empty.index)
        with pytest.raises(UnknownVector):
            identify(
                paint(1),
                index=empty.index,
                database=empty.database,
                embedder=gallery.embedder("edge_grid"),
                keypoints=empty.keypoint_store,
            )


@pytest.mark.slow
def test_the_evidence_can_be_drawn(gallery: Deployment, ask: Ask) -> None:
    photo = hang([paint(5), paint(9)], columns=2)
    found = ask(photo)
    stored = gallery.thumbnail_of(found.works[0].artwork)
    drawing = draw_matches(photo, stored, found.works)
    bare = draw_matches(photo, stored, found.works[:1])
    assert drawing.size == bare.size
    # The second work's outline is in the first only.
    assert np.asarray(drawing).tolist() != np.asarray(bare).tolist()
    with pytest.raises(ValueError, match="nothing to draw"):
        draw_matches(photo, stored, [])
