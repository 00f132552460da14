"""Answers as tables for a terminal."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from rich import box
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Column, Table
from rich.text import Text

from catalog.artworks import ArtworkFacts, ArtworkPage
from catalog.jobs import FailureGroup, JobFacts
from embedders import ModelStatus, OwnModel
from evaluation.index_recall import IndexCheck
from ingest.summary import JobSummary
from redaction import redact
from search.index.status import IndexStatus, Storage
from search.similar import Hit, ModelHits, SimilarWorks
from ui.console import escaped
from ui.wording.numbers import decimal, percent
from ui.wording.works import made_by, more_reproductions


def right(name: str, **how: Any) -> Column:
    """Return a column of numbers; ``how`` as rich's ``Column`` takes it."""
    return Column(name, justify="right", **how)


def empty_table(
    *columns: str | Column, title: str | None = None, caption: str | None = None
) -> Table:
    """Return a table in the house's style, without rows yet."""
    return Table(
        *columns,
        title=title,
        title_justify="left",
        title_style="bold",
        caption=caption,
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )


def search_tables(answer: SimilarWorks) -> RenderableType:
    """Return the models' hits side by side, where the terminal is wide enough, with statistics."""
    parts: list[RenderableType] = [
        Columns([_hits_table(found) for found in answer.models.values()], padding=(0, 3)),
    ]
    if answer.choice is not None:
        parts.append(Text(f"{answer.choice.model} was chosen: {answer.choice.reason}."))
    if any(found.statistics for found in answer.models.values()):
        parts.append(_statistics_table(list(answer.models.values())))
    if answer.comparison.overlap is not None:
        share = f"{answer.comparison.overlap:.0%}"
        agreement = f"The models have {share} of these works in common (overlap@k)"
        if answer.comparison.rbo is not None:
            agreement += f"; rank-biased overlap {answer.comparison.rbo:.2f}"
        if answer.comparison.spearman is not None:
            agreement += f", rank correlation {answer.comparison.spearman:.2f}"
        parts.append(Text(f"{agreement}."))
        parts.append(
            Text(
                "percentile: the share of pairs of works in this collection that are less alike.",
                style="dim",
            )
        )
    timings = ", ".join(f"{stage} {value:.0f} ms" for stage, value in answer.timings_ms.items())
    parts.append(Text(timings, style="dim"))
    return Group(*parts)


def _hits_table(found: ModelHits) -> Table:
    measures = (right(name, no_wrap=True) for name in ("distance", "cosine", "percentile", "z"))
    table = empty_table(right("#"), Column("work", max_width=40), *measures, title=found.model)
    for hit in found.hits:
        table.add_row(
            str(hit.rank),
            _hit_label(hit),
            decimal(hit.angular_distance, 3),
            decimal(hit.cosine, 3),
            percent(hit.percentile),
            decimal(hit.z, 1),
        )
    if not found.hits:
        table.add_row("", Text("no work passes the filter", style="dim"))
    return table


def _hit_label(hit: Hit) -> Text:
    label = work_label(hit.artwork)
    if hit.reproductions:
        label.append(f"\nand {more_reproductions(len(hit.reproductions))}", "dim")
    return label


def work_label(artwork: ArtworkFacts) -> Text:
    """Return title, artist and year on two lines, the artist as the source spells them too."""
    by = made_by(artwork)
    if artwork.catalogued_as:
        by += f" (catalogued as {artwork.catalogued_as})"
    return Text.assemble(one_line(artwork.title), "\n", (one_line(by), "dim"))


def one_line(text: str) -> str:
    """Return a text that stays on its line, whatever a file's name holds."""
    return escaped(" ".join(text.split()))


def _statistics_table(models: Sequence[ModelHits]) -> Table:
    table = empty_table(title="statistics over the hits")
    table.add_column("model", no_wrap=True)
    for measure in ("distance", "cosine"):
        table.add_column(f"{measure}\nmean ± sd", justify="right", no_wrap=True)
        table.add_column("\nmin – max", justify="right", no_wrap=True)
    for found in models:
        values = found.statistics
        if values is None:
            continue
        table.add_row(
            found.model,
            f"{values.mean_angular_distance:.3f} ± {values.std_angular_distance:.3f}",
            f"{values.min_angular_distance:.3f} – {values.max_angular_distance:.3f}",
            f"{values.mean_cosine:.3f} ± {values.std_cosine:.3f}",
            f"{values.min_cosine:.3f} – {values.max_cosine:.3f}",
        )
    return table


def artworks_table(page: ArtworkPage) -> Table:
    """Return a listing of artworks."""
    shown = len(page.artworks)
    table = empty_table(
        id_column(),
        Column("title", no_wrap=True, ratio=3),
        Column("artist", no_wrap=True, ratio=2),
        right("year", no_wrap=True, min_width=4),
        caption=f"{shown} of {page.total} works",
    )
    table.expand = True
    for artwork in page.artworks:
        row = (artwork.title, artwork.artist, artwork.year)
        table.add_row(str(artwork.id), *(_cell(value) for value in row))
    return table


def reproductions_table(works: Sequence[ArtworkFacts]) -> Table:
    """Return the other records of a work."""
    return records_table(works, title=f"{more_reproductions(len(works))} of this work")


def records_table(works: Sequence[ArtworkFacts], *, title: str) -> Table:
    """Return records of one work: their ids, what they say of it, and their files."""
    table = empty_table(
        id_column(),
        Column("work", max_width=44),
        Column("source and file", overflow="fold"),
        title=title,
    )
    for work in works:
        table.add_row(
            str(work.id), work_label(work), one_line(f"{work.source}: {redact(work.file)}")
        )
    return table


def id_column(name: str = "id") -> Column:
    """Return a column of works' ids, which can be copied whole."""
    return Column(name, no_wrap=True, min_width=36)


def facets_tables(
    counted: Mapping[str, Mapping[str, int]], *, total: int, limit: int | None
) -> RenderableType:
    """Return the counts of each field's values side by side."""
    tables = []
    for field, values in counted.items():
        if not values:
            continue
        left = len(values) - len(list(islice(values, limit)))
        table = empty_table(
            Column(field, max_width=32),
            right("works", no_wrap=True),
            caption=f"and {left} more" if left else None,
        )
        for value, works in islice(values.items(), limit):
            table.add_row(_cell(value), str(works))
        tables.append(table)
    return Group(
        Columns(tables, padding=(0, 3)), Text(f"{total} works pass the filter", style="dim")
    )


def facts_table(facts: dict[str, object]) -> Table:
    """Return one thing's facts, a row each; nested facts are spread out."""
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in facts.items():
        if isinstance(value, dict):
            for inner, inner_value in value.items():
                table.add_row(f"{name}: {inner}", _cell(inner_value))
        else:
            table.add_row(name, _cell(value))
    return table


def summary_panel(summary: JobSummary) -> Panel:
    """Return what a job did."""
    lines = [
        f"{summary.seen} works seen: {summary.added} added, {summary.updated} updated, "
        f"{summary.unchanged} unchanged, {summary.failed} failed"
    ]
    lines += [f"{model}: {count} images embedded" for model, count in summary.embedded.items()]
    if summary.left:
        lines.append(f"{summary.left} works are still to be embedded")
    lines += failure_lines(summary.failures)
    lines.append(f"{summary.seconds:.1f} s")
    title = "interrupted" if summary.interrupted else "done"
    return Panel(Text("\n".join(lines)), title=f"job {summary.job}: {title}", title_align="left")


def jobs_table(jobs: Sequence[JobFacts]) -> Table:
    """Return a listing of jobs."""
    names = ("seen", "added", "updated", "unchanged", "failed")
    table = empty_table(
        Column("job", no_wrap=True, min_width=20),
        "kind",
        Column("state", no_wrap=True, min_width=4),
        *(right(name, no_wrap=True, min_width=len(name)) for name in names),
    )
    for job in jobs:
        counts = (job.seen, job.added, job.updated, job.unchanged, job.failed)
        table.add_row(job.id, job.kind, str(job.state), *(str(count) for count in counts))
    return table


def job_panel(job: JobFacts) -> Panel:
    """Return one job with its failures."""
    lines = [
        f"{job.kind}, {job.state}"
        + (f": {job.error}" if job.error else "")
        + f", begun {job.started_at:%Y-%m-%d %H:%M:%S} UTC",
        f"{job.seen} works seen: {job.added} added, {job.updated} updated, "
        f"{job.unchanged} unchanged, {job.failed} failed",
        *([_pace(job)] if job.left is not None else []),
        *(f"{name}: {value}" for name, value in job.arguments.items() if value),
        *failure_lines(job.failures),
    ]
    return Panel(Text("\n".join(lines)), title=f"job {job.id}", title_align="left")


def _pace(job: JobFacts) -> str:
    """Return what is left of a running job, and how fast it gets less."""
    parts = [f"{job.left} left"]
    if job.images_per_second is not None:
        parts.append(f"{job.images_per_second:.1f} images/s")
    if job.seconds_left is not None:
        parts.append(f"about {timedelta(seconds=round(job.seconds_left))} to go")
    return ", ".join(parts)


def failure_lines(failures: Sequence[FailureGroup]) -> list[str]:
    """Return failures by reason, with examples of each."""
    lines = []
    for group in failures:
        lines.append(f"failed to {group.stage}: {group.count} × {group.reason}")
        lines += [f"    {one_line(example.item)}" for example in group.examples]
        if group.count > len(group.examples):
            lines.append(f"    and {group.count - len(group.examples)} more")
    return lines


def index_tables(status: IndexStatus, storage: Storage) -> RenderableType:
    """Return what the index holds, what that takes, and how it lies on a cluster."""
    generation = "none yet" if status.generation is None else str(status.generation)
    facts = facts_table(
        {
            "engine": status.engine,
            "location": status.location,
            "generation": generation,
            "points": status.points,
            "payload indexes": ", ".join(status.payload_indexes) or "none",
            "memory": f"{storage.memory_bytes / 1e6:,.0f} MB",
            "disk": f"{storage.disk_bytes / 1e6:,.0f} MB",
        }
    )
    table = empty_table("vector", right("points"), right("in graph"), "fingerprint")
    for model, vector in status.vectors.items():
        table.add_row(model, str(vector.points), str(vector.indexed), vector.fingerprint)
    parts: list[RenderableType] = [facts, table]
    if storage.shards:
        shards = empty_table(right("shard"), "copies")
        for shard in storage.shards:
            copies = (f"{copy.node} {copy.state}" for copy in shard.replicas)
            shards.add_row(str(shard.number), "\n".join(copies))
        parts.append(shards)
    return Group(*parts, *(Text(sentence, style="yellow") for sentence in storage.advice))


def index_check_table(check: IndexCheck) -> Table:
    """Return what a check of the index found."""
    figures = ("queries", "recall@10", "p50 ms", "p95 ms", "exact p50 ms")
    table = empty_table("model", "filters", *map(right, figures))
    for model, kinds in check.models.items():
        for kind, recall in kinds.items():
            times = (recall.p50_ms, recall.p95_ms, recall.exact_p50_ms)
            table.add_row(
                model,
                "with" if kind == "filtered" else "without",
                str(recall.queries),
                f"{recall.recall:.4f}",
                *(f"{value:.2f}" for value in times),
            )
    return table


def models_table(statuses: Sequence[ModelStatus]) -> Table:
    """Return the models that Vasari knows."""
    table = empty_table(
        Column("model", no_wrap=True),
        right("dimension", no_wrap=True),
        Column("ready", no_wrap=True),
        "weights",
        "licence",
    )
    for status in statuses:
        weights = status.provider or ""
        if status.reason:
            weights = f"{weights}\n{status.reason}" if weights else status.reason
        table.add_row(
            status.name,
            str(status.dimension),
            Text("yes", style="green") if status.ready else Text("no", style="yellow"),
            weights,
            status.licence,
        )
    return table


def own_models_table(own: Sequence[OwnModel], broken: Mapping[str, str]) -> Table:
    """Return what a collection's own models were made from, and where their reports lie."""
    table = empty_table(title="of this collection's own")
    for name in ("model", "made from", "how", "folder"):
        table.add_column(name, no_wrap=name == "model", overflow="fold")
    for model in own:
        how = str(model.about.get("summary", ""))
        table.add_row(model.description.name, model.made_from, how, str(model.folder))
    for name, reason in broken.items():
        table.add_row(name, "", Text(reason, style="yellow"), "")
    return table


def _cell(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_cell(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return "; ".join(_cell(inner) for inner in value)
    return "" if value is None else one_line(str(value))
