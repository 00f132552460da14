"""What is kept of a download once its image has been read."""

from pathlib import Path

import pytest

from ingest.download.downloader import Downloader
from ingest.download.rules import download_rules
from ingest.originals import KnownAddress, Originals
from ingest.remote_images import FetchedImage, RemoteImages
from settings import Settings

URL = "https://museum.example/1.jpg"
KNOWN = KnownAddress(sha256="0" * 64, signature=None, etag=None, last_modified=None, asked_at=1.0)


@pytest.mark.parametrize("good", [True, False])
def test_a_new_image_takes_the_place_of_the_one_kept_only_if_it_is_good(
    tmp_path: Path, good: bool
) -> None:
    originals = Originals(tmp_path)
    former, latter = KNOWN, KnownAddress(**{**vars(KNOWN), "sha256": "1" * 64})
    for known in (former, latter):
        file = originals.new_file()
        file.write_text(known.sha256)
        images = RemoteImages(originals, Downloader(download_rules(Settings())), recheck_seconds=1)
        fetched = FetchedImage(url=URL, known=known, file=file, fresh=True)
        images.settle(fetched, good=good or known is former)
        assert not file.exists()
    assert originals.known(URL) == (latter if good else former)
    assert originals.path(former.sha256).read_text() == former.sha256
    assert originals.path(latter.sha256).exists() == good


def test_a_kept_image_that_is_found_bad_is_asked_for_anew(tmp_path: Path) -> None:
    originals = Originals(tmp_path)
    file = originals.new_file()
    originals.accept(file, KNOWN.sha256)
    originals.remember(URL, KNOWN)
    images = RemoteImages(originals, Downloader(download_rules(Settings())), recheck_seconds=1)
    kept = FetchedImage(url=URL, known=KNOWN, file=originals.path(KNOWN.sha256))
    images.settle(kept, good=True)
    assert originals.known(URL) == KNOWN
    images.settle(kept, good=False)
    assert originals.known(URL) is None
    assert not originals.path(KNOWN.sha256).exists()
