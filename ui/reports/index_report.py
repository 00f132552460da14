"""The report of what the index finds of what a scan finds, and how long both take."""

from evaluation.index_quality import SHARES, IndexQuality
from ui.reports import parts
from ui.reports.drawings import lines_chart
from ui.reports.tables import index_table
from ui.wording.measures import KINDS
from ui.wording.numbers import percent


def index_report(quality: IndexQuality) -> parts.Report:
    """Return the report of an evaluation of the index."""
    found = [kind for kinds in quality.models.values() for kind in kinds.values()]
    known = [kind.recall.value for kind in found if kind.recall is not None]
    lowest = min(known, default=None)
    slowest = max(kind.all.p95_ms for kind in found)
    asked = max(kind.all.queries for kind in found)
    return parts.Report(
        kind="Evaluation of the index",
        title="What the fast search finds of all there is to find",
        lead=f"{asked:,} of {quality.works:,} works were asked about, by the graph of neighbours "
        "(HNSW) that searches walk, and by a scan of every work, with filters and without. "
        + (
            "No filter let anything pass."
            if lowest is None
            else "The walk found all that the scan found."
            if lowest == 1
            else f"The walk found at least {percent(100 * lowest)} of what the scan found."
        ),
        figures={
            f"lowest recall@{quality.k}": "–" if lowest is None else f"{lowest:.4f}",
            "95th percentile, slowest": f"{slowest:.1f} ms",
            "works": f"{quality.works:,}",
            "engine": quality.engine,
        },
        sections=[
            parts.Section(
                title="Recall and time",
                note="Small figures: 95 % confidence interval, by bootstrap over the questions. "
                "Times are those of this machine, in milliseconds.",
                parts=[index_table(quality)],
            ),
            *_times(quality),
            _explained(quality),
        ],
    )


def _times(quality: IndexQuality) -> list[parts.Section]:
    charts: list[parts.Part] = []
    for kind, title in KINDS.items():
        lines = {}
        for model, kinds in quality.models.items():
            if kind in kinds and kinds[kind].ms:
                lines[model] = list(zip(map(float, SHARES), kinds[kind].ms, strict=True))
        if lines:
            charts.append(
                parts.Chart(
                    drawing=lines_chart(
                        "percent of the questions", "ms at most", lines, points=False, log=True
                    ),
                    caption=f"Walks of the graph, with {title}.",
                )
            )
    if not charts:
        return []
    note = "The share of the questions that were answered within that time."
    return [parts.Section(title="How long a search takes", note=note, parts=charts)]


def _explained(quality: IndexQuality) -> parts.Section:
    return parts.explained(
        {
            f"recall@{quality.k}": f"share of the {quality.k} works that a scan finds that the "
            "walk finds too",
            "random filters": "each of one or two fields of some other work, and half of them with "
            "a span of years",
            "in the graph": "share of the vectors that the graph holds; the others are always "
            "scanned, as is a small collection",
        }
    )
