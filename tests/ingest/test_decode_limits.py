"""What a job and a visitor may decode, and how a curator learns of it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from catalog import jobs
from catalog.artworks import list_artworks
from catalog.filters import Filter
from catalog.models import ImageState
from deployment import Deployment
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from settings import Settings


@pytest.mark.slow
def test_a_job_decodes_a_large_picture_smaller_and_names_the_setting_for_what_it_cannot(
    tiny_settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "large"
    folder.mkdir()
    Image.fromarray(np.zeros((3_000, 4_000), np.uint16)).save(folder / "smaller.png")
    Image.new("RGBA", (4_000, 3_000)).save(folder / "too-large.png")
    settings = tiny_settings.model_copy(update={"max_decode_bytes": 60 * 2**20})
    with Deployment(settings) as deployment:
        embedders = [deployment.embedder(name) for name in settings.models]
        summary = ingest(FolderReader(folder), deployment.ingest_context(embedders))
        with deployment.database.transaction() as session:
            (group,) = jobs.failure_groups(session, summary.job)
            (work,) = list_artworks(session, Filter(), state=ImageState.READY).artworks
        picture = deployment.picture_of(work)
    assert (work.file, work.image_width, work.image_height) == ("smaller.png", 4_000, 3_000)
    assert picture.size == (2_000, 1_500)
    assert (group.stage, group.reason) == ("decode", "too much to decode")
    assert group.examples[0].item == "too-large.png"
    assert "60 MB are allowed" in group.examples[0].detail
    assert "VASARI_MAX_DECODE_BYTES" in group.examples[0].detail


def test_visitors_may_decode_less_than_jobs_and_share_what_jobs_may(
    tiny_settings: Settings,
) -> None:
    with Deployment(tiny_settings) as deployment:
        most, visitor = deployment.image_limits, deployment.visitor_limits
    assert visitor.decode_bytes < most.decode_bytes == visitor.shared_bytes
    assert (visitor.pixels, visitor.file_bytes) == (most.pixels, most.file_bytes)
    little = tiny_settings.model_copy(update={"max_decode_bytes": 2**20})
    with Deployment(little) as deployment:
        assert deployment.visitor_limits.decode_bytes == 2**20
