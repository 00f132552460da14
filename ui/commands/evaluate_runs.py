"""``vasari evaluate runs``, ``show`` and ``compare``: evaluations that were kept."""

from typing import Annotated

import typer

from evaluation.run_comparison import compare_runs
from evaluation.runs import REPORT
from ui import options
from ui.documents.runs import run_comparison_document, run_document
from ui.evaluation_runs import runs_of, save_results
from ui.output import Refused, console, messages, note, present, print_json
from ui.session import open_deployment
from ui.tables.collection import facts_table
from ui.tables.runs import run_comparison_tables, runs_table
from ui.wording.runs import command_of, facts_of

RunName = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="Its id or the beginning of it, or `latest`, `latest~1` and so on."
    ),
]


def runs_command(*, home: options.Home = None, as_json: options.Json = False) -> None:
    """List the evaluations that were kept, the oldest first."""
    with open_deployment(home) as deployment:
        runs = runs_of(deployment).all()
        if as_json:
            print_json([run_document(run) for run in runs])
        elif runs:
            console.print(runs_table(runs))
        else:
            console.print("No evaluation has been kept yet: `vasari evaluate` makes them.")


def show_command(run: RunName, *, home: options.Home = None, as_json: options.Json = False) -> None:
    """Show what an evaluation found, and all that it takes to make it again."""
    with open_deployment(home) as deployment:
        runs = runs_of(deployment)
        found = runs.find(run)
        if as_json:
            print_json(run_document(found) | {"result": runs.document(found)})
            return
        console.print(facts_table({**facts_of(found), "command": command_of(found)}))
        console.print(runs.tables(found), highlight=False, no_wrap=True)
        note(f"Its report is {runs.folder(found) / REPORT}")


def compare_command(
    first: RunName,
    second: RunName,
    *,
    method: Annotated[
        list[str] | None,
        typer.Option(
            "--method",
            "-m",
            help="A method of both runs, or FIRST=SECOND for two of different names; repeat for "
            "several.",
            show_default="those that both runs have",
        ),
    ] = None,
    seed: options.Seed = 0,
    save: options.Save = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Compare two evaluations of one protocol, query by query: the second less the first."""
    with open_deployment(home) as deployment:
        runs = runs_of(deployment)
        both = runs.find(first), runs.find(second)
        if both[0].id == both[1].id:
            raise Refused(f"{both[0].id} cannot be compared with itself")
        comparison = compare_runs(
            both,
            (runs.query_values(both[0]), runs.query_values(both[1])),
            pairs=_pairs(method or []),
            seed=seed,
        )
        document = run_comparison_document(comparison)
        present(document, run_comparison_tables(comparison), as_json=as_json)
        for warning in comparison.warnings:
            messages.print(f"Note: {warning}.", style="yellow", highlight=False)
        if save is not None:
            from ui.reports.comparison_report import comparison_report

            save_results(document, comparison_report(comparison), save)


def _pairs(given: list[str]) -> dict[str, str]:
    pairs = {}
    for item in given:
        first, _, second = item.partition("=")
        pairs[first] = second or first
    return pairs
