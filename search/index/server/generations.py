"""The generations of a collection on a Qdrant server, and the names that point at them.

A generation is the collection ``ALIAS_0001``, ``ALIAS_0002``, ...; the alias names the one in use.
``ALIAS_former`` names the one that was in use before, ``ALIAS_next`` one that is being filled.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qdrant_client import QdrantClient, models

from catalog.batching import batched
from catalog.filters import KEYWORD_FIELDS, PAYLOAD_FIELDS
from redaction import redact
from search.index.contract import IndexFault, VectorSpec
from search.index.graph import (
    HNSW_CONSTRUCTION_EF,
    HNSW_LINKS,
    INDEXING_THRESHOLD_KB,
    LARGEST_SEGMENT_KB,
    QUANTILE,
)
from search.index.server.requests import SCROLL_PAGE, parts, scroll

IN_USE, FORMER, NEXT = "", "_former", "_next"
"""What is added to the alias for the names of generations."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a generation is spread over the nodes of a cluster; on one server all of it lies there.

    Args:
        shards: parts that it is cut into; ``None`` for one a node.
        replicas: copies of each part, on as many nodes.
        write_consistency: copies that must have a change before it counts as made.
    """

    shards: int | None = None
    replicas: int = 1
    write_consistency: int = 1


WHOLE = Layout()

FULL_SCAN_THRESHOLD_KB = 150_000
"""A filter that leaves less than this of a segment is answered by scanning the codes of what it
leaves, as in the embedded engine. It has to stay below what a segment holds, or searches without
filters would scan all of it; while works are written, a server has many small segments."""


@dataclass(frozen=True, kw_only=True)
class Generations:
    """All generations behind one alias.

    Args:
        url: of the server, for messages.
        alias: name of the collection; its generations are ``alias_NUMBER``.
        layout: of those that are built.
        full_scan_threshold_kb: of those that are built.
    """

    client: QdrantClient
    url: str
    alias: str
    layout: Layout = WHOLE
    full_scan_threshold_kb: int = FULL_SCAN_THRESHOLD_KB

    def collection(self, generation: int) -> str:
        """Return the name of a generation's collection."""
        return f"{self.alias}_{generation:04d}"

    def named(self) -> dict[str, int]:
        """Return the generations that have a name, by what is added to the alias."""
        named = {}
        for item in self.client.get_aliases().aliases:
            suffix = item.alias_name.removeprefix(self.alias)
            if suffix in (IN_USE, FORMER, NEXT) and item.alias_name.startswith(self.alias):
                named[suffix] = self._number(item.collection_name)
        return named

    def next_number(self) -> int:
        """Return a number that no generation has."""
        return max(self._numbers(), default=0) + 1

    def give_names(self, names: Mapping[str, int], *, gone: Sequence[str] = ()) -> None:
        """Give names to generations and take others away, all at once."""
        there = self.named()
        operations: list[models.AliasOperations] = [
            models.DeleteAliasOperation(
                delete_alias=models.DeleteAlias(alias_name=f"{self.alias}{suffix}")
            )
            for suffix in (*names, *gone)
            if suffix in there
        ]
        operations += [
            models.CreateAliasOperation(
                create_alias=models.CreateAlias(
                    collection_name=self.collection(number), alias_name=f"{self.alias}{suffix}"
                )
            )
            for suffix, number in names.items()
        ]
        self.client.update_collection_aliases(operations)

    def build(self, generation: int, specs: Sequence[VectorSpec]) -> None:
        """Make an empty generation of these vectors."""
        name = self.collection(generation)
        self.client.create_collection(
            name,
            vectors_config={spec.model: _vector_params(spec) for spec in specs},
            shard_number=self.layout.shards,
            replication_factor=self.layout.replicas,
            write_consistency_factor=self.layout.write_consistency,
            hnsw_config=models.HnswConfigDiff(
                m=HNSW_LINKS,
                ef_construct=HNSW_CONSTRUCTION_EF,
                full_scan_threshold=self.full_scan_threshold_kb,
            ),
            optimizers_config=models.OptimizersConfigDiff(
                indexing_threshold=INDEXING_THRESHOLD_KB,
                default_segment_number=1,
                max_segment_size=LARGEST_SEGMENT_KB,
            ),
            metadata={
                "fingerprints": {spec.model: spec.fingerprint for spec in specs},
                "roles": {spec.model: spec.role for spec in specs},
            },
        )
        # Before the first point: HNSW gets its filter edges only from indexes that are there.
        # On disk, where they are no slower: in memory they take 2 GB of a million works.
        keyword = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, on_disk=True)
        integer = models.IntegerIndexParams(type=models.IntegerIndexType.INTEGER, on_disk=True)
        for field in PAYLOAD_FIELDS:
            schema = keyword if field in KEYWORD_FIELDS else integer
            self.client.create_payload_index(name, field, schema, wait=True)

    def copy(self, former: int, number: int) -> None:
        """Write all points of one generation to another."""
        specs = self.specs_of(former)
        records = scroll(self.client, self.collection(former), with_payload=True, with_vectors=True)
        for page in batched(records, SCROLL_PAGE):
            for part in parts(page, specs):
                points = [_point_again(record) for record in part]
                self.client.upsert(self.collection(number), points, wait=True)

    def delete(self, number: int) -> None:
        """Delete a generation."""
        self.client.delete_collection(self.collection(number))

    def sweep(self) -> None:
        """Delete generations without a name: what a killed process left half made."""
        for number in self._numbers() - set(self.named().values()):
            self.delete(number)

    def specs_of(self, generation: int) -> dict[str, VectorSpec]:
        """Return the named vectors of a generation, by model.

        Raises:
            IndexFault: the collection was not made by Vasari.
        """
        name = self.collection(generation)
        config = self.client.get_collection(name).config
        metadata: dict[str, Any] = config.metadata or {}
        fingerprints, roles = metadata.get("fingerprints", {}), metadata.get("roles", {})
        vectors = config.params.vectors
        if not isinstance(vectors, dict) or not fingerprints:
            raise self._not_ours(name)
        return {
            model: VectorSpec(
                model=model,
                dimension=params.size,
                fingerprint=fingerprints.get(model, ""),
                role=roles.get(model, "model"),
            )
            for model, params in vectors.items()
        }

    def _numbers(self) -> set[int]:
        """Return the numbers of all generations that there are."""
        pattern = re.compile(rf"{re.escape(self.alias)}_(\d{{4,}})")
        names = [item.name for item in self.client.get_collections().collections]
        return {int(found[1]) for name in names if (found := pattern.fullmatch(name))}

    def _number(self, collection: str) -> int:
        number = collection.removeprefix(f"{self.alias}_")
        if not number.isdigit():
            raise self._not_ours(collection)
        return int(number)

    def _not_ours(self, collection: str) -> IndexFault:
        return IndexFault(
            f"the collection {collection} at {redact(self.url)} was not made by Vasari; "
            "set VASARI_QDRANT_ALIAS to another name"
        )


def _vector_params(spec: VectorSpec) -> models.VectorParams:
    # Features are read back in bulk and never searched: neither a graph nor codes in memory.
    codes = models.ScalarQuantization(
        scalar=models.ScalarQuantizationConfig(
            type=models.ScalarType.INT8, quantile=QUANTILE, always_ram=True
        )
    )
    is_feature = spec.role == "feature"
    return models.VectorParams(
        size=spec.dimension,
        distance=models.Distance.COSINE,
        # Of the originals, a search reads those of the few works whose codes are nearest.
        on_disk=True,
        hnsw_config=models.HnswConfigDiff(m=0) if is_feature else None,
        quantization_config=None if is_feature else codes,
    )


def _point_again(record: models.Record) -> models.PointStruct:
    vector: Any = record.vector or {}
    return models.PointStruct(id=record.id, vector=vector, payload=record.payload)
