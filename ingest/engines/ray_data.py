"""The engine for a fleet: loading and embedding as the stages of a Ray Data pipeline.

Actors load images and make their thumbnails, others hold the models, and what they give comes back
to this process, which alone writes to the catalog and the index: they need neither's address. A row
of the pipeline is a whole batch, pickled, as Arrow has no column for what a batch is made of.
"""

import logging
import os
import pickle
import shutil
import socket
import tempfile
import warnings
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from traceback import format_exc
from typing import Any

import ray
import ray.data
from ray.exceptions import RayError

from catalog.batching import batched
from catalog.jobs import Failure
from embedders import Embedder, ModelDescription, open_embedder
from embedders.precision import precision_of
from ingest.claims import ClaimedWork
from ingest.context import IngestContext
from ingest.download.rules import DownloadRules
from ingest.engines.engine import Claim, EngineFault, Stop
from ingest.loading import LoadedImage
from ingest.model_pass import LoadedBatch, ModelPass, model_passes
from ingest.prefetch import Prefetcher, prefetcher_for

WORKS_A_ROUND_AND_ACTOR = 2_000
"""A pipeline is made for so many works at a time: half a minute and more of decoding, beside which
the few seconds in which its actors start are little."""

MOST_WORKS_A_ROUND = 30_000
"""As many as a statement of the queue may name."""

WORKS_A_CLAIM = 2_000
"""A round is claimed in several transactions."""

OBJECT_STORE_BYTES = 256 * 2**20
"""Of a Ray of this process's own. What is under way are some batches of small squares."""

CRASHES_A_BATCH = 3
"""After this many, the fault lies with the batch and not with the machine."""

KNOCK_SECONDS = 10.0

BATCH = "batch"
Row = dict[str, bytes]


@contextmanager
def ray_engine(address: str | None, weights: Path) -> Iterator["RayEngine"]:
    """Join a cluster, or start a Ray on this machine, for as long as the block lasts.

    Args:
        address: of the cluster, as ``ray.init`` takes it.
        weights: the folder in which each machine keeps the models' weights.

    Raises:
        EngineFault: no cluster answers there, or Ray cannot start.
    """
    with ExitStack() as stack:
        where: dict[str, Any] = {"address": address}
        if address is not None:
            _knock(address)
        else:
            # Not in the folder for temporary files, whose name may be too long for Ray's sockets.
            folder = tempfile.mkdtemp(prefix="vasari-ray-", dir=_short_folder())
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            where = {
                "address": "local",
                "include_dashboard": False,
                "object_store_memory": OBJECT_STORE_BYTES,
                "_temp_dir": folder,
            }
        # For the processes that Ray starts: they would report to its makers, and warn on this
        # terminal of what concerns these alone.
        os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_BACKEND_LOG_LEVEL="fatal")
        try:
            ray.init(**where, log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise EngineFault(
                f"Ray cannot be had {'on this machine' if address is None else f'at {address}'}: "
                f"{error}"
            ) from error
        stack.callback(ray.shutdown)
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        resources = ray.cluster_resources()  # type: ignore[no-untyped-call]
        yield RayEngine(_pools_for(resources), weights)


def _knock(address: str) -> None:
    """Refuse a host and port where nobody answers: Ray would try for minutes."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or "/" in host:
        return
    try:
        socket.create_connection((host, int(port)), timeout=KNOCK_SECONDS).close()
    except OSError as error:
        raise EngineFault(f"no Ray cluster answers at {address}: {error}") from error


@dataclass(frozen=True, kw_only=True)
class _ActorPools:
    """How many actors there are for each stage, and what each takes of its machine."""

    loaders: int
    loader_cpus: float
    embedders: int
    embedder_cpus: float
    embedder_gpus: int


def _pools_for(resources: Mapping[str, float]) -> _ActorPools:
    cpus, gpus = int(resources.get("CPU", 0)), int(resources.get("GPU", 0))
    share = 1 if cpus > 1 else 0.5
    # Without a GPU, a picture takes about as long to decode as to embed.
    embedders = gpus or max(1, cpus // 2)
    return _ActorPools(
        loaders=max(1, cpus if gpus else cpus - embedders),
        loader_cpus=share,
        embedders=embedders,
        embedder_cpus=0 if gpus else share,
        embedder_gpus=min(1, gpus),
    )


@dataclass(frozen=True)
class RayEngine:
    """Runs the stages of the plain loop on Ray Data, with the same outcome for each work."""

    pools: _ActorPools
    weights: Path

    def passes(
        self, context: IngestContext, claim: Claim, stop: Stop
    ) -> Generator[ModelPass, None, None]:
        """Go through all that can be claimed, in rounds of many batches.

        Raises:
            EngineFault: a machine of the cluster has other weights, or none; or something else
                went wrong there.
        """
        while not stop() and (works := self._claimed(claim, stop)):
            with closing(self._round(context, works)) as batches:
                for batch in batches:
                    yield from batch
                    if stop():
                        return

    def _claimed(self, claim: Claim, stop: Stop) -> list[ClaimedWork]:
        works: list[ClaimedWork] = []
        actors = self.pools.loaders + self.pools.embedders
        most = min(WORKS_A_ROUND_AND_ACTOR * actors, MOST_WORKS_A_ROUND)
        while len(works) < most and not stop():
            more = claim(min(WORKS_A_CLAIM, most - len(works)))
            if not more:
                break
            works += more
        return works

    def _round(
        self, context: IngestContext, works: Sequence[ClaimedWork]
    ) -> Generator[list[ModelPass], None, None]:
        rows = [_row(batch) for batch in batched(works, context.batch_size)]
        pools = self.pools
        opening = prefetcher_for(
            replace(context, download=_shared(context.download, pools.loaders))
        )
        models = {item.description: item.fingerprint for item in context.embedders}
        # Ray's types know functions only.
        pipeline: Any = ray.data.from_items(rows, override_num_blocks=len(rows))
        with warnings.catch_warnings():
            # It has no other way yet to say how often a crash is forgiven.
            warnings.filterwarnings("ignore", message=".*ray_remote_args.*")
            pipeline = pipeline.map(
                _Loading,
                fn_constructor_args=(opening,),
                compute=ray.data.ActorPoolStrategy(size=pools.loaders),
                num_cpus=pools.loader_cpus,
                max_task_retries=CRASHES_A_BATCH,
            ).map(
                _Embedding,
                fn_constructor_args=(models, self.weights),
                compute=ray.data.ActorPoolStrategy(size=pools.embedders),
                num_cpus=pools.embedder_cpus,
                num_gpus=pools.embedder_gpus,
                max_task_retries=CRASHES_A_BATCH,
            )
        try:
            for row in pipeline.iter_rows():
                yield _embedded(row)
        except RayError as error:
            raise EngineFault(
                f"Ray gave up: {str(error).splitlines()[-1]} Nothing is lost: run the same command "
                "again to go on"
            ) from error


def _shared(rules: DownloadRules, loaders: int) -> DownloadRules:
    """Return the rules of one of several that download, so that together they keep the rules."""
    return replace(
        rules,
        at_once=max(1, rules.at_once // loaders),
        host_at_once=max(1, rules.host_at_once // loaders),
        host_rate=rules.host_rate / loaders,
    )


class _Stage(ABC):
    """What an actor does with each row."""

    def __call__(self, row: Row) -> Row:
        """Do it; a failure is passed on as a value, since Ray would hide its reason in a log."""
        given = pickle.loads(row[BATCH])  # noqa: S301 - by this module
        if not isinstance(given, EngineFault):
            try:
                given = self.done(given)
            except EngineFault as fault:
                given = fault
            except Exception as error:
                given = EngineFault(f"on Ray: {type(error).__name__}: {error}")
                given.add_note(format_exc())
        return _row(given)

    @abstractmethod
    def done(self, batch: Any) -> Any:
        """Return the batch for the next stage."""


class _Loading(_Stage):
    """Loads images as the plain loop does: downloads keep their pace from batch to batch."""

    def __init__(self, opening: "partial[Prefetcher]") -> None:
        self._left: list[ClaimedWork] = []
        self._ahead = opening(self._take)

    def done(self, batch: Sequence[ClaimedWork]) -> LoadedBatch:
        self._left = list(batch)
        loaded: list[tuple[ClaimedWork, LoadedImage | Failure]] = []
        while some := self._ahead.next_batch(lambda: False):
            loaded += some
        return loaded

    def _take(self, works: int) -> list[ClaimedWork]:
        taken, self._left = self._left[:works], self._left[works:]
        return taken


class _Embedding(_Stage):
    """Holds the models."""

    def __init__(self, fingerprints: Mapping[ModelDescription, str], weights: Path) -> None:
        self._fingerprints = fingerprints
        self._weights = weights
        self._embedders: list[Embedder] = []

    def done(self, batch: LoadedBatch) -> list[ModelPass]:
        if not self._embedders:
            self._embedders = [self._opened(model) for model in self._fingerprints]
        return list(model_passes(self._embedders, batch))

    def _opened(self, model: ModelDescription) -> Embedder:
        wanted = precision_of(self._fingerprints[model])
        embedder = open_embedder(model, self._weights).in_precision(wanted)
        if embedder.fingerprint != self._fingerprints[model]:
            raise EngineFault(
                f"{socket.gethostname()} has other weights of {model.name} in {self._weights} than "
                "the machine that runs this command: copy that machine's folder there"
            )
        return embedder


def _row(value: object) -> Row:
    return {BATCH: pickle.dumps(value)}


def _embedded(row: Row) -> list[ModelPass]:
    came: list[ModelPass] | EngineFault = pickle.loads(row[BATCH])  # noqa: S301 - by this module
    if isinstance(came, EngineFault):
        raise came
    return came


def _short_folder() -> str | None:
    return "/tmp" if Path("/tmp").is_dir() else None  # noqa: S108 - a random name is made in it
