"""The pictures of a run, decoded once and kept as pixels beside it: epochs decode nothing."""

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from catalog.artworks import ArtworkFacts
from embedders import Preparation, UnreadableImage
from search.pictures import PictureOf
from training.progress import Watch

Pixels = NDArray[np.uint8]

AT_ONCE = 64
LARGER = 8 / 7
"""How much larger pictures are kept to take parts of them: 256 for 224 pixels."""


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """The pixels of works whose pictures could be read.

    Args:
        works: these works.
        whole: as they are embedded, uint8 (works, size, size, 3).
        large: the same works somewhat larger, to take parts of; ``whole`` where none are taken.
        unreadable: how many more works there were.
    """

    works: tuple[ArtworkFacts, ...]
    whole: Pixels
    large: Pixels
    unreadable: int


def read_pictures(
    works: Sequence[ArtworkFacts],
    picture_of: PictureOf,
    preparation: Preparation,
    *,
    parts: bool,
    folder: Path,
    watch: Watch,
) -> Pictures:
    """Decode the pictures of works into files of the folder, unless they are there already.

    Args:
        parts: whether parts of them will be taken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    larger = replace(preparation, size=round(preparation.size * LARGER))
    wanted = [preparation, larger] if parts else [preparation]
    key = _key(works, wanted)
    kept = _kept(folder, key)
    if kept is None:
        kept = _decoded(works, picture_of, wanted, folder=folder, watch=watch)
        (folder / "pixels.json").write_text(json.dumps({"key": key, "readable": kept}))
    opened = [np.load(_file(folder, item), mmap_mode="r")[: len(kept)] for item in wanted]
    return Pictures(
        works=tuple(works[place] for place in kept),
        whole=opened[0],
        large=opened[-1],
        unreadable=len(works) - len(kept),
    )


def _decoded(
    works: Sequence[ArtworkFacts],
    picture_of: PictureOf,
    wanted: Sequence[Preparation],
    *,
    folder: Path,
    watch: Watch,
) -> list[int]:
    """Write the pixels of all works that can be read, one after another; return their places."""
    (folder / "pixels.json").unlink(missing_ok=True)
    files = [
        np.lib.format.open_memmap(
            _file(folder, item), "w+", np.uint8, (len(works), item.size, item.size, 3)
        )
        for item in wanted
    ]

    def prepared(work: ArtworkFacts) -> list[Pixels] | None:
        try:
            picture: Image.Image = picture_of(work)
        except UnreadableImage:
            return None
        return [item.apply(picture) for item in wanted]

    readable: list[int] = []
    watch.begin("decoding", len(works))
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for start in range(0, len(works), AT_ONCE):
            watch.check()
            some = works[start : start + AT_ONCE]
            for place, squares in enumerate(threads.map(prepared, some), start):
                if squares is not None:
                    for file, square in zip(files, squares, strict=True):
                        file[len(readable)] = square
                    readable.append(place)
            watch.advance(len(some))
    for file in files:
        file.flush()
    return readable


def _kept(folder: Path, key: str) -> list[int] | None:
    """Return the places of the works whose pixels an earlier run left, if it left these."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        found = json.loads((folder / "pixels.json").read_text())
        if found["key"] == key:
            return [int(place) for place in found["readable"]]
    return None


def _key(works: Sequence[ArtworkFacts], wanted: Sequence[Preparation]) -> str:
    content = [[str(work.id), work.image_sha256] for work in works]
    sizes = [[item.size, item.interpolation] for item in wanted]
    return hashlib.sha256(json.dumps([content, sizes]).encode()).hexdigest()


def _file(folder: Path, preparation: Preparation) -> Path:
    return folder / f"pixels-{preparation.size}.npy"
