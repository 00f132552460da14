"""The report of what choosing a model for each query achieves."""

from evaluation.choosing import ChoosingResults
from search.fusion import FUSION
from ui.reports import parts
from ui.reports.drawings import Panel, intervals_chart
from ui.reports.tables import worth_and_shares
from ui.tables.evaluation import choosing_verdict

KINDS = {
    "model": "one model for all queries",
    "normalised": "one model, ranked by the score that it would add to a fusion",
    "fusion": "all models together, in equal parts",
    "auto": "what a search shows that is left the choice",
    "weights": "all models together, in parts learned from other artists’ works",
    "rule": "a model chosen for each query, by a fixed rule",
    "chooser": "a model chosen for each query, by a chooser that learned from other artists’ works",
    "oracle": "the best choice for each query, which knows the labels; no choice can do better",
}


def choosing_report(results: ChoosingResults) -> parts.Report:
    """Return the report of an evaluation of choosing."""
    worth, shares = worth_and_shares(results)
    return parts.Report(
        kind="Evaluation of choosing",
        title="Is choosing a model for each query worth it?",
        lead=f"{results.queries:,} works asked, each for other works of its own {results.label}. "
        f"{choosing_verdict(results)}",
        figures={
            f"P@10 of {method.name}": f"{method.precision.value:.3f}"
            for method in results.methods
            if method.name in (results.best_model, FUSION, "auto")
        },
        sections=[
            parts.Section(
                title="What each way to answer is worth",
                note="Small figures and lines: 95 % confidence interval, by bootstrap over the "
                "queries. Bold where the interval of a difference does not hold 0.",
                parts=[
                    parts.Chart(
                        drawing=intervals_chart(
                            [
                                Panel(
                                    title="P@10, less that of fusion",
                                    values={
                                        method.name: method.over_fusion
                                        for method in results.methods
                                    },
                                    baseline=0.0,
                                )
                            ],
                            one_colour=True,
                            width=360,
                        )
                    ),
                    worth,
                ],
            ),
            parts.Section(
                title="What was chosen",
                note="Share of the queries for which each model was chosen, or its weight in a "
                "fusion.",
                parts=[shares],
            ),
            _kinds(results),
        ],
    )


def _kinds(results: ChoosingResults) -> parts.Section:
    names = {
        kind: "; ".join(method.name for method in results.methods if method.kind == kind)
        for kind in KINDS
    }
    facts = {kind: f"{KINDS[kind]}: {which}" for kind, which in names.items() if which}
    return parts.Section(title="What the ways are", parts=[parts.Facts(facts=facts)])
