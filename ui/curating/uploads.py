"""What curators send to be taken in: files, or an archive of them, in a folder of its own."""

import re
import secrets
import shutil
import stat
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import IO

from errors import VasariError
from ui.curating.job_arguments import UPLOADS

MOST_FILES = 100_000
LONGEST_NAME = 200
LARGEST_RATIO = 200
"""Of a file to its part of the archive; pictures and tables stay far below it."""

_CHUNK = 1 << 20
_RATIO_COUNTS_FROM = 1 << 20
_ENTRY = b"PK\x01\x02"
"""What each entry in the directory of an archive begins with."""

_UNWANTED = re.compile(r"[\x00-\x1f\x7f<>:\"|?*\\]")


class UploadRefused(VasariError):
    """What was sent is not taken; the message says why."""

    is_for_visitors = True


def keep_upload(home: Path, files: Iterable[tuple[str, IO[bytes]]], *, most_bytes: int) -> str:
    """Keep files that a curator has sent, archives unpacked, and return the name of their folder.

    The folder is found below the uploads of the home. All or nothing is kept.

    Args:
        files: names, as the sender gives them, and contents.
        most_bytes: of all files together, unpacked.

    Raises:
        UploadRefused: a name leads out of the folder, or it is too much.
        OSError: the disk does not take it.
    """
    name = secrets.token_hex(8)
    folder = home / UPLOADS / name
    folder.mkdir(parents=True)
    try:
        unpacking = _Unpacking(folder, most_bytes)
        for given, content in files:
            if zipfile.is_zipfile(content):
                content.seek(0)
                unpacking.archive(content)
            else:
                content.seek(0)
                unpacking.file(given, content)
        unpacking.finish()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return name


class _Unpacking:
    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._left = self._most = most_bytes
        self.files = 0

    def archive(self, content: IO[bytes]) -> None:
        try:
            entries = _count_entries(content)
            if entries > MOST_FILES:
                raise UploadRefused(
                    f"the archive has {entries:,} entries; at most {MOST_FILES:,} are taken"
                )
            with zipfile.ZipFile(content) as archive:
                for entry in archive.infolist():
                    if not entry.is_dir():
                        self._entry(archive, entry)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
            raise UploadRefused(f"the archive cannot be read ({error}); pack it anew") from None

    def file(self, given: str, content: IO[bytes]) -> None:
        """Copy a file to where its name says.

        Raises:
            UploadRefused: its name leads elsewhere, or it is too large.
        """
        self.files += 1
        if self.files > MOST_FILES:
            raise UploadRefused(f"at most {MOST_FILES:,} files are taken at once")
        path = self._folder / _safe(given)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            raise UploadRefused(f"{given!r} was sent twice")
        with path.open("xb") as file:
            while chunk := content.read(_CHUNK):
                self._left -= len(chunk)
                if self._left < 0:
                    raise UploadRefused(
                        f"at most {self._most / 2**20:,.0f} MB are taken at once; send it in parts"
                    )
                file.write(chunk)

    def finish(self) -> None:
        """See that there was anything.

        Raises:
            UploadRefused: there was not.
        """
        if not self.files:
            raise UploadRefused("there is no file in what was sent")

    def _entry(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise UploadRefused(f"{entry.filename!r} is a link; pack the files themselves")
        if entry.file_size > max(_RATIO_COUNTS_FROM, LARGEST_RATIO * entry.compress_size):
            raise UploadRefused(f"{entry.filename!r} unpacks to far more than it should")
        with archive.open(entry) as content:
            self.file(entry.filename, content)


def _count_entries(archive: IO[bytes]) -> int:
    """Return how many entries an archive has, at most: opening it makes an object of each."""
    count, before = 0, b""
    while chunk := archive.read(_CHUNK):
        count += (before + chunk).count(_ENTRY)
        before = chunk[1 - len(_ENTRY) :]
    archive.seek(0)
    return count


def _safe(given: str) -> Path:
    """Return a name within a folder.

    Raises:
        UploadRefused: it leads out of it, or is none that every system can have.
    """
    path = PurePosixPath(given)
    parts = path.parts
    if (
        path.is_absolute()
        or not parts
        or any(
            part in (".", "..") or len(part.encode()) > LONGEST_NAME or _UNWANTED.search(part)
            for part in parts
        )
        or len(given) > 4 * LONGEST_NAME
    ):
        raise UploadRefused(f"{given[:80]!r} is no name that a file can have here")
    return Path(*parts)
