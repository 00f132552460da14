"""Clients of the API who ask for all that there is, and a curator who goes round with jobs."""

import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import httpx

from benchmarks.api_clients import turned
from benchmarks.load_record import Record

KINDS = {
    "similar": 20,
    "filtered": 20,
    "similarity": 20,
    "identify": 2,
    "artworks": 18,
    "facets": 10,
    "thumbnail": 5,
    "edit": 5,
}
"""What clients ask for, and how often beside the rest."""

INTAKE = "intake"
"""The folder and the source of the works that come and go."""


@dataclass
class Visitor:
    """One client of the API.

    Args:
        over: set when it is to stop.
        works: ids to ask about; ``edited`` are its alone to edit.
        pictured: those that have thumbnails.
        values: of fields that works can be filtered by.
        files: pictures to upload.
    """

    http: httpx.Client
    record: Record
    over: Event
    rng: random.Random
    works: Sequence[str] = ()
    edited: Sequence[str] = ()
    pictured: Sequence[str] = ()
    values: Sequence[tuple[str, str]] = ()
    files: Sequence[Path] = ()
    corrected: list[str] = field(default_factory=list)

    def visit(self, pause: float) -> None:
        """Ask until it is over, with pauses of so many seconds in the mean."""
        while not self.over.wait(self.rng.expovariate(1 / pause)):
            (kind,) = self.rng.choices(list(KINDS), list(KINDS.values()))
            self.ask(kind, **self._question(kind))

    def ask(self, kind: str, *, method: str = "GET", url: str, **options: Any) -> Any:
        """Return the document of an answer; ``None`` where there was none, which is noted."""
        began = time.monotonic()
        try:
            answer = self.http.request(method, url, **options)
        except httpx.HTTPError as error:
            self.record.failed(kind, f"{type(error).__name__}: {error}")
            return None
        if not answer.is_success:
            self.record.failed(kind, f"{answer.status_code}: {answer.text[:400]}")
            return None
        self.record.took(kind, time.monotonic() - began)
        is_document = answer.headers["content-type"].startswith("application/json")
        return answer.json() if is_document else answer.content

    def _question(self, kind: str) -> dict[str, Any]:
        """Return a request of a kind, drawn at random."""
        work = self.rng.choice(self.works)
        wanted = dict(self.rng.choices(self.values, k=self.rng.randint(1, 2)))
        asked: dict[str, Any] = {"method": "GET", "url": f"/api/{kind}"}
        match kind:
            case "similar":
                asked |= {"url": f"/api/artworks/{work}/similar"}
            case "filtered":
                lists = {name: [value] for name, value in wanted.items()}
                json_body = {"picture": work, "top": 20, **lists}
                asked |= {"method": "POST", "url": "/api/similarity", "json": json_body}
            case "similarity" | "identify":
                picture = {"picture": turned(self.rng.choice(self.files), self.rng)}
                asked |= {"method": "POST", "files": picture}
            case "artworks" | "facets":
                asked |= {"params": wanted}
            case "thumbnail":
                asked |= {"url": f"/api/artworks/{self.rng.choice(self.pictured)}/thumbnail"}
            case "edit":
                asked |= self._edit()
        return asked

    def _edit(self) -> dict[str, Any]:
        if self.corrected and self.rng.random() < 0.5:
            work = self.corrected.pop()
            asked: dict[str, Any] = {"undo": ["title", "year"]}
        else:
            work = self.rng.choice([item for item in self.edited if item not in self.corrected])
            year = self.rng.randint(1500, 1900)
            asked = {"values": {"title": f"Corrected {year}", "year": year}}
            self.corrected.append(work)
        return {"method": "PATCH", "url": f"/api/artworks/{work}", "json": asked}

    def curate(self, *, held: Sequence[str], added: str) -> None:
        """Go round with jobs until it is over.

        Args:
            held: models of the collection.
            added: the model that everything is embedded with.
        """
        intake = {"folder": INTAKE, "source": INTAKE}
        while not self.over.is_set():
            self._job("ingest", source="folder", options=intake, model=list(held))
            self._job("reembed", model=added)
            self._job("rollback", kind="reembed", rollback=True)
            page = {"source": INTAKE, "limit": 500}
            found = self.ask("intake", url="/api/artworks", params=page)
            for work in found["artworks"] if found else ():
                if self.over.is_set():
                    return
                path = f"/api/artworks/{work['id']}"
                if self.ask("delete", method="DELETE", url=path):
                    self.ask("restore", method="POST", url=f"{path}/restore")

    def _job(self, name: str, **asked: Any) -> None:
        """Start a job, and wait until it has ended or everything is over."""
        if self.over.is_set():
            return
        began = time.monotonic()
        asked = {"kind": name, **asked}
        job = self.ask("start of a job", method="POST", url="/api/jobs", json=asked)
        while job is not None and job["state"] in ("starting", "running"):
            if self.over.wait(1):
                return
            job = self.ask("look at a job", url=f"/api/jobs/{job['job']}")
        if job is None:
            self.over.wait(1)
            return
        if job["state"] == "done" and not job.get("failed"):
            self.record.took(f"job: {name}", time.monotonic() - began)
        else:
            why = {key: job.get(key) for key in ("state", "error", "failed", "failures")}
            self.record.failed(f"job: {name}", json.dumps(why)[:600])
