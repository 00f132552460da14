"""Decoding keeps to its memory: smaller pictures, waiting threads, and refusals that say why."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from benchmarks import hostile_picture_files as hostile
from embedders import ImageLimits, UnreadableImage, decode_image, decoded
from embedders.image_limits import DecodingRoom

Encode = Callable[..., bytes]
MEGABYTE = 2**20


def refusal(data: bytes, limits: ImageLimits | None = None) -> UnreadableImage:
    with pytest.raises(UnreadableImage) as caught:
        decode_image(data, limits or ImageLimits())
    return caught.value


@pytest.fixture(scope="module")
def large() -> Image.Image:
    """Twelve megapixels: 46 MB as RGB, 69 with a band's room and the pixels it is made from."""
    return Image.linear_gradient("L").resize((4_000, 3_000))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file_format", "mode", "most"),
    [
        ("PNG", "I;16", 60),
        ("PNG", "RGBA", 75),
        ("TIFF", "CMYK", 75),
        ("JPEG", "RGB", 40),
        ("JPEG", "CMYK", 60),
        ("JPEG2000", "L", 40),
    ],
)
def test_a_picture_that_would_take_too_much_is_decoded_smaller(
    file_format: str, mode: str, most: int, large: Image.Image, encode: Encode
) -> None:
    if mode == "I;16":
        data = encode(Image.fromarray(np.asarray(large).astype(np.uint16) * 257), file_format)
    else:
        data = encode(large.convert(mode), file_format)
    whole = decode_image(data)
    assert whole.size == (4_000, 3_000)
    with decoded(data, ImageLimits(decode_bytes=most * MEGABYTE)) as found:
        assert (found.width, found.height) == (4_000, 3_000)
        assert found.picture.size in ((2_000, 1_500), (1_000, 750))
        small = np.asarray(found.picture.resize((40, 30))).astype(int)
    assert np.abs(small - np.asarray(whole.resize((40, 30)))).max() <= 3


@pytest.mark.slow
def test_a_picture_that_fits_in_has_the_pixels_it_always_had(
    large: Image.Image, encode: Encode
) -> None:
    for data in (encode(large, "JPEG"), encode(large.convert("RGBA"), "PNG")):
        tight = ImageLimits(decode_bytes=118 * MEGABYTE)
        assert decode_image(data, tight).tobytes() == decode_image(data).tobytes()


def test_a_turned_picture_is_decoded_smaller_where_turning_it_would_take_too_much() -> None:
    exif = hostile.png_chunk(b"eXIf", hostile.turned_exif(6))
    data = hostile.png_of_zeros(4_000, 3_000, before=exif)
    with decoded(data, ImageLimits(decode_bytes=90 * MEGABYTE)) as found:
        assert (found.width, found.height) == (3_000, 4_000)
        assert found.picture.size == (1_500, 2_000)


def test_what_cannot_be_decoded_smaller_is_refused_before_a_pixel_is_decoded() -> None:
    data = hostile.png_of_zeros(4_000, 3_000)
    start = time.perf_counter()
    error = refusal(data, ImageLimits(decode_bytes=30 * MEGABYTE))
    assert time.perf_counter() - start < 0.1
    assert error.reason == "too much to decode"
    assert "46 MB of memory, 30 MB are allowed" in str(error)
    assert "VASARI" not in str(error)


@pytest.mark.parametrize(
    "data",
    [
        hostile.directory_bomb(MEGABYTE),
        hostile.png_of_zeros(
            8, 8, before=hostile.png_chunk(b"eXIf", hostile.directory_bomb(MEGABYTE))
        ),
        hostile.png_of_zeros(8, 8, before=hostile.png_chunk(b"prVt", b"") * 100_000),
        b"P5\n#" + b"c" * MEGABYTE + b"\n4 4\n255\n" + bytes(16),
        b"qoif" + bytes([0, 0, 8, 0, 0, 0, 8, 0, 3, 0]) + b"\xfd" * 70_000 + bytes(8),
    ],
    ids=["TIFF directory", "EXIF block", "PNG blocks", "PPM comment", "QOI"],
)
def test_a_file_that_would_keep_a_reader_busy_is_refused_at_once(data: bytes) -> None:
    start = time.perf_counter()
    assert refusal(data).reason in ("damaged image", "too much to decode")
    assert time.perf_counter() - start < 1


def test_a_comment_of_megabytes_and_hundreds_of_scans_are_refused_at_once(
    picture: Image.Image, encode: Encode
) -> None:
    gif = encode(picture.convert("P"), "GIF")
    colours = 13 + 3 * 2 ** ((gif[10] & 7) + 1)
    comment = b"\x21\xfe" + (b"\xff" + b"c" * 255) * 50_000 + b"\0"
    assert refusal(gif[:colours] + comment + gif[colours:]).reason == "damaged image"
    jpeg = encode(picture, "JPEG", progressive=True)
    last = jpeg.rindex(b"\xff\xda")
    assert "200 scans" not in str(decode_image(jpeg))
    many = jpeg[:last] + jpeg[last:-2] * 200 + jpeg[-2:]
    assert "scans, 100 are allowed" in str(refusal(many))


@pytest.mark.slow
def test_a_hostile_picture_is_decoded_or_refused_with_a_reason() -> None:
    chance = random.Random(11)
    limits = ImageLimits(decode_bytes=256 * MEGABYTE)
    for _ in range(80):
        kind, data = hostile.draw(chance)
        start = time.perf_counter()
        try:
            decode_image(data, limits)
        except UnreadableImage as error:
            assert error.reason  # noqa: PT017
        assert time.perf_counter() - start < 20, kind


def test_pillow_says_nothing_about_hostile_pictures() -> None:
    broken = BytesIO()
    Image.new("RGB", (8, 8)).save(broken, "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff\0")
    data = [broken.getvalue(), hostile.png_of_zeros(20_000, 15_000, bits=1, kind=0)[:100]]
    code = (
        "from embedders import decode_image, UnreadableImage\n"
        f"for data in {data!r}:\n"
        "    try: decode_image(data)\n"
        "    except UnreadableImage: pass"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60
    )
    assert done.stderr == ""


def test_threads_wait_until_their_bytes_are_free_and_nobody_is_passed_over() -> None:
    room = DecodingRoom()
    limits = ImageLimits(decode_bytes=100 * MEGABYTE)
    inside: list[int] = []
    most, order = 0, []

    def decode(size: int) -> None:
        nonlocal most
        with room.taken(size * MEGABYTE, limits):
            inside.append(size)
            order.append(size)
            most = max(most, sum(inside))
            time.sleep(0.02)
            inside.remove(size)

    threads = []
    for size in (60, 90, 30, 30, 500, 50, 50):
        threads.append(threading.Thread(target=decode, args=(size,)))
        threads[-1].start()
        time.sleep(0.002)
    for thread in threads:
        thread.join(10)
    assert order == [60, 90, 30, 30, 500, 50, 50]
    assert most == 500  # the one that fits in nowhere, alone
    assert not inside
