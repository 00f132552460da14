"""What cannot be read is refused, quickly and with a reason."""

import os
import pickle
import random
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from embedders import ImageLimits, UnreadableImage, decode_image

Encode = Callable[..., bytes]
FORMATS = ["PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP", "PPM", "JPEG2000", "AVIF", "HEIF"]


def refusal(image: object, **limits: int) -> UnreadableImage:
    with pytest.raises(UnreadableImage) as caught:
        decode_image(image, ImageLimits(**limits))  # type: ignore[arg-type]
    return caught.value


def png_of_zeros(side: int) -> bytes:
    """A valid grey PNG of a few kilobytes, however large its side."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    squeezer = zlib.compressobj(9)
    row = bytes(side // 8 + 1)
    pixels = b"".join(squeezer.compress(row) for _ in range(side)) + squeezer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def test_a_decompression_bomb_is_refused_before_a_pixel_is_decoded() -> None:
    bomb = png_of_zeros(30_000)
    assert len(bomb) < 200_000
    start = time.perf_counter()
    error = refusal(bomb)
    assert time.perf_counter() - start < 0.5
    assert error.reason == "too many pixels"
    assert "900000000 pixels" in str(error)


def test_only_the_given_pixel_limit_counts_whatever_pillow_is_set_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert decode_image(png_of_zeros(64)).size == (64, 64)
    assert refusal(png_of_zeros(64), pixels=64 * 64 - 1).reason == "too many pixels"
    assert decode_image(png_of_zeros(64), ImageLimits(pixels=64 * 64)).size == (64, 64)
    assert refusal(Image.new("L", (65, 64)), pixels=64 * 64).reason == "too many pixels"


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9, 0.99])
def test_a_truncated_file_is_refused_and_never_filled_with_grey(
    file_format: str, kept: float, picture: Image.Image, encode: Encode
) -> None:
    whole = encode(picture, file_format)
    try:
        decoded = decode_image(whole[: int(len(whole) * kept)])
    except UnreadableImage as error:
        assert error.reason in ("truncated image", "damaged image", "not an image")  # noqa: PT017
    else:
        # What was cut off held no pixels.
        assert decoded.tobytes() == decode_image(whole).tobytes()


def test_truncation_is_called_by_its_name(picture: Image.Image, encode: Encode) -> None:
    for file_format in ("PNG", "JPEG", "BMP"):
        whole = encode(picture, file_format)
        assert refusal(whole[: len(whole) // 2]).reason == "truncated image"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("file_format", FORMATS)
def test_hostile_bytes_raise_nothing_but_unreadable_image(
    file_format: str, picture: Image.Image, encode: Encode
) -> None:
    small = picture.resize((48, 32))
    whole = encode(small, file_format)
    chance = random.Random(file_format)
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 12)):
            damaged[chance.randrange(min(len(damaged), 400))] = chance.randrange(256)
        try:
            decode_image(bytes(damaged), ImageLimits(pixels=1_000_000))
        except UnreadableImage as error:
            assert error.reason  # noqa: PT017


def test_each_kind_of_failure_has_its_reason(tmp_path: Path, picture: Image.Image) -> None:
    empty = tmp_path / "empty.jpg"
    empty.touch()
    text = tmp_path / "text.jpg"
    text.write_text("<html>404 Not Found</html>")
    large = tmp_path / "large.png"
    picture.save(large)
    assert refusal(empty).reason == refusal(b"").reason == "empty file"
    assert refusal(text).reason == refusal(b"%!PS-Adobe-3.0 EPSF-3.0").reason == "not an image"
    assert refusal(large, file_bytes=100).reason == "file too large"
    assert refusal(large.read_bytes(), file_bytes=100).reason == "file too large"
    assert refusal(tmp_path / "absent.jpg").reason == "file not found"
    assert refusal(tmp_path).reason == "unreadable file"
    assert refusal(Path("a\0b")).reason == "unreadable file"
    assert refusal(Image.new("RGB", (0, 5))).reason == "not an image"


def test_a_named_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    assert refusal(pipe).reason == "unreadable file"


def test_a_file_without_permission_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret.jpg"
    file.write_bytes(b"x")

    def refuse(*args: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert refusal(file).reason == "permission denied"


def test_an_image_whose_file_was_closed_is_refused(picture: Image.Image, tmp_path: Path) -> None:
    picture.save(tmp_path / "picture.png")
    with Image.open(tmp_path / "picture.png") as opened:
        pass
    assert refusal(opened).reason == "damaged image"


def test_the_error_crosses_process_boundaries() -> None:
    error = pickle.loads(pickle.dumps(UnreadableImage("not an image", "it is a poem")))
    assert (error.reason, str(error)) == ("not an image", "not an image: it is a poem")


def test_a_picture_of_a_single_pixel_or_line_is_still_a_picture() -> None:
    for size in ((1, 1), (1, 5000), (5000, 1)):
        assert np.asarray(decode_image(Image.new("RGB", size, "red"))).shape == (*size[::-1], 3)
