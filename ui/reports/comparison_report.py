"""The report of what changed between two evaluations."""

from evaluation.run_comparison import FALSE_DISCOVERY_RATE, RunComparison
from ui.reports import parts
from ui.reports.drawings import Panel, intervals_chart
from ui.tables.runs import changes_table, method_pair, runs_in_words
from ui.wording.measures import measure_label
from ui.wording.runs import command_of, facts_of

MOST_PANELS = 3


def comparison_report(comparison: RunComparison) -> parts.Report:
    """Return the report of a comparison of two runs."""
    sure = [change for change in comparison.changes if change.is_sure]
    lead = (
        f"Of {len(comparison.changes)} figures {len(sure)} changed by more than chance would."
        if sure
        else "No figure changed by more than chance would."
    )
    return parts.Report(
        kind="Comparison of two evaluations",
        title=f"{comparison.first.protocol.capitalize()}: what changed",
        lead=f"{runs_in_words(comparison)} {lead}",
        sections=[
            *_notes(comparison),
            _changes(comparison),
            *(
                parts.Section(
                    title=title,
                    parts=[parts.Command(line=command_of(run)), parts.Facts(facts=facts_of(run))],
                )
                for title, run in (
                    ("The first run", comparison.first),
                    ("The second run", comparison.second),
                )
            ),
        ],
        foot=f"{comparison.first.id} and {comparison.second.id}",
    )


def _notes(comparison: RunComparison) -> list[parts.Section]:
    if not comparison.warnings:
        return []
    said = [
        parts.Text(text=f"{warning[0].upper()}{warning[1:]}.") for warning in comparison.warnings
    ]
    return [parts.Section(title="What else differs between the runs", parts=said)]


def _changes(comparison: RunComparison) -> parts.Section:
    measures = list(dict.fromkeys(change.measure for change in comparison.changes))
    panels = [
        Panel(
            title=f"change in {measure_label(measure)}",
            values={
                method_pair(change.method, change.against): change.difference
                for change in comparison.changes
                if change.measure == measure
            },
            baseline=0.0,
        )
        for measure in measures[:MOST_PANELS]
    ]
    return parts.Section(
        title="Second less first, query by query",
        note="Small figures and lines: 95 % confidence interval, by bootstrap over the queries. p: "
        "of a permutation test; q: p adjusted for the number of comparisons. Bold where q is "
        f"under {FALSE_DISCOVERY_RATE}.",
        parts=[
            parts.Chart(drawing=intervals_chart(panels)),
            changes_table(comparison),
        ],
    )
