"""Drift as a table, and its repair in sentences."""

from rich.table import Table

from maintenance.drift import Drift
from maintenance.reconcile import Repair

_KINDS = {
    "missing_points": "embedded works that the index does not hold",
    "missing_vectors": "vectors that the index lacks of works that it holds",
    "strange_points": "points of works that the catalog does not know",
    "other_payloads": "points whose metadata are not the catalog's",
    "missing_thumbnails": "images without thumbnail",
    "orphaned_thumbnails": "thumbnails of images that no work has",
    "damaged_thumbnails": "thumbnails that are not as they were written",
    "damaged_files": "files of the index that are not as they were written",
}


def drift_table(drift: Drift) -> Table:
    """Return how much of each kind of drift there is, with one example."""
    examples = {
        "missing_points": drift.missing_points,
        "missing_vectors": [
            f"{name} of {works[0]}" for name, works in drift.missing_vectors.items()
        ],
        "strange_points": drift.orphaned_points,
        "other_payloads": drift.other_payloads,
        "missing_thumbnails": list(drift.missing_thumbnails.values()),
        "orphaned_thumbnails": drift.orphaned_thumbnails,
        "damaged_thumbnails": list(drift.damaged_thumbnails.values()),
        "damaged_files": drift.damaged_files,
    }
    table = Table(
        title=f"{drift.works} works, {drift.points} points, {drift.thumbnails} thumbnails",
        title_justify="left",
    )
    table.add_column("drift")
    table.add_column("count", justify="right")
    table.add_column("such as", style="dim", overflow="fold")
    for kind, count in drift.counts().items():
        table.add_row(_KINDS[kind], str(count), str(next(iter(examples[kind]), "")))
    return table


def repair_lines(repair: Repair) -> list[str]:
    """Return what was done about it, in sentences."""
    lines = [
        f"{count} {what}"
        for count, what in (
            (repair.replaced_files, "damaged files of the index replaced"),
            (repair.deleted_points, "points of unknown works deleted"),
            (repair.rewritten_payloads, "payloads rewritten"),
            (repair.remade_thumbnails, "thumbnails remade"),
            (repair.deleted_thumbnails, "thumbnails of no work deleted"),
            (repair.queued, "works queued again"),
        )
        if count
    ]
    if repair.job is not None:
        embedded = ", ".join(
            f"{count} with {model}" for model, count in repair.job.embedded.items()
        )
        lines.append(f"images embedded again: {embedded}")
        if repair.job.failed:
            lines.append(
                f"{repair.job.failed} failed: `vasari jobs show {repair.job.job}` says why"
            )
    for model, reason in repair.unavailable.items():
        lines.append(f"{model} is not available, so its works stay in the queue: {reason}")
    return lines
