"""The SHA-256 of a large file, computed once and remembered while the file stays the same."""

import hashlib
import json
import re
from contextlib import suppress
from pathlib import Path

from embedders.atomic_file import atomic_file
from embedders.weights.provider import ProviderFailed


def sha256_of(path: Path, *, remember_in: Path) -> str:
    """Hash a file, or return the hash that was remembered for it.

    Remembered hashes are kept in the folder ``remember_in``, one small file each, and hold as
    long as the file's size and its times of modification and of change do. A folder that cannot
    be written only means that the hash is computed again. Raises OSError if ``path`` can't be
    read.
    """
    status = path.stat()
    state = [status.st_size, status.st_mtime_ns, status.st_ctime_ns]
    place = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
    memory = remember_in / f"{path.name}.{place}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        remembered = json.loads(memory.read_text())
        if remembered["state"] == state:
            return str(remembered["sha256"])
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    with suppress(OSError), atomic_file(memory) as unfinished:
        unfinished.write_text(json.dumps({"state": state, "sha256": sha256}))
    return sha256


def remembered_hashes(weights_dir: Path) -> Path:
    """The folder of remembered hashes beside the weights."""
    return weights_dir / "hashes"


def hash_prefix_in(file_name: str) -> str:
    """The hash that torchvision writes into its file names, "0676ba61" of resnet50-0676ba61.pth.

    Raises ProviderFailed for a name without one.
    """
    found = re.search(r"-([0-9a-f]{8,64})\.[a-z]+$", file_name)
    if found is None:
        raise ProviderFailed(f"the file name {file_name} carries no hash to check against")
    return found.group(1)
