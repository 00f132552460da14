"""Image files in a folder."""

import os
from collections.abc import Iterator
from pathlib import Path

IMAGE_SUFFIXES = frozenset(
    {".avif", ".bmp", ".gif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg"}
    | {".png", ".ppm", ".tif", ".tiff", ".webp"}
)


def absolute(path: Path) -> Path:
    """Return a path from the root; unlike ``resolve`` it does not follow links."""
    return Path(os.path.abspath(path))  # noqa: PTH100


def image_files(folder: Path) -> Iterator[str]:
    """Go through the image files below a folder, as POSIX paths relative to it, by name.

    Hidden files and folders are passed over.
    """
    for current, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and Path(name).suffix.lower() in IMAGE_SUFFIXES:
                yield (Path(current) / name).relative_to(folder).as_posix()


def signature(path: Path) -> str | None:
    """Return a sign that changes whenever the file does; ``None`` where it cannot be looked at."""
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return None
    return f"{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ctime_ns}"


def printable(name: str) -> str:
    """Return a file's name as text that can be stored, whatever its bytes."""
    return name.encode(errors="replace").decode()
