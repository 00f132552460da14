"""Kept evaluations as JSON documents."""

from typing import Any

from evaluation.run_comparison import RunComparison
from evaluation.runs import Run
from ui.documents.plain import fields_of, plain
from ui.wording.runs import command_of


def run_document(run: Run) -> dict[str, Any]:
    """Return what a run says of itself, without what it found."""
    facts = fields_of(run)
    return {"id": facts.pop("id"), "command": command_of(run), **facts}


def run_comparison_document(comparison: RunComparison) -> dict[str, Any]:
    """Return what changed between two runs."""
    methods: dict[str, dict[str, Any]] = {}
    for change in comparison.changes:
        found = methods.setdefault(change.method, {"against": change.against})
        found[change.measure] = {
            "n": change.queries,
            "first": change.first,
            "second": change.second,
            "difference": plain(change.difference),
            "p": change.p,
            "q": change.q,
            "sure": change.is_sure,
        }
    return {
        "first": comparison.first.id,
        "second": comparison.second.id,
        "protocol": comparison.first.protocol,
        "n": comparison.queries,
        "only_first": comparison.only_first,
        "only_second": comparison.only_second,
        "seed": comparison.seed,
        "warnings": plain(comparison.warnings),
        "methods": methods,
    }
