"""Jobs: what runs, how fast and how long still, what failed and why."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import streamlit as st

from catalog import jobs
from catalog.artworks import ArtworkFacts
from catalog.models import JobState
from errors import VasariError
from ui.curating.changes import Changes
from ui.curating.job_requests import Job, RetryJob
from ui.curating.job_runner import Run, TooManyJobs, UnknownRun
from ui.documents.collection import job_document
from ui.web import collection
from ui.web.blocks import show_heading, show_notice
from ui.web.faults import told
from ui.web.markup import escaped, picture
from ui.web.pictures import picture_of

_RUNNING = "curate-running"
_SHOWN = 12

_ENDING = "ending"
_GOING_ON = ("starting", JobState.RUNNING, _ENDING)

_LOGGED = ("ingest", "retry")
"""Kinds that are in the job log once they have begun; of others only their end can be told."""

_STATES = {
    _ENDING: "Ending with the pictures in hand",
    "starting": "Starting, or waiting for another job",
    "unlogged": "Running, or waiting for another job",
    "running": "Running",
    "done": "Done",
    "failed": "Failed",
    "interrupted": "Cancelled: what was done is kept",
}


def start(job: Job, changes: Changes) -> None:
    """Start a job, and go to the jobs, with it on top."""
    try:
        changes.start(job, collection.runner())
    except TooManyJobs as error:
        show_notice(told(error), title="This was not started", problem=True)
        return
    st.session_state["curate-goto"] = "Jobs"
    st.rerun()


def show_jobs(curator: str) -> None:
    """Draw the latest jobs."""
    show_heading("Jobs", note="They go on when you leave this page.")
    _live(curator)


@st.fragment(run_every=1.0)
def _live(curator: str) -> None:
    changes = Changes(collection.deployment(), curator)
    with collection.deployment().database.transaction() as session:
        latest = [jobs.show(session, job.id) for job in jobs.listing(session, limit=_SHOWN)]
    shown = _with_runs([job_document(job) for job in latest], collection.runner().runs())
    if not shown:
        show_notice("No job has run yet.")
    for place, job in enumerate(shown):
        _show(job, changes, is_followed=any(_follows(later, job) for later in shown[:place]))
    running = {job["job"] for job in shown if job["state"] in _GOING_ON}
    if st.session_state.get(_RUNNING, running) - running:
        # What has ended may have filled the collection, which the rest of the page tells of.
        collection.overview.clear()
        st.session_state[_RUNNING] = running
        st.rerun()
    st.session_state[_RUNNING] = running


def _with_runs(logged: list[dict[str, Any]], runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Return jobs of the log, and of this server those that it does not have, the latest first.

    Ids begin with the time at which a job was started.
    """
    known = {job["job"]: job for job in logged}
    for run in runs:
        job = known.setdefault(run.id, run.document())
        if run.is_cancelled and not run.is_over:
            job["state"] = _ENDING
    return sorted(known.values(), key=lambda job: str(job["job"]), reverse=True)[:_SHOWN]


def _follows(later: Mapping[str, Any], job: Mapping[str, Any]) -> bool:
    """Tell whether a later job goes on with an ingest, or tries again what failed in a job."""
    if later["state"] == JobState.FAILED or "arguments" not in job or "arguments" not in later:
        return False
    if later["kind"] == "retry":
        return bool(later["arguments"].get("job") == job["job"])
    return bool(later["kind"] == job["kind"] and later["arguments"] == job["arguments"])


def _show(job: Mapping[str, Any], changes: Changes, *, is_followed: bool) -> None:
    name, state = job["job"], job["state"]
    running = state in _GOING_ON
    told_state = "unlogged" if state == "starting" and job["kind"] not in _LOGGED else state
    with st.container(border=True, key=f"job-{name}"):
        st.html(
            f"<p><b>{escaped(_title(job))}</b> · {_STATES.get(told_state, told_state)}"
            f' <span class="v-faint">{escaped(_when(job))}</span></p>{_counts(job)}'
        )
        if running and job.get("left") is not None:
            _show_progress(job)
        if job["error"]:
            show_notice(job["error"], problem=True)
        for group in job.get("failures", ()):
            _show_failures(group)
        if job.get("result"):
            with st.expander("What it found", expanded=True):
                st.json(job["result"])
        with st.container(horizontal=True):
            for label, press in _offered(job, is_followed=is_followed).items():
                st.button(
                    label, key=f"{press.__name__}-{name}", on_click=press, args=(name, changes)
                )


def _offered(
    job: Mapping[str, Any], *, is_followed: bool
) -> dict[str, Callable[[str, Changes], None]]:
    """Return what a curator can do about a job now: label -> what it does."""
    state = job["state"]
    if state == _ENDING or is_followed:
        return {}
    if state in _GOING_ON:
        return {"Cancel": _cancel}
    offered: dict[str, Callable[[str, Changes], None]] = {}
    if job["kind"].startswith("ingest ") and state in (JobState.INTERRUPTED, JobState.FAILED):
        offered["Go on with it"] = _resume
    if any(group["stage"] != "read" for group in job.get("failures", ())):
        offered["Try what failed again"] = _retry
    return offered


def _title(job: Mapping[str, Any]) -> str:
    """Return what a job does, and of what where it says so."""
    asked = job.get("arguments", {})
    place = asked.get("file") or asked.get("folder")
    return f"{job['kind']} {Path(str(place)).name}" if place else str(job["kind"])


def _when(job: Mapping[str, Any]) -> str:
    if "started_at" not in job:
        return ""
    began, ended = (
        datetime.fromisoformat(job[name]) if job[name] else None
        for name in ("started_at", "ended_at")
    )
    took = f", took {_duration((ended - began).total_seconds())}" if began and ended else ""
    return f"{began:%Y-%m-%d %H:%M} UTC{took}"


def _counts(job: Mapping[str, Any]) -> str:
    if "seen" not in job:
        return ""
    counts = [
        f"{job[name]:,} {name}"
        for name in ("seen", "added", "updated", "unchanged", "failed")
        if job[name]
    ]
    counts += [
        f"{count:,} embedded by {model}" for model, count in job["embedded"].items() if count
    ]
    return f'<p class="v-faint">{escaped(" · ".join(counts))}</p>'


def _show_progress(job: Mapping[str, Any]) -> None:
    if job["kind"] == "worker":  # it sees what it works on, and no source
        done, whole = job["seen"], job["seen"] + job["left"]
    else:
        whole = max(job["seen"], job["left"])
        done = whole - job["left"]
    rate, left = job["images_per_second"], job["seconds_left"]
    said = f"{done:,} of {whole:,} works"
    said += f" · {rate:.1f} a second" if rate else ""
    said += f" · {_duration(left)} left" if left else ""
    st.progress(done / max(1, whole), text=said)


def _show_failures(group: Mapping[str, Any]) -> None:
    with st.expander(f"{group['count']:,} failed at {group['stage']}: {group['reason']}"):
        examples = group["examples"]
        ids = [UUID(str(item["artwork_id"])) for item in examples if item.get("artwork_id")]
        works = {str(work.id): work for work in collection.works(ids).values()}
        st.html(
            "".join(_failure(item, works.get(str(item.get("artwork_id")))) for item in examples)
        )


def _failure(item: Mapping[str, Any], work: ArtworkFacts | None) -> str:
    """Return what failed, with the picture that there is of it from an earlier time."""
    shown = picture(None, "") if work is None else picture_of(work)
    title = "" if work is None else f"<b>{escaped(work.title)}</b><br>"
    told = " · ".join(escaped(item[name]) for name in ("item", "detail") if item.get(name))
    return f'<div class="v-failure"><div class="v-frame">{shown}</div><p>{title}{told}</p></div>'


def _cancel(job: str, changes: Changes) -> None:
    try:
        collection.runner().cancel(job)
    except UnknownRun:
        st.toast("This job was started at a shell: Ctrl-C there ends it.")
        return
    changes.log("cancel", job=job)


def _retry(job: str, changes: Changes) -> None:
    try:
        changes.start(RetryJob(job=job), collection.runner())
    except TooManyJobs as error:
        st.toast(told(error))


def _resume(job: str, changes: Changes) -> None:
    try:
        changes.resume(job, collection.runner())
    except VasariError as error:
        st.toast(told(error))


def _duration(seconds: float) -> str:
    for size, unit in ((3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = f"{seconds / size:.1f}" if unit == "hour" else f"{seconds / size:.0f}"
            return f"{number} {unit}" + ("" if number == "1" else "s")
    return f"{seconds:.0f} second" + ("" if round(seconds) == 1 else "s")
