"""Decoding a picture takes its pixels, those of the result, and little else."""

import gc
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from embedders import ImageLimits, UnreadableImage, decode_image, rgb_pixels

_PEAK_OF_DECODING = """
import sys
from pathlib import Path
from embedders import decode_image

def peak():
    # Not getrusage, whose peak includes that of the process that started this one.
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024

before = peak()
picture = decode_image(Path(sys.argv[1]))
print(peak() - before, *picture.size)
"""


def peak_of_decoding(path: Path) -> tuple[int, int]:
    """Return the bytes that a fresh process needs to decode a picture, and the decoded pixels."""
    done = subprocess.run(
        [sys.executable, "-c", _PEAK_OF_DECODING, str(path)],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    peak, width, height = map(int, done.stdout.split())
    return peak, width * height


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for the peak")
@pytest.mark.parametrize("mode", ["I;16", "RGBA"])
def test_sixteen_bits_and_transparency_need_no_copies_of_all_pixels(
    mode: str, tmp_path: Path
) -> None:
    path = tmp_path / "picture.png"
    Image.new(mode, (4_000, 4_000)).save(path, compress_level=1)
    peak, pixels = peak_of_decoding(path)
    own, result, room = {"I;16": 2, "RGBA": 4}[mode] * pixels, 4 * pixels, 40 * 2**20
    assert peak < own + result + room


@pytest.mark.parametrize(
    "image",
    [
        Image.fromarray(np.arange(0, 63_000, 7, dtype=np.uint16).reshape(90, 100)),
        Image.fromarray(np.arange(-9_000, 81_000, 10, dtype=np.int32).reshape(90, 100)),
        Image.fromarray(np.linspace(0, 1, 9_000, dtype=np.float32).reshape(90, 100)),
        Image.fromarray(np.linspace(-3, 9e8, 9_000, dtype=np.float32).reshape(90, 100)),
        Image.linear_gradient("L").resize((100, 90)).convert("RGBA"),
        Image.linear_gradient("L").resize((100, 90)).convert("LA"),
    ],
    ids=["sixteen bits", "negative", "fractions", "stretched", "RGBA", "LA"],
)
def test_a_picture_converted_in_bands_is_the_picture_converted_at_once(
    image: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    if image.mode.endswith("A"):
        image.putalpha(Image.radial_gradient("L").resize(image.size))
    at_once = decode_image(image)
    monkeypatch.setattr(rgb_pixels, "_BAND_PIXELS", 700)
    assert decode_image(image).tobytes() == at_once.tobytes()


_LEFT_BY_THREADS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from embedders import decode_image

def resident():
    return int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0]) * 1024

def decode(path):
    decode_image(Path(path))

decode(sys.argv[2])
before = resident()
with ThreadPoolExecutor(3) as threads:
    list(threads.map(decode, sys.argv[1:] * 4))
    print(resident() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for what is resident")
def test_threads_give_back_the_memory_of_what_they_decoded(tmp_path: Path) -> None:
    paths = [tmp_path / f"{mode}.png" for mode in ("RGB", "RGBA", "L")]
    for path in paths:
        Image.new(path.stem, (5_000, 4_000)).save(path, compress_level=1)
    done = subprocess.run(
        [sys.executable, "-c", _LEFT_BY_THREADS, *map(str, paths)],
        capture_output=True,
        check=True,
        text=True,
        timeout=120,
    )
    assert int(done.stdout) < 250 * 2**20


def test_a_picture_that_is_refused_once_it_is_decoded_leaves_nothing_in_memory(
    tmp_path: Path,
) -> None:
    size = (317, 211)  # As no other test's, whose pictures may still be in memory.
    path = tmp_path / "turned.png"
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    Image.new("RGB", size).save(path, exif=exif)
    gc.collect()
    gc.disable()
    try:
        with pytest.raises(UnreadableImage, match="too much to decode"):
            decode_image(path, ImageLimits(decode_bytes=4 * size[0] * size[1] + 10_000))
        images = [item for item in gc.get_objects() if isinstance(item, Image.Image)]
    finally:
        gc.enable()
    assert not [image for image in images if image.size == size]
