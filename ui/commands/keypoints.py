"""``vasari keypoints``: find the keypoints of works ahead, and see what is kept of them."""

import typer

from maintenance.keypoints import (
    KeypointsKept,
    KeypointsMade,
    keypoints_kept,
    make_keypoints,
)
from ui import options
from ui.documents.plain import plain
from ui.job_summary import end_interrupted
from ui.output import messages, present
from ui.progress import RateProgress
from ui.session import open_deployment
from ui.tables.collection import failure_lines

app = typer.Typer(
    no_args_is_help=True,
    help="Find the keypoints of works ahead, which identification compares.",
)


@app.command("make")
def make_command(*, home: options.Home = None, as_json: options.Json = False) -> None:
    """Find the keypoints of all works that have none, so that no photo waits for them.

    Run it again to resume, and after an ingest. It works beside `vasari serve`. Keypoints of works
    that are gone are removed; those that have no room within VASARI_KEYPOINTS_MEGABYTES are left to
    be found when they are needed.
    """
    with open_deployment(home) as deployment:
        with RateProgress(messages) as progress:
            made = make_keypoints(
                deployment.database,
                deployment.keypoint_store.files,
                deployment.thumbnail_of,
                progress,
            )
        present(plain(made), "\n".join(_lines(made)), as_json=as_json)
        if made.interrupted:
            end_interrupted()


@app.command("status")
def status_command(*, home: options.Home = None, as_json: options.Json = False) -> None:
    """Say how many works have kept keypoints on this machine, and what these take."""
    with open_deployment(home) as deployment:
        kept = keypoints_kept(deployment.database, deployment.keypoint_store.files)
        present(plain(kept), _line(kept), as_json=as_json)


def _lines(made: KeypointsMade) -> list[str]:
    rate = f", {made.made / made.seconds:.1f} images/s" if made.made else ""
    lines = [
        f"{made.made:,} made in {made.seconds:,.1f} s{rate}; {made.kept:,} were there, "
        f"{made.failed:,} failed"
    ]
    if made.removed:
        lines.append(f"{made.removed:,} of no work removed")
    if made.without_room:
        lines.append(
            f"{made.without_room:,} have no room: raise VASARI_KEYPOINTS_MEGABYTES to make them too"
        )
    return [*lines, *failure_lines(made.failures)]


def _line(kept: KeypointsKept) -> str:
    return (
        f"{kept.kept:,} of {kept.works:,} works have kept keypoints: {kept.bytes / 1e6:,.1f} MB of "
        f"at most {kept.most_bytes / 1e6:,.0f} MB"
    )
