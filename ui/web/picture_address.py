"""A picture that a visitor gives by its address on the web."""

import asyncio
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from embedders import UnreadableImage
from ingest.download.downloader import Downloader
from ingest.download.failures import DownloadFailure, Reason
from ingest.download.rules import DownloadRules, download_rules
from settings import Settings

PATIENCE_SECONDS = 15.0
"""For which a visitor waits for another server."""

_SAID = {
    Reason.GONE: "there is nothing at this address",
    Reason.REFUSED_ADDRESS: "this address cannot be asked",
    Reason.NOT_A_WEB_ADDRESS: "this is no address of the web; it begins with https://",
    Reason.HOST_NOT_FOUND: "there is no such server",
    Reason.NO_CONNECTION: "its server does not answer",
    Reason.TIMED_OUT: "its server takes too long",
    Reason.TOO_LARGE: "the picture is too large",
    Reason.EMPTY: "the file is empty",
}


def fetched(address: str, rules: DownloadRules) -> bytes:
    """Return what lies at an address.

    Raises:
        UnreadableImage: it cannot be had; the message is for the visitor, and says nothing of what
            the address led to.
    """
    try:
        return asyncio.run(_fetched(address, rules))
    except DownloadFailure as failure:
        said = _SAID.get(failure.reason, "its server does not give it")
        raise UnreadableImage("not fetched", said) from failure


def visitors_rules(settings: Settings) -> DownloadRules:
    """Return the rules for the addresses that visitors give.

    An address in a private network may be asked only where the settings allow it and nobody but
    those on this machine can give one.
    """
    return replace(
        download_rules(settings),
        attempts=1,
        total_seconds=PATIENCE_SECONDS,
        max_bytes=min(settings.max_image_bytes, settings.upload_megabytes * 2**20),
        allow_private_networks=settings.allow_private_networks and settings.is_local,
    )


async def _fetched(address: str, rules: DownloadRules) -> bytes:
    downloader = Downloader(rules)
    try:
        with TemporaryDirectory(prefix="vasari-picture-") as folder:
            target = Path(folder) / "picture"
            async with asyncio.timeout(PATIENCE_SECONDS):
                await downloader.download(address, target)
            return target.read_bytes()
    except TimeoutError as error:
        raise DownloadFailure(Reason.TIMED_OUT) from error
    finally:
        await downloader.close()
