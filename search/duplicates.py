"""Records that are one work twice: the same file, or reproductions of one painting.

The index says which works lie nearest to each other, the keypoints which of those may be the same,
and the pictures themselves, laid over each other, decide. Every link between two records comes with
its evidence; groups are what such links hold together.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from threadpoolctl import threadpool_limits

from catalog.artworks import ArtworkFacts, by_id
from catalog.batching import batched
from catalog.database import Database
from catalog.dismissals import dismissed_pairs
from catalog.filters import Filter
from catalog.same_works import same_bytes, same_works
from embedders import UnreadableImage
from search.identification.keypoint_store import KeypointStore
from search.identification.local_features import LocalFeatures
from search.index.contract import Index, Vector, embedding_models, unknown_vector
from search.pictures import PictureOf
from search.same_picture import Agreement, Picture, agreement, could_be_same

IDENTITY = "resnet50_identity"
"""The vector that tells works apart best, where the index holds it."""

NEIGHBOURS = 5
"""Works looked at around each: of 59 pairs of reproductions among 1,344 paintings, each was the
first or the second nearest under every vector."""

WORKS_AT_ONCE = 200

Progress = Callable[[int, int], None]
"""Called with the number of works examined so far, and of all works."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """Why two records are taken for one work.

    Args:
        agreement: of their pictures; ``None`` where the image files are equal byte for byte.
        cosines: model -> cosine, of the models under which one is near the other.
    """

    first: UUID
    second: UUID
    agreement: Agreement | None
    cosines: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class DuplicateGroup:
    """Records that seem to be one work.

    Args:
        marked: a curator has marked all of them as one work already.
    """

    works: tuple[ArtworkFacts, ...]
    links: tuple[Link, ...]
    marked: bool


@dataclass(frozen=True, kw_only=True)
class Duplicates:
    """What was found in a collection.

    Args:
        groups: those not yet marked first, then by title.
        works: how many were looked at.
        compared: pairs whose keypoints were compared.
        models: whose neighbours were looked at.
        dismissed: pairs that a curator has told apart, which are not reported.
    """

    groups: tuple[DuplicateGroup, ...]
    works: int
    compared: int
    models: tuple[str, ...]
    dismissed: int


def find_duplicates(
    *,
    index: Index,
    database: Database,
    keypoints: KeypointStore,
    picture_of: PictureOf,
    neighbours: int = NEIGHBOURS,
    threads: int = 2,
    progress: Progress | None = None,
) -> Duplicates:
    """Look through the whole collection for records of one work. Nothing is changed.

    Pairs that a curator has dismissed are passed over.
    Memory holds some hundreds of works at a time, whatever the size of the collection.

    Args:
        keypoints: of the collection's works.
        picture_of: gives the stored picture that the keypoints were found in.
        neighbours: works looked at around each, under each of the models.
        threads: that compare pairs at a time.

    Raises:
        UnknownVector: the index is empty.
    """
    search = _Search(
        index=index,
        database=database,
        keypoints=keypoints,
        picture_of=picture_of,
        neighbours=neighbours,
        threads=threads,
    )
    links = list(search.equal_files())
    total = index.status().points
    done = 0
    # The matrices of one pair are too small for a thread pool of their own: it takes five times
    # the processor's time for them.
    with threadpool_limits(limits=1, user_api="blas"):
        for ids in batched(index.ids(), WORKS_AT_ONCE):
            links += search.links_around(ids)
            done += len(ids)
            if progress is not None:
                progress(done, total)
    return Duplicates(
        groups=_groups(database, links),
        works=done,
        compared=search.compared,
        models=search.models,
        dismissed=search.dismissed,
    )


@dataclass(kw_only=True)
class _Search:
    """One search for duplicates: what it works with, and which pairs it has seen."""

    index: Index
    database: Database
    keypoints: KeypointStore
    picture_of: PictureOf
    neighbours: int
    threads: int
    compared: int = 0

    def __post_init__(self) -> None:
        self.models = _models(self.index)
        with self.database.transaction() as session:
            self._dismissed = {_pair(*pair) for pair in dismissed_pairs(session)}
        self._seen = set(self._dismissed)

    @property
    def dismissed(self) -> int:
        """How many pairs a curator has told apart."""
        return len(self._dismissed)

    def equal_files(self) -> Iterator[Link]:
        """Return a link from each record to the first one that has the same image file.

        Records that a curator has told apart are not linked.
        """
        with self.database.transaction() as session:
            groups = same_bytes(session)
        for records in groups:
            for place, other in enumerate(records):
                for first in records[:place]:
                    if _pair(first, other) not in self._dismissed:
                        self._seen.add(_pair(first, other))
                        yield Link(first=first, second=other, agreement=None, cosines={})
                        break

    def links_around(self, ids: Sequence[UUID]) -> list[Link]:
        """Return the links between some works and their neighbours, without those seen before."""
        near = self._neighbours_of(ids)
        fresh = {}
        for (first, second), cosines in near.items():
            if _pair(first, second) not in self._seen:
                self._seen.add(_pair(first, second))
                fresh[first, second] = cosines
        named = {item for pair in fresh for item in pair}
        with self.database.transaction() as session:
            works = by_id(session, named)
        features = self.keypoints.features(list(works.values()))
        pairs = [pair for pair in fresh if all(item in features for item in pair)]
        self.compared += len(pairs)
        seen = [[(works[item], features[item]) for item in pair] for pair in pairs]
        with ThreadPoolExecutor(self.threads) as threads:
            found = list(threads.map(self._compare, seen))
        return [
            Link(first=pair[0], second=pair[1], agreement=item, cosines=fresh[pair])
            for pair, item in zip(pairs, found, strict=True)
            if item is not None and item.same
        ]

    def _compare(self, pair: Sequence[tuple[ArtworkFacts, LocalFeatures]]) -> Agreement | None:
        """Return how far two works agree; ``None`` where they can't be one, or can't be seen."""
        first, second = pair
        matched = could_be_same(first[1], second[1])
        if matched is None:
            return None
        try:
            one, other = (
                Picture(pixels=np.asarray(self.picture_of(work), np.uint8), features=features)
                for work, features in (first, second)
            )
        except UnreadableImage:
            return None
        return agreement(one, other, matched)

    def _neighbours_of(self, ids: Sequence[UUID]) -> dict[tuple[UUID, UUID], dict[str, float]]:
        """Return the cosines of each work with its neighbours, the pair's lesser id first."""
        near: dict[tuple[UUID, UUID], dict[str, float]] = {}
        held: dict[str, dict[UUID, Vector]] = {
            model: self.index.vectors(model, ids) for model in self.models
        }
        for item in ids:
            queries = {model: held[model][item] for model in self.models if item in held[model]}
            if not queries:
                continue
            found = self.index.nearest_under_each(
                queries, wanted=Filter(), top=self.neighbours, without=[item]
            )
            for model, ranking in found.items():
                for other in ranking:
                    pair = (min(item, other.id), max(item, other.id))
                    near.setdefault(pair, {})[model] = other.cosine
        return near


def _models(index: Index) -> tuple[str, ...]:
    """Return the vectors to look for neighbours with: that of identity, and the embeddings."""
    held = index.specs
    if not held:
        raise unknown_vector("any", held)
    return tuple(name for name in (IDENTITY, *embedding_models(held)) if name in held)


def _pair(first: UUID, second: UUID) -> int:
    """Return a number that this pair of random ids alone has; millions of them are kept."""
    return first.int ^ second.int


def _groups(database: Database, links: Sequence[Link]) -> tuple[DuplicateGroup, ...]:
    """Return what the links hold together, with the works' facts."""
    with database.transaction() as session:
        works = by_id(session, {item for link in links for item in (link.first, link.second)})
        marked = {item: number for number, ids in enumerate(same_works(session)) for item in ids}
    groups = []
    for ids, held in _components(links):
        records = sorted(
            (works[item] for item in ids if item in works),
            key=lambda work: (work.title.casefold(), work.id),
        )
        numbers = {marked.get(work.id) for work in records}
        groups.append(
            DuplicateGroup(
                works=tuple(records),
                links=tuple(held),
                marked=len(numbers) == 1 and None not in numbers,
            )
        )
    return tuple(sorted(groups, key=lambda group: (group.marked, group.works[0].title.casefold())))


def _components(links: Sequence[Link]) -> Iterator[tuple[set[UUID], list[Link]]]:
    """Return the sets of records that links hold together, each with its links."""
    from scipy.cluster.hierarchy import DisjointSet

    sets = DisjointSet(item for link in links for item in (link.first, link.second))
    for link in links:
        sets.merge(link.first, link.second)
    held: dict[UUID, list[Link]] = defaultdict(list)
    for link in links:
        held[sets[link.first]].append(link)
    for item, its_links in held.items():
        yield sets.subset(item), its_links
