"""``vasari reembed``: embed the whole collection again with a model, while searches go on."""

from typing import Annotated

import typer

from maintenance.reembed import reembed
from maintenance.rollback import roll_back
from ui import options
from ui.documents.plain import plain
from ui.job_summary import end_interrupted
from ui.output import Refused, messages, present
from ui.progress import TerminalProgress
from ui.session import open_deployment


def reembed_command(
    *,
    model: Annotated[
        str | None, typer.Option(help="The model to add, or to embed with again.")
    ] = None,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Put the former vectors in use again.")
    ] = False,
    discard_former: Annotated[
        bool, typer.Option("--discard-former", help="Delete the former vectors.")
    ] = False,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Embed the whole collection with a model, beside what is searched, and switch at the end.

    Adds a model, or makes its vectors again where its weights have changed. What was in use is kept
    for --rollback until the next reembed or --discard-former. Run it again to resume.
    """
    with open_deployment(home, writes=True) as deployment:
        if (model is not None) + rollback + discard_former != 1:
            raise Refused("give one of --model, --rollback and --discard-former")
        if rollback:
            behind = roll_back(deployment.ingest_context([]))
            present(
                {"rolled_back": True, "to_be_embedded": behind},
                "The former vectors are in use again."
                + (f" {behind} works changed since: run their ingest again." if behind else ""),
                as_json=as_json,
            )
        elif discard_former:
            deployment.index.discard_former()
            present({"discarded": True}, "The former vectors are deleted.", as_json=as_json)
        else:
            context = deployment.ingest_context([deployment.embedder(model or "")], anew=True)
            with TerminalProgress(messages) as progress:
                summary = reembed(context, progress)
            used = (
                "searches use them from now on (`vasari reembed --rollback` takes it back)."
                if summary.switched
                else "searches use the former ones."
            )
            said = (
                f"{summary.works} works have {summary.model} vectors, {summary.embedded} of them "
                f"embedded now, {summary.failed} failed; {used}"
            )
            present(plain(summary), said, as_json=as_json)
            if not summary.switched:
                end_interrupted()
