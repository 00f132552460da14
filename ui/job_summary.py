"""How a command that ran a job ends: what the job did, and how to resume it after Ctrl-C."""

import shlex
import sys

import typer

from ingest.summary import JobSummary
from ui.documents.plain import plain
from ui.interrupts import EXIT_CODE
from ui.output import messages, present
from ui.tables.collection import summary_panel


def present_summary(summary: JobSummary, *, as_json: bool, queued: bool = False) -> None:
    """Print what a job did; end with the shells' code for Ctrl-C where it was interrupted."""
    present(plain(summary), summary_panel(summary), as_json=as_json)
    if summary.failed and not as_json:
        messages.print(
            f"`vasari jobs show {summary.job}` lists the failures; "
            f"`vasari jobs retry {summary.job}` tries them again."
        )
    if summary.left and queued and not summary.interrupted:
        messages.print(f"{summary.left} works wait for `vasari worker` processes.")
    elif summary.left and not summary.interrupted:
        messages.print(
            f"{summary.left} works are held by another worker, which is at work on them or "
            "was killed on another machine. Run the same command again in ten minutes.",
            style="yellow",
        )
    if summary.interrupted:
        end_interrupted()


def end_interrupted() -> None:
    """End a command after Ctrl-C, with the command that goes on from there."""
    messages.print("Interrupted. Run the same command again to go on:")
    messages.print(shlex.join(["vasari", *sys.argv[1:]]), soft_wrap=True)
    raise typer.Exit(EXIT_CODE)
