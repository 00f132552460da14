"""The served engine: a Qdrant server, for several processes and machines at once.

What is written goes to the generation in use. What is asked is asked of the generation that this
process last looked at, by its own name, so that no answer is made of two; it moves on by itself to
one that holds all it knows, made by the same weights.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal
from uuid import UUID

from qdrant_client import models

from redaction import redact
from search.index.answers import index_point, uuid_of, vector_statuses
from search.index.contract import (
    GenerationalIndex,
    IndexFault,
    IndexPoint,
    ScoredId,
    Search,
    Vector,
    VectorSpec,
    check_specs,
    clip_cosine,
    no_former,
)
from search.index.server.cluster import server_storage
from search.index.server.connection import addresses_of, connect
from search.index.server.current import CurrentGeneration
from search.index.server.generations import (
    FORMER,
    FULL_SCAN_THRESHOLD_KB,
    IN_USE,
    NEXT,
    WHOLE,
    Generations,
    Layout,
)
from search.index.server.requests import (
    among,
    nearest_request,
    parts,
    point_struct,
    scroll,
    vector_lists,
)
from search.index.status import IndexStatus, Storage

GREEN_POLL_SECONDS = 0.2


class ServerIndex(GenerationalIndex):
    """An index on a Qdrant server.

    Args:
        url: of the server, such as ``http://localhost:6333``; of several nodes of a cluster, by
            commas.
        api_key: for servers that ask for one.
        alias: name of the collection; its generations are ``alias_NUMBER``.
        generation: one to open by itself, whether in use or not.
        layout: of generations that are built.
        full_scan_threshold_kb: of generations that are built: a filter that leaves less than this
            is answered by a scan.

    Raises:
        IndexUnreachable: no server answers at the address.
    """

    engine: Literal["edge", "server"] = "server"

    def __init__(
        self,
        url: str,
        *,
        alias: str,
        api_key: str | None = None,
        generation: int | None = None,
        layout: Layout = WHOLE,
        full_scan_threshold_kb: int = FULL_SCAN_THRESHOLD_KB,
    ) -> None:
        self.url = url
        self.alias = alias
        self._api_key = api_key
        self._client = connect(url, api_key=api_key)
        self._generations = Generations(
            client=self._client,
            url=url,
            alias=alias,
            layout=layout,
            full_scan_threshold_kb=full_scan_threshold_kb,
        )
        self._current = CurrentGeneration(self._generations, only=generation)

    @property
    def specs(self) -> Mapping[str, VectorSpec]:
        return self._current.specs

    def refresh(self) -> None:
        self._current.refresh()

    def ensure(self, specs: Sequence[VectorSpec]) -> None:
        """Make room for these vectors; a vector new to a filled index begins a new generation."""
        self._current.refresh()
        missing = check_specs(self.specs, specs)
        if not missing:
            return
        former = self._current.number
        self._generations.sweep()
        number = self._generations.next_number()
        together = {**self.specs, **{spec.model: spec for spec in missing}}
        self._generations.build(number, list(together.values()))
        if former is not None:
            self._generations.copy(former, number)
        self._generations.give_names({IN_USE: number})
        if former is not None:
            self._generations.delete(former)
        self._current.refresh()

    def next_generation(self, specs: Sequence[VectorSpec]) -> "ServerIndex":
        number = self._generations.named().get(NEXT)
        if number is not None:
            begun = self._opened(number)
            if dict(begun.specs) == {spec.model: spec for spec in specs}:
                return begun
            begun.close()
            self._generations.delete(number)
        self._generations.sweep()
        number = self._generations.next_number()
        self._generations.build(number, specs)
        self._generations.give_names({NEXT: number})
        return self._opened(number)

    def switch(self) -> None:
        named = self._generations.named()
        if NEXT not in named:
            raise IndexFault("no generation has been begun: there is nothing to switch to")
        self._generations.give_names({IN_USE: named[NEXT], FORMER: named[IN_USE]}, gone=[NEXT])
        if FORMER in named:
            self._generations.delete(named[FORMER])
        self._current.refresh()

    def former_generation(self) -> "ServerIndex | None":
        number = self._generations.named().get(FORMER)
        return None if number is None else self._opened(number)

    def roll_back(self) -> None:
        named = self._generations.named()
        if FORMER not in named:
            raise no_former()
        self._generations.give_names({IN_USE: named[FORMER], FORMER: named[IN_USE]})
        self._current.refresh()

    def discard_former(self) -> None:
        named = self._generations.named()
        if FORMER not in named:
            raise no_former()
        self._generations.delete(named[FORMER])

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        partial = [point.id for point in points if len(point.vectors) < len(self.specs)]
        there = self._there(partial) if partial else set()
        for part in parts([point for point in points if point.id not in there], self.specs):
            self._client.upsert(
                self._current.written,
                [point_struct(point) for point in part],
                wait=True,
            )
        for part in parts([point for point in points if point.id in there], self.specs):
            self._client.update_vectors(
                self._current.written,
                [
                    models.PointVectors(id=str(point.id), vector=vector_lists(point))
                    for point in part
                ],
                wait=True,
            )
            self.set_payload({point.id: point.payload for point in part})

    def set_vectors(self, model: str, vectors: Mapping[UUID, Vector]) -> None:
        self._current.require(model)
        changes = [
            models.PointVectors(id=str(item), vector={model: vectors[item].tolist()})
            for item in self._there(vectors)
        ]
        for part in parts(changes, {model: self.specs[model]}):
            self._client.update_vectors(self._current.written, list(part), wait=True)

    def set_payload(self, payloads: Mapping[UUID, Mapping[str, str | int]]) -> None:
        # By a filter and not by id: an id that the collection lacks would be an error.
        operations: list[models.UpdateOperation] = [
            models.OverwritePayloadOperation(
                overwrite_payload=models.SetPayload(
                    payload=dict(payload),
                    filter=models.Filter(must=[models.HasIdCondition(has_id=[str(item)])]),
                )
            )
            for item, payload in payloads.items()
        ]
        if operations:
            self._client.batch_update_points(self._current.written, operations, wait=True)

    def delete(self, ids: Sequence[UUID]) -> None:
        if not ids:
            return
        selector = models.PointIdsList(points=[str(item) for item in ids])
        self._client.delete(self._current.written, selector, wait=True)

    def search(self, searches: Mapping[str, Search]) -> dict[str, list[ScoredId]]:
        for model in searches:
            self._current.require(model)
        if not searches:
            return {}
        # Not by the client's own method, which copies every vector number by number to see
        # whether it is a text to be embedded: that takes longer than the search.
        batch = models.QueryRequestBatch(
            searches=[nearest_request(model, search) for model, search in searches.items()]
        )
        answers = self._current.asked(
            lambda: (
                self._client.http.search_api.query_batch_points(
                    collection_name=self._current.read, query_request_batch=batch
                ).result
            ),
            list(searches),
        )
        return {
            model: [
                ScoredId(id=uuid_of(hit.id), cosine=clip_cosine(hit.score)) for hit in answer.points
            ]
            for model, answer in zip(searches, answers or [], strict=True)
        }

    def vectors(self, model: str, ids: Sequence[UUID]) -> dict[UUID, Vector]:
        self._current.require(model)
        records = self._current.asked(
            lambda: self._client.retrieve(
                self._current.read,
                [str(item) for item in ids],
                with_payload=False,
                with_vectors=[model],
            ),
            [model],
        )
        points = map(index_point, records)
        return {point.id: point.vectors[model] for point in points if model in point.vectors}

    def ids(self) -> Iterator[UUID]:
        if self._current.number is None:
            return
        for record in scroll(self._client, self._current.read):
            yield uuid_of(record.id)

    def held(self, ids: Sequence[UUID], *, model: str | None = None) -> set[UUID]:
        if (
            self._current.number is None
            or not ids
            or (model is not None and model not in self.specs)
        ):
            return set()
        found = scroll(self._client, self._current.read, wanted=among(ids, model=model))
        return {uuid_of(record.id) for record in found}

    def points(self, *, with_vectors: bool) -> Iterator[IndexPoint]:
        if self._current.number is None:
            return
        for record in scroll(
            self._client, self._current.read, with_payload=True, with_vectors=with_vectors
        ):
            yield index_point(record)

    def optimize(self) -> None:
        """Wait until the server, which builds its graphs by itself, has built them."""
        if self._current.number is None:
            return
        while (
            self._client.get_collection(self._current.read).status == models.CollectionStatus.YELLOW
        ):
            time.sleep(GREEN_POLL_SECONDS)

    def damaged_files(self) -> list[str]:
        """Return nothing: the server minds its own files."""
        return []

    def mend(self) -> None:
        """Do nothing: the server minds its own files."""

    def status(self) -> IndexStatus:
        if self._current.number is None:
            return IndexStatus(
                engine=self.engine, location=redact(self.url), generation=None, points=0
            )
        return self._current.asked(self._status, [])

    def _status(self) -> IndexStatus:
        info = self._client.get_collection(self._current.read)
        points = {
            model: self._client.count(
                self._current.read,
                count_filter=models.Filter(must=[models.HasVectorCondition(has_vector=model)]),
                exact=True,
            ).count
            for model in self.specs
        }
        return IndexStatus(
            engine=self.engine,
            location=redact(self.url),
            generation=self._current.number,
            points=self._client.count(self._current.read, exact=True).count,
            vectors=vector_statuses(self.specs, points, indexed=info.indexed_vectors_count or 0),
            payload_indexes=tuple(sorted(info.payload_schema)),
        )

    def storage(self) -> Storage:
        return server_storage(
            self._client,
            addresses_of(self.url),
            api_key=self._api_key,
            alias=self.alias,
            collection=None if self._current.number is None else self._current.read,
        )

    def close(self) -> None:
        self._client.close()

    def _there(self, ids: Iterable[UUID]) -> set[UUID]:
        records = self._client.retrieve(
            self._current.written,
            [str(item) for item in ids],
            with_payload=False,
            with_vectors=False,
        )
        return {uuid_of(record.id) for record in records}

    def _opened(self, number: int) -> "ServerIndex":
        return ServerIndex(self.url, alias=self.alias, api_key=self._api_key, generation=number)
