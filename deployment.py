"""Opens what the settings describe. The one place where engines are chosen."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Self

from PIL import Image

from catalog.artworks import ArtworkFacts
from catalog.database import Database, with_password
from embedders import (
    DerivedDescription,
    DerivedEmbedder,
    Embedder,
    ImageLimits,
    ModelRegistry,
    UnknownModel,
    UnreadableImage,
    decode_image,
    open_embedder,
    read_own_models,
)
from embedders.file_lock import take_lock
from embedders.precision import Precision, precision_of
from embedders.precision_choice import best_precision
from embedders.shared_passes import SharedPasses
from errors import VasariError
from ingest.context import IngestContext
from ingest.download.rules import download_rules
from ingest.embedded_picture import embedded_picture
from ingest.image_store import ImageStore
from ingest.large_pictures import LargePictures
from ingest.originals import Originals
from ingest.place import Place
from ingest.tiled_pictures import TileStore
from maintenance.shared_models import SharedModels
from search.index.contract import GenerationalIndex
from search.maps.shown import ShownMaps
from search.maps.stored import MapStore
from search.projections import CurrentProjection, projected_fingerprint
from settings import Settings

if TYPE_CHECKING:
    from search.identification.keypoint_store import KeypointStore

CATALOG = "catalog.db"
"""The embedded catalog's file in the home."""


class NoCollection(VasariError):
    """There is no collection in the home, and what was asked does not make one."""


class Deployment:
    """One collection: its catalog, its index, its thumbnails and its models.

    Each part is opened when it is first asked for, so that a command takes no more than it needs:
    listing artworks does not wait for a process that holds the embedded index.

    Attributes:
        registry: the models that this collection can use; another one after it has made a model.
        job_id: for the next job, where whoever starts it has chosen one.

    Args:
        create: make the embedded collection where there is none; without it, to open its catalog
            or its index raises ``NoCollection``.
        serves: whether many ask this process at once. Then it opens the embedded index itself, and
            pictures that are asked for at the same time go through a model together; otherwise it
            asks the process that has the index open, if there is one.
    """

    def __init__(self, settings: Settings, *, create: bool = True, serves: bool = False) -> None:
        self.settings = settings
        self._create = create
        self._serves = serves
        self._index: GenerationalIndex | None = None
        self._opening = Lock()
        self._embedders: dict[str, Embedder] = {}
        self._report: Callable[[str], None] | None = None
        self.job_id: str | None = None
        self.look_for_own_models()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def is_served(self) -> bool:
        """Whether the catalog is on a server, which other processes may be using."""
        return self.settings.database_url is not None

    @cached_property
    def bare_database(self) -> Database:
        """The catalog's database, whatever its schema."""
        if self.settings.database_url is not None:
            url = self.settings.database_url.get_secret_value()
            password = self.settings.database_password
            return Database(with_password(url, password.get_secret_value()) if password else url)
        self._refuse_missing()
        self.settings.home.mkdir(parents=True, exist_ok=True)
        return Database(f"sqlite:///{self.settings.home / CATALOG}")

    @cached_property
    def database(self) -> Database:
        """The catalog's database, at the schema that this code knows."""
        self.bare_database.ensure_schema(migrate=not self.is_served)
        return self.bare_database

    @property
    def index(self) -> GenerationalIndex:
        """The index: Qdrant Edge in the home, or the server that the settings name."""
        with self._opening:
            if self._index is None:
                self._index = self._open_index()
            return self._index

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Open the index, and let other processes of this user ask it during the block.

        A server needs no sharing.

        Raises:
            IndexFault: the index cannot be opened.
        """
        with ExitStack() as sharing:
            index = self.index
            if self.settings.qdrant_url is None:
                from search.index.shared import share

                sharing.enter_context(share(index, self._index_folder))
            yield

    @contextmanager
    def writing(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Wait until no other job writes to an embedded collection, and keep others waiting.

        Jobs of a collection on servers run side by side.

        Args:
            waiting: called before the wait for another job.
        """
        if self.is_served:
            yield
            return
        self._refuse_missing()
        path = self.settings.home / "writing.lock"
        try:
            lock = take_lock(path, seconds=0)
        except TimeoutError:
            waiting()
            lock = take_lock(path)
        with lock:
            yield

    @cached_property
    def _store(self) -> Place | None:
        """Where all machines keep pictures and models; ``None`` where that is the home."""
        url = self.settings.store_url
        return None if url is None else Place(url.get_secret_value())

    @cached_property
    def image_store(self) -> ImageStore:
        """The thumbnails."""
        return ImageStore(self.settings.home / "thumbnails", self._store)

    @cached_property
    def originals(self) -> Originals:
        """The downloaded images."""
        keep = self.settings.keep_originals
        return Originals(self.settings.home / "originals", keep=keep, shared=self._store)

    @cached_property
    def large_pictures(self) -> LargePictures:
        """The pictures of works, to be looked into."""
        return LargePictures(
            TileStore(self.settings.home / "tiles"),
            store=self.image_store,
            originals=self.originals,
            limits=self.image_limits,
            with_originals=self.settings.show_originals,
        )

    @cached_property
    def keypoint_store(self) -> "KeypointStore":
        """The keypoints of works, of which each machine keeps its own."""
        from search.identification.keypoint_files import KeypointFiles
        from search.identification.keypoint_store import KeypointStore

        most_bytes = self.settings.keypoints_megabytes * 1_000_000
        files = KeypointFiles(self.settings.home / "keypoints", most_bytes)
        return KeypointStore(files, self.thumbnail_of)

    @cached_property
    def map_store(self) -> MapStore:
        """The maps."""
        return MapStore(self.settings.home / "maps")

    @cached_property
    def maps(self) -> ShownMaps:
        """The maps as they are shown."""
        return ShownMaps(self.database, self.map_store)

    @property
    def models_dir(self) -> Path:
        """Where the models that were made from this collection are kept."""
        return self.settings.home / "models"

    @cached_property
    def shared_models(self) -> SharedModels:
        """These models where all machines keep them."""
        return SharedModels(self.models_dir, lambda: self._store)

    def share_own_model(self, name: str, description: Path) -> None:
        """Give a model, which ``models_dir`` is about to have, to whoever shares them."""
        self.shared_models.send(name, description)

    def look_for_own_models(self) -> dict[str, str]:
        """Put this collection's own models into its registry, those made meanwhile too.

        Returns the models that cannot be used, each with the reason.
        """
        unfetched = {} if self._is_missing else self.shared_models.follow()
        own, broken = read_own_models(self.models_dir)
        self.registry = ModelRegistry(model.description for model in own)
        return broken | unfetched

    @property
    def image_limits(self) -> ImageLimits:
        """The largest image that is read."""
        settings = self.settings
        return ImageLimits(
            settings.max_image_bytes, settings.max_image_pixels, settings.max_decode_bytes
        )

    @property
    def visitor_limits(self) -> ImageLimits:
        """The largest picture that is taken from a visitor of the page."""
        most = self.image_limits
        return replace(
            most,
            decode_bytes=min(self.settings.max_upload_decode_bytes, most.decode_bytes),
            shared_bytes=most.decode_bytes,
        )

    def embedder(self, name: str) -> Embedder:
        """Return a model, the same one at every call.

        Raises:
            UnknownModel: no model has this name.
            WeightsUnavailable: its weights cannot be had.
        """
        if name not in self._embedders:
            self._embedders[name] = self._open_embedder(name)
        return self._embedders[name]

    def picture_of(self, artwork: ArtworkFacts) -> Image.Image:
        """Return the RGB picture of a work that was embedded, or its thumbnail.

        Raises:
            UnreadableImage: neither can be had.
        """
        return embedded_picture(
            artwork, store=self.image_store, originals=self.originals, limits=self.image_limits
        )

    def thumbnail_of(self, artwork: ArtworkFacts) -> Image.Image:
        """Return the RGB thumbnail of a work, or its whole picture where there is none.

        Raises:
            UnreadableImage: neither can be had.
        """
        if artwork.image_sha256 is not None:
            try:
                return decode_image(self.image_store.fetched(artwork.image_sha256))
            except UnreadableImage:
                pass
        return self.picture_of(artwork)

    def report_to(self, report: Callable[[str], None]) -> None:
        """Have slow steps, such as a download of weights, announced."""
        self._report = report

    def to_write(self, embedder: Embedder, *, anew: bool = False) -> Embedder:
        """Return a model in the precision in which its vectors are made here.

        Args:
            anew: whatever precision those that are there were made in.
        """
        if self.settings.precision != "auto":
            return embedder
        held = None if anew else self.index.specs.get(embedder.name)
        return embedder.in_precision(
            best_precision(embedder, self._report or (lambda _: None))
            if held is None
            else precision_of(held.fingerprint)
        )

    def ingest_context(self, embedders: Sequence[Embedder], *, anew: bool = False) -> IngestContext:
        """Return what an ingest job works with.

        Args:
            anew: whether all vectors of the models are made anew.
        """
        return IngestContext(
            database=self.database,
            index=self.index,
            store=self.image_store,
            originals=self.originals,
            keypoints=self.keypoint_store.files if self.settings.keypoints == "at_ingest" else None,
            registry=self.registry,
            embedders=[self.to_write(item, anew=anew) for item in embedders],
            limits=self.image_limits,
            download=download_rules(self.settings),
            batch_size=self.settings.batch_size,
            decode_threads=self.settings.decode_threads,
            outage_timeout=self.settings.outage_patience_seconds,
            lease=timedelta(seconds=self.settings.lease_seconds),
            job_id=self.job_id,
        )

    def _open_embedder(self, name: str) -> Embedder:
        try:
            description = self.registry.describe(name)
        except UnknownModel as unknown:
            why = self.look_for_own_models().get(name) or self.shared_models.fault
            if name not in self.registry and why:
                raise UnknownModel(name, unknown.known, why) from None
            description = self.registry.describe(name)
        if isinstance(description, DerivedDescription):
            base = self.embedder(description.derivation.model)
            current = CurrentProjection(
                self.database, name, fingerprint=projected_fingerprint(description, base)
            )
            return DerivedEmbedder(description, base=base, current=current)
        opened = open_embedder(description, self.settings.weights_dir, report=self._report)
        if self.settings.precision != "auto":
            opened = opened.in_precision(Precision(self.settings.precision))
        return SharedPasses(opened) if self._serves else opened

    @property
    def _index_folder(self) -> Path:
        return self.settings.home / "index"

    def _open_index(self) -> GenerationalIndex:
        if self.settings.qdrant_url is None:
            from search.index.shared import connect

            if not self._serves and (shared := connect(self._index_folder)) is not None:
                return shared
            from search.index.edge import EdgeIndex

            self._refuse_missing()
            return EdgeIndex(self._index_folder)
        from search.index.server import Layout, ServerIndex

        key = self.settings.qdrant_api_key
        return ServerIndex(
            self.settings.qdrant_url,
            alias=self.settings.qdrant_alias,
            api_key=key.get_secret_value() if key else None,
            layout=Layout(
                shards=self.settings.qdrant_shards,
                replicas=self.settings.qdrant_replicas,
                write_consistency=self.settings.qdrant_write_consistency,
            ),
        )

    @property
    def _is_missing(self) -> bool:
        has_catalog = self.is_served or (self.settings.home / CATALOG).exists()
        return not (self._create or has_catalog)

    def _refuse_missing(self) -> None:
        if self._is_missing:
            raise NoCollection(
                f"there is no collection in {self.settings.home}. Is the folder right (--home, "
                "VASARI_HOME)? `vasari ingest folder PICTURES` makes a collection there, "
                "`vasari demo` one to try"
            )

    def close(self) -> None:
        """Let go of everything that was opened."""
        with self._opening:
            if self._index is not None:
                self._index.close()
                self._index = None
        if "large_pictures" in vars(self):
            self.large_pictures.close()
        if "bare_database" in vars(self):
            self.bare_database.close()
