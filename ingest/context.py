"""What an ingest job works with: catalog, index, folders, models and limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from catalog.database import Database
from catalog.models import Model
from embedders import Embedder, ImageLimits, ModelRegistry
from ingest.download.rules import DownloadRules
from ingest.image_store import ImageStore
from ingest.originals import Originals
from search.index.contract import GenerationalIndex

if TYPE_CHECKING:
    from search.identification.keypoint_files import KeypointFiles


@dataclass(frozen=True, kw_only=True)
class IngestContext:
    """What a job works with.

    Args:
        originals: where downloaded images are kept.
        registry: the models that the collection can use.
        embedders: the models that every image is embedded with.
        download: how images are downloaded.
        batch_size: images taken to the models together; shared out among passes side by side.
        decode_threads: threads that read and decode ahead of the models.
        outage_timeout: seconds to wait for a server that does not answer.
        lease: how long a claim outlives its last renewal.
        keypoints: where the keypoints of images are kept that are loaded, if they are to be found.
        job_id: for the job log, where whoever starts the job has chosen it.
    """

    database: Database
    index: GenerationalIndex
    store: ImageStore
    originals: Originals
    registry: ModelRegistry
    embedders: Sequence[Embedder]
    limits: ImageLimits
    download: DownloadRules
    batch_size: int
    decode_threads: int
    outage_timeout: float
    lease: timedelta
    keypoints: "KeypointFiles | None" = None
    job_id: str | None = None


def register_models(session: Session, embedders: Sequence[Embedder]) -> None:
    """Write down which weights the collection's vectors are made by from now on."""
    for embedder in embedders:
        session.merge(
            Model(
                name=embedder.name,
                dimension=embedder.dimension,
                fingerprint=embedder.fingerprint,
                weights=embedder.provider or "none needed",
                licence=embedder.description.licence,
            )
        )
