"""Images behind web addresses: those that are kept, or else downloaded."""

import asyncio
import time
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.download.downloader import Downloaded, Downloader
from ingest.originals import KnownAddress, Originals


@dataclass(frozen=True, kw_only=True)
class FetchedImage:
    """An image that is there to be read, or need not be.

    Args:
        file: where it lies; ``None`` where the caller has no need of it.
        fresh: whether it was downloaded just now. It is kept only once it has been found good.
    """

    url: str
    known: KnownAddress
    file: Path | None
    fresh: bool = False


@dataclass(frozen=True)
class RemoteImages:
    """Fetches images, each only where it is not there or may have changed.

    Args:
        recheck_seconds: as in the rules of downloads.
    """

    originals: Originals
    downloader: Downloader
    recheck_seconds: float

    async def fetch(self, url: str, *, signature: str | None, done: str | None) -> FetchedImage:
        """Fetch one image.

        Args:
            signature: what the source says of the image; another one than last time means that
                it may have changed.
            done: SHA-256 of the image with which nothing remains to be done.

        Raises:
            DownloadFailure: it cannot be had.
        """
        held = await asyncio.to_thread(self._held, url, done)
        if held is not None and self._is_current(held.known, signature):
            return held
        file = self.originals.new_file()
        try:
            answer = await self.downloader.download(
                url, file, known_by=_as_downloaded(held.known) if held is not None else None
            )
        except BaseException:
            file.unlink(missing_ok=True)
            raise
        if answer is not None:
            known = KnownAddress(**vars(answer), signature=signature, asked_at=time.time())
            return FetchedImage(url=url, known=known, file=file, fresh=True)
        file.unlink()
        assert held is not None, "a server answered 304 to an unconditional request"  # noqa: S101
        current = replace(held.known, signature=signature, asked_at=time.time())
        await asyncio.to_thread(self.originals.remember, url, current)
        return replace(held, known=current)

    def settle(self, fetched: FetchedImage, *, good: bool) -> None:
        """Keep what has been found good, and let go of what has not."""
        if good and fetched.fresh and fetched.file is not None:
            self.originals.accept(fetched.file, fetched.known.sha256)
            self.originals.remember(fetched.url, fetched.known)
        elif not good and fetched.fresh and fetched.file is not None:
            fetched.file.unlink(missing_ok=True)
        elif not good:
            self.originals.forget(fetched.url)

    def _held(self, url: str, done: str | None) -> FetchedImage | None:
        known = self.originals.known(url)
        if known is None:
            return None
        if known.sha256 == done:
            return FetchedImage(url=url, known=known, file=None)
        file = self.originals.fetched(known.sha256)
        return FetchedImage(url=url, known=known, file=file) if file.exists() else None

    def _is_current(self, known: KnownAddress, signature: str | None) -> bool:
        age = time.time() - known.asked_at
        return known.signature == signature and 0 <= age < self.recheck_seconds


def _as_downloaded(known: KnownAddress) -> Downloaded:
    return Downloaded(known.sha256, known.etag, known.last_modified)
