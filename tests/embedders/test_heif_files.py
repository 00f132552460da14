"""Photographs of phones are read, and none of them takes more than it says."""

import struct
import time
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from embedders import DEFAULT_LIMITS, ImageLimits, UnreadableImage, decode_image

Encode = Callable[..., bytes]
ORIENTATION = 0x0112


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A picture whose four quarters differ."""
    small = np.array([[[200, 40, 40], [40, 160, 60]], [[50, 60, 190], [220, 210, 190]]], np.uint8)
    return Image.fromarray(small).resize((320, 240), Image.Resampling.NEAREST)


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _crafted(*boxes: bytes) -> bytes:
    whole = struct.pack(">IH", 0, 1)
    start = _box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    return start + _box(b"meta", bytes(4), _box(b"pitm", whole), *boxes) + bytes(300)


def _sizes(*sizes: tuple[int, int]) -> bytes:
    """Give items 1, 2, … these sizes."""
    listed = _box(b"ipco", *(_box(b"ispe", struct.pack(">III", 0, *size)) for size in sizes))
    pairs = b"".join(struct.pack(">HBB", place, 1, place) for place in range(1, len(sizes) + 1))
    return _box(b"iprp", listed, _box(b"ipma", struct.pack(">II", 0, len(sizes)), pairs))


def _made_of(item: int, *parts: int, kind: bytes = b"dimg") -> bytes:
    ids = struct.pack(f">HH{len(parts)}H", item, len(parts), *parts)
    return _box(b"iref", bytes(4), _box(kind, ids))


def _placed(*lengths: int) -> bytes:
    """Place items 1, 2, …, each in one extent from the beginning of the file."""
    items = b"".join(
        struct.pack(">HHHII", item, 0, 1, 0, length) for item, length in enumerate(lengths, start=1)
    )
    return _box(b"iloc", struct.pack(">IBBH", 0, 0x44, 0, len(lengths)), items)


def _refusal(data: bytes, limits: ImageLimits = DEFAULT_LIMITS) -> UnreadableImage:
    start = time.perf_counter()
    with pytest.raises(UnreadableImage) as caught:
        decode_image(data, limits)
    assert time.perf_counter() - start < 5
    return caught.value


@pytest.mark.parametrize("options", [{}, {"tile_size": 128}, {"chroma": 444}], ids=str)
def test_a_phones_photograph_is_read(
    options: dict[str, int], photo: Image.Image, encode: Encode
) -> None:
    decoded = decode_image(encode(photo, "HEIF", quality=90, **options))
    assert decoded.mode == "RGB"
    assert decoded.info == {}
    assert np.abs(np.asarray(decoded).astype(int) - np.asarray(photo)).mean() < 4


def test_it_stands_upright_once_however_the_phone_was_held(
    photo: Image.Image, encode: Encode
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    decoded = decode_image(encode(photo, "HEIF", quality=90, exif=exif.tobytes()))
    expected = np.asarray(photo.transpose(Image.Transpose.ROTATE_270)).astype(int)
    assert np.abs(np.asarray(decoded) - expected).mean() < 4


def test_it_counts_against_the_limits_of_file_pixels_and_memory(
    photo: Image.Image, encode: Encode
) -> None:
    data = encode(photo, "HEIF")
    assert _refusal(data, ImageLimits(file_bytes=len(data) - 1)).reason == "file too large"
    assert _refusal(data, ImageLimits(pixels=320 * 240 - 1)).reason == "too many pixels"
    assert _refusal(data, ImageLimits(decode_bytes=9 * 320 * 240)).reason == "too much to decode"


def test_a_bomb_is_refused_by_what_it_claims(photo: Image.Image, encode: Encode) -> None:
    data = encode(photo, "HEIF")
    size = struct.pack(">II", 320, 240)
    assert size in data
    assert _refusal(data.replace(size, struct.pack(">II", 30_000, 30_000))).reason == (
        "too many pixels"
    )


def test_a_part_counts_that_claims_more_than_the_whole(photo: Image.Image, encode: Encode) -> None:
    data = encode(photo, "HEIF", tile_size=256)
    size = struct.pack(">II", 256, 256)
    assert size in data
    assert _refusal(data.replace(size, struct.pack(">II", 30_000, 30_000))).reason == (
        "too many pixels"
    )


def test_one_that_holds_more_pixels_than_it_claims_is_refused(
    photo: Image.Image, encode: Encode
) -> None:
    data = encode(photo.resize((1_600, 1_200)), "HEIF")
    size = struct.pack(">II", 1_600, 1_200)
    assert size in data
    assert _refusal(data.replace(size, struct.pack(">II", 64, 64))).reason == "damaged image"


BOMBS = {
    "one tile thousands of times": (
        "damaged image: it is put together of far too many pixels",
        _crafted(_sizes((512, 512), (512, 512)), _made_of(1, *[2] * 5_000)),
    ),
    "made of itself": (
        "damaged image: its items are nested too deeply",
        _crafted(_sizes((64, 64)), _made_of(1, 1)),
    ),
    "a thousand items in one place": (
        "damaged image: its items lie on top of each other",
        _crafted(_sizes((64, 64)), _placed(*[2**16] * 1_000)),
    ),
    "one block said of a thousand images": (
        "damaged image: its items lie on top of each other",
        _crafted(_sizes((64, 64)), _placed(2**16), _made_of(1, *range(1_000), kind=b"cdsc")),
    ),
    "boxes without end": ("damaged image", _crafted(*[_box(b"free")] * 70_000)),
    "a compressed description": (
        "damaged image",
        _crafted(_box(b"iinf", bytes(6), _box(b"infe", bytes(8), b"mime\0x\0deflate\0"))),
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_file_that_asks_for_more_than_it_has_is_refused_at_once(
    bomb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason, data = BOMBS[bomb]
    # Before the decoder has heard of it.
    monkeypatch.setattr(Image, "open", lambda *_args, **_options: pytest.fail("was opened"))
    assert reason in str(_refusal(data))
