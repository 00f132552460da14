"""The folder of thumbnails."""

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image

from catalog.jobs import this_process
from ingest.image_store import ImageStore

SHA256 = "ab" * 32

KILLED = """
import os, sys
from pathlib import Path
from ingest.image_store import ImageStore
Path.replace = lambda *_: os._exit(9)
ImageStore(Path(sys.argv[1])).put(sys.argv[2], b"half")
"""


def test_what_a_killed_process_left_is_cleared_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path), SHA256]
    assert subprocess.run(command, check=False).returncode == 9
    assert len(_files(tmp_path)) == 1
    store = ImageStore(tmp_path)
    store.clear_unfinished()
    assert _files(tmp_path) == []
    assert list(store.hashes()) == []


def test_what_others_write_is_left_until_nobody_can_be_writing_it(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    store.put(SHA256, b"whole")
    folder = tmp_path / "ab"
    ours = folder / f"{this_process().replace(':', '@')}@x.part"
    elsewhere, former = folder / "another-machine@7@x.part", folder / "tmpx.part"
    for file in (ours, elsewhere, former):
        file.write_bytes(b"half")
    store.clear_unfinished()
    assert len(_files(tmp_path)) == 4
    for file in (elsewhere, former):
        os.utime(file, (1_700_000_000, 1_700_000_000))
    store.clear_unfinished()
    assert _files(tmp_path) == sorted([ours, store.thumbnail_path(SHA256)])
    ImageStore(tmp_path / "elsewhere").clear_unfinished()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_signed_thumbnail_is_a_jpeg_of_the_same_pixels(tmp_path: Path) -> None:
    plain = BytesIO()
    Image.effect_noise((64, 48), 80).convert("RGB").save(plain, "JPEG")
    stored = ImageStore(tmp_path).put(SHA256, plain.getvalue()).read_bytes()
    assert stored != plain.getvalue()
    # The comment's length tells readers where the picture goes on.
    end = 4 + int.from_bytes(stored[4:6], "big")
    assert stored[:2] + stored[end:] == plain.getvalue()
