"""The SHA-256 of a large file, computed once and remembered while the file stays the same."""

import hashlib
import json
import re
from contextlib import suppress
from pathlib import Path

from embedders.atomic_file import atomic_file
from embedders.weights.provider import ProviderFailed
from embedders.weights.stored import is_cut_short


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of(path: Path, weights_dir: Path) -> str:
    """Hash a file, or return the hash that was remembered for it.

    Remembered hashes are kept in the folder ``hashes`` of ``weights_dir``, one small file each,
    and hold as long as the file's size and its times of modification and of change do. A folder
    that cannot be written only means that the hash is computed again. Raises ProviderFailed if
    ``path`` can't be read.
    """
    try:
        status = path.stat()
        state = [status.st_size, status.st_mtime_ns, status.st_ctime_ns]
        place = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
        memory = weights_dir / "hashes" / f"{path.name}.{place}.json"
        with suppress(OSError, ValueError, KeyError, TypeError):
            remembered = json.loads(memory.read_text())
            if remembered["state"] == state:
                return str(remembered["sha256"])
        sha256 = file_sha256(path)
    except OSError as error:
        raise ProviderFailed(f"{path} cannot be read: {error}") from error
    with suppress(OSError), atomic_file(memory) as unfinished:
        unfinished.write_text(json.dumps({"state": state, "sha256": sha256}))
    return sha256


def sha256_of_whole(path: Path, weights_dir: Path) -> str | None:
    """Hash a file that somebody put there; None where there is no such file.

    Raises ProviderFailed if it can't be read or was cut short.
    """
    try:
        if not path.is_file():
            return None
        if is_cut_short(path):
            raise ProviderFailed(
                f"{path} is no whole safetensors file: it was cut short, or is of another kind"
            )
    except OSError as error:
        raise ProviderFailed(f"{path} cannot be read: {error}") from error
    return sha256_of(path, weights_dir)


def sha256_as_named(path: Path, weights_dir: Path) -> str:
    """Hash a file whose name carries its hash. Raises ProviderFailed where it is another one."""
    sha256 = sha256_of(path, weights_dir)
    if not sha256.startswith(hash_prefix_in(path.name)):
        raise ProviderFailed(f"{path} is damaged, its hash is not the one in its name")
    return sha256


def hash_prefix_in(file_name: str) -> str:
    """The hash that torchvision writes into its file names, "0676ba61" of resnet50-0676ba61.pth.

    Raises ProviderFailed for a name without one.
    """
    found = re.search(r"-([0-9a-f]{8,64})\.[a-z]+$", file_name)
    if found is None:
        raise ProviderFailed(f"the file name {file_name} carries no hash to check against")
    return found.group(1)
