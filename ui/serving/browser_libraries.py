"""Programs of others that the page runs in browsers: fetched from npm once, and served by itself.

No file of theirs is a part of this repository, and no other server is asked by a browser. Where one
cannot be had, the page does without: large pictures are shown, but cannot be looked into.
"""

import gzip
import hashlib
import logging
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from threading import Thread

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from embedders.atomic_file import atomic_file
from embedders.weights.npm_package import npm_pack
from embedders.weights.provider import ProviderFailed
from redaction import redact

PREFIX = "/libraries/"
"""What their paths start with."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BrowserLibrary:
    """A package of npm, of which one file is served.

    Args:
        sha256: of the package's archive.
        file: its path in the archive.
    """

    name: str
    version: str
    sha256: str
    file: str

    @property
    def path(self) -> str:
        """Where it is served."""
        return f"{PREFIX}{self.name}-{self.version}.js"


OPENSEADRAGON = BrowserLibrary(
    "openseadragon",
    "6.1.1",
    "b4ab2942f33b90e0448e4d20fc5ed14cee049f1f3ae49d70afd4b05e9a2f92d0",
    "package/build/openseadragon/openseadragon.min.js",
)
"""Shows large pictures tile by tile; BSD 3-Clause."""

LIBRARIES = (OPENSEADRAGON,)


class BrowserLibraries:
    """Serves the libraries, once they are there.

    Args:
        folder: where their archives are kept, or were put by somebody without npm.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._texts: dict[str, bytes] = {}
        self._loading = Thread(target=self._load_all, daemon=True)

    def start(self) -> None:
        """Begin to fetch what is not kept."""
        self._loading.start()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a library."""
        request = Request(scope)
        packed = self._texts.get(request.url.path)
        if packed is None:
            answer: Response = PlainTextResponse("Not here", 404, {"Cache-Control": "no-store"})
        else:
            headers = {"Cache-Control": "public, max-age=31536000, immutable"}
            headers["Vary"] = "Accept-Encoding"
            if "gzip" in request.headers.get("accept-encoding", ""):
                headers["Content-Encoding"] = "gzip"
            else:
                packed = gzip.decompress(packed)
            answer = Response(packed, media_type="text/javascript", headers=headers)
        await answer(scope, receive, send)

    def _load_all(self) -> None:
        for library in LIBRARIES:
            try:
                self._texts[library.path] = gzip.compress(self._load(library))
            except (ProviderFailed, OSError, KeyError, tarfile.TarError) as error:
                _log.warning("%s is not served: %s", library.name, redact(str(error)))

    def _load(self, library: BrowserLibrary) -> bytes:
        kept = self._folder / f"{library.name}-{library.version}.tgz"
        if not kept.is_file() or hashlib.sha256(kept.read_bytes()).hexdigest() != library.sha256:
            package = f"{library.name}@{library.version}"
            with tempfile.TemporaryDirectory(prefix="vasari-npm-") as folder:
                fetched = npm_pack(package, sha256=library.sha256, into=Path(folder))
                with atomic_file(kept) as unfinished:
                    copyfile(fetched, unfinished)
        with tarfile.open(kept) as archive:
            file = archive.extractfile(library.file)
            if file is None:
                raise ProviderFailed(f"{kept} has no file {library.file}")
            return file.read()
