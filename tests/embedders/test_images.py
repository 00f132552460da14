"""Pictures are read as what they are, in whatever form they come."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from embedders import decode_image

Encode = Callable[..., bytes]


def colour(image: Image.Image, x: int = 0, y: int = 0) -> tuple[int, ...]:
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return found


@pytest.mark.parametrize(
    "file_format", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "PPM", "JPEG2000"]
)
def test_path_bytes_and_pillow_image_give_equal_pixels(
    file_format: str, picture: Image.Image, encode: Encode, tmp_path: Path
) -> None:
    data = encode(picture, file_format)
    path = tmp_path / "picture"
    path.write_bytes(data)
    with Image.open(path) as opened:
        forms = [decode_image(form) for form in (path, data, opened)]
    assert all(form.mode == "RGB" and form.size == picture.size for form in forms)
    assert forms[0].tobytes() == forms[1].tobytes() == forms[2].tobytes()


def test_decoding_a_decoded_picture_changes_nothing_and_leaves_the_given_image_alone(
    picture: Image.Image, encode: Encode
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    once = decode_image(encode(picture, "JPEG", exif=exif))
    twice = decode_image(once)
    assert once.size == (300, 400)
    assert once.tobytes() == twice.tobytes()
    assert twice is not once
    assert not once.info


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured(orientation: int, file_format: str, encode: Encode) -> None:
    upright = Image.fromarray(np.kron([[0, 80, 160], [40, 120, 240]], np.ones((32, 32))) // 1 + 0)
    upright = upright.convert("L").convert("RGB")
    # What a camera stores is the upright picture turned the other way round.
    stored = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    turned = upright.transpose(stored[orientation]) if orientation in stored else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    decoded = decode_image(encode(turned, file_format, exif=exif))
    assert decoded.size == upright.size
    difference = np.asarray(decoded).astype(int) - np.asarray(upright)
    assert np.abs(difference).max() < 12


def test_a_broken_exif_block_does_not_fail_the_picture(
    picture: Image.Image, encode: Encode
) -> None:
    data = encode(picture, "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff\x00")
    assert decode_image(data).size == picture.size


def test_transparency_is_laid_on_white(encode: Encode) -> None:
    image = Image.new("RGBA", (4, 1), (255, 0, 0, 255))
    image.putpixel((1, 0), (255, 0, 0, 0))
    image.putpixel((2, 0), (0, 0, 0, 128))
    decoded = decode_image(encode(image, "PNG"))
    assert [colour(decoded, x) for x in range(3)] == [(255, 0, 0), (255, 255, 255), (127,) * 3]
    premultiplied = decode_image(image.convert("RGBa"))
    assert colour(premultiplied, 1) == (255, 255, 255)
    grey = Image.new("LA", (1, 1), (0, 0))
    assert colour(decode_image(grey)) == colour(decode_image(grey.convert("La"))) == (255,) * 3


def test_a_transparent_colour_of_a_palette_or_of_plain_pixels_is_white(encode: Encode) -> None:
    palette = Image.new("P", (2, 1), 0)
    palette.putpalette([10, 20, 30, 200, 100, 50])
    palette.putpixel((1, 0), 1)
    decoded = decode_image(encode(palette, "PNG", transparency=0))
    assert (colour(decoded), colour(decoded, 1)) == ((255, 255, 255), (200, 100, 50))
    assert colour(decode_image(encode(palette, "PNG", transparency=b"\x80\xff")))[0] == 132
    plain = Image.new("RGB", (1, 1), (1, 2, 3))
    assert colour(decode_image(encode(plain, "PNG", transparency=(1, 2, 3)))) == (255, 255, 255)
    assert colour(decode_image(encode(palette, "GIF"))) == (10, 20, 30)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBX", "CMYK", "YCbCr", "HSV", "PA"])
def test_white_stays_white_and_black_stays_black_in_every_mode(mode: str) -> None:
    for shade in (0, 255):
        image = Image.new("L", (8, 8), shade)
        start = image.convert("P") if mode == "PA" else image.convert("RGB")
        assert colour(decode_image(start.convert(mode))) == (shade, shade, shade)


def test_lab_is_converted_to_the_colour_it_means() -> None:
    red, green, blue = colour(decode_image(Image.new("LAB", (2, 2), (136, 208, 195))))
    assert red > 200
    assert green < 60
    assert blue < 60


@pytest.mark.parametrize("mode", ["I;16", "I;16L", "I;16B"])
def test_sixteen_bits_are_scaled_in_either_byte_order(mode: str) -> None:
    values = np.array([0, 257, 32_768, 65_535], "<u2" if mode != "I;16B" else ">u2")
    image = Image.frombytes(mode, (4, 1), values.tobytes())
    assert [colour(decode_image(image), x)[0] for x in range(4)] == [0, 1, 128, 255]


@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "PPM"])
def test_sixteen_bit_files_are_not_clipped_to_white(file_format: str, encode: Encode) -> None:
    values = np.linspace(0, 65_535, 256, dtype=np.uint16).reshape(16, 16)
    decoded = np.asarray(decode_image(encode(Image.fromarray(values), file_format)))
    assert np.array_equal(decoded[..., 0].ravel(), np.arange(256))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([0.0, 100.0, 255.0], [0, 100, 255]),
        ([0.0, 257.0, 65_535.0], [0, 1, 255]),
        ([-1.0, 0.0, 1.0], [0, 128, 255]),
        ([0.0, 5e8, 1e9], [0, 128, 255]),
        ([float("nan"), float("inf"), 1.0], [0, 0, 255]),
        ([-7.0, -7.0, -7.0], [0, 0, 0]),
    ],
)
def test_floats_are_scaled_by_what_their_range_says(
    values: list[float], expected: list[int]
) -> None:
    decoded = decode_image(Image.fromarray(np.array([values], np.float32)))
    assert [colour(decoded, x)[0] for x in range(3)] == expected


def test_thirty_two_bit_integers_are_scaled_by_what_their_range_says() -> None:
    for values, expected in (([0, 255], 255), ([0, 65_535], 255), ([-(2**31), 2**31 - 1], 255)):
        decoded = decode_image(Image.fromarray(np.array([values], np.int32)))
        assert (colour(decoded)[0], colour(decoded, 1)[0]) == (0, expected)


def test_the_first_frame_of_an_animation_is_taken(encode: Encode) -> None:
    frames = [Image.new("RGB", (9, 9), name) for name in ("red", "lime", "blue")]
    for file_format in ("GIF", "WEBP", "PNG", "TIFF"):
        options = {"lossless": True} if file_format == "WEBP" else {}
        data = encode(frames[0], file_format, save_all=True, append_images=frames[1:], **options)
        assert colour(decode_image(data)) == (255, 0, 0)


def test_an_embedded_profile_is_converted_to_srgb(encode: Encode) -> None:
    # A profile whose red, green and blue are in another order shows whether it is applied.
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = lab.replace(b"rXYZ", b"tmpX").replace(b"gXYZ", b"rXYZ").replace(b"tmpX", b"gXYZ")
    swapped = swapped.replace(b"s\x00R\x00G\x00B", b"m\x00R\x00G\x00B").replace(b"sRGB", b"mRGB")
    data = encode(Image.new("RGB", (4, 4), (255, 0, 0)), "PNG", icc_profile=swapped)
    red, green, _ = colour(decode_image(data))
    assert (red < 60, green > 200) == (True, True)


def test_an_enormous_profile_is_passed_over(encode: Encode) -> None:
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = own.replace(b"rXYZ", b"tmpX").replace(b"gXYZ", b"rXYZ").replace(b"tmpX", b"gXYZ")
    swapped = swapped.replace(b"s\x00R\x00G\x00B", b"m\x00R\x00G\x00B").replace(b"sRGB", b"mRGB")
    for more, expected in ((0, (0, 255, 0)), (9 * 2**20, (255, 0, 0))):
        data = encode(
            Image.new("RGB", (4, 4), (255, 0, 0)), "TIFF", icc_profile=swapped + bytes(more)
        )
        assert [value > 128 for value in colour(decode_image(data))] == [v > 128 for v in expected]


@pytest.mark.parametrize("profile", [b"rubbish", b"\x00" * 128, b"\xff" * 3000])
def test_a_broken_or_foreign_profile_does_not_fail_the_picture(
    profile: bytes, encode: Encode
) -> None:
    for mode, expected in (("RGB", (255, 255, 255)), ("CMYK", (0, 0, 0))):
        image = Image.new(mode, (8, 8), (255,) * len(mode))
        decoded = decode_image(encode(image, "TIFF", icc_profile=profile))
        assert colour(decoded) == expected
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    cmyk = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    assert colour(decode_image(encode(cmyk, "TIFF", icc_profile=own))) == (255, 0, 0)
