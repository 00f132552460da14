"""``vasari reconcile``: whether catalog, index and thumbnails still say the same."""

from typing import Annotated

import typer

from deployment import Deployment
from maintenance.drift import Drift, find_drift
from maintenance.keypoints import remove_orphans
from maintenance.reconcile import repair
from ui import options
from ui.documents.curation import drift_document
from ui.documents.plain import plain
from ui.output import console, messages, note, print_json
from ui.progress import TerminalProgress
from ui.session import open_deployment
from ui.tables.drift import drift_table, repair_lines


def reconcile_command(
    *,
    fix: Annotated[
        bool,
        typer.Option(
            "--fix", help="Repair what differs: index and thumbnails follow the catalog again."
        ),
    ] = False,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Compare the catalog with the index and the thumbnails, work by work; exit 1 if they differ.

    With --fix, works that the index lost are queued and embedded again where their images can
    be read, points of unknown works are deleted, and metadata and thumbnails are made to fit. Then
    all is compared once more. Keypoints that are kept of no work are removed. Own models of this
    home are sent to the store, if there is one.
    """
    with open_deployment(home, writes=fix) as deployment:
        if fix:
            deployment.shared_models.send_all()
        drift = _look(deployment)
        document = drift_document(drift)
        if not as_json:
            console.print(drift_table(drift))
        if fix and drift:
            with TerminalProgress(messages) as progress:
                context = deployment.ingest_context([])
                done = repair(
                    drift,
                    context,
                    lambda name: deployment.to_write(deployment.embedder(name)),
                    progress,
                )
            left = _look(deployment)
            document |= {"repair": plain(done), "left": drift_document(left)}
            if not as_json:
                console.print("\n".join(repair_lines(done)), highlight=False)
                if left:
                    console.print("What is left:")
                    console.print(drift_table(left))
            drift = left
        if fix and (gone := remove_orphans(deployment.database, deployment.keypoint_store.files)):
            note(f"keypoints of {gone:,} images of no work removed")
        if as_json:
            print_json(document)
        elif not drift:
            console.print("Catalog, index and thumbnails agree.")
        elif not fix:
            messages.print("`vasari reconcile --fix` repairs this.")
        if drift:
            raise typer.Exit(1)


def _look(deployment: Deployment) -> Drift:
    with messages.status("comparing") as status:
        return find_drift(
            deployment.database,
            deployment.index,
            deployment.image_store,
            deployment.registry,
            report=lambda what, count: status.update(f"comparing: {count:,} {what}"),
        )
