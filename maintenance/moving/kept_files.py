"""Files of a collection that are moved as they are: its own models, and its evaluations."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

KEPT_FOLDERS = ("models", "evaluations")
"""Folders of a collection's home that hold what cannot be had again from elsewhere."""

KEYPOINTS = "keypoints"
"""They can be had again from the pictures, which takes long: they are moved if that is wished."""

_LAST = "model.json"
"""With its description a model exists: what it needs must be there before."""


def kept_files(home: Path, *, with_keypoints: bool = False) -> Iterator[tuple[str, Path]]:
    """Go through the files that are moved: the path within the home, and where each lies."""
    found = [
        path
        for folder in (*KEPT_FOLDERS, *([KEYPOINTS] if with_keypoints else []))
        for path in (home / folder).rglob("*")
        if path.is_file() and not any(_is_passing(part) for part in path.relative_to(home).parts)
    ]
    for name in in_order(path.relative_to(home).as_posix() for path in found):
        yield name, home / name


def in_order(names: Iterable[str]) -> list[str]:
    """Return those of some paths within a home that are moved, descriptions of models last."""
    paths = [PurePosixPath(name) for name in names]
    kept = [path for path in paths if path.parts and path.parts[0] in (*KEPT_FOLDERS, KEYPOINTS)]
    return [str(path) for path in sorted(kept, key=lambda path: (path.name == _LAST, path))]


def copy_file(file: Path, to: Path) -> None:
    """Copy a file, which appears whole or not at all."""
    to.parent.mkdir(parents=True, exist_ok=True)
    unfinished = to.with_name(f".{to.name}.unfinished")
    shutil.copyfile(file, unfinished)
    unfinished.replace(to)


def _is_passing(part: str) -> bool:
    """Tell whether a file or folder is unfinished, or only remembered to be quicker."""
    return part.startswith(".") or part == "hashes"
