"""Jobs: what runs, how fast and how long still, what failed and why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import streamlit as st

from catalog import jobs
from catalog.artworks import ArtworkFacts
from catalog.models import JobState
from ui.curating.changes import Changes
from ui.curating.job_requests import Job, RetryJob
from ui.curating.job_runner import UnknownRun
from ui.documents.collection import job_document
from ui.web import collection
from ui.web.blocks import show_heading, show_notice
from ui.web.markup import escaped, picture
from ui.web.pictures import picture_of

_STARTED = "curate-started"
_RUNNING = "curate-running"
_SHOWN = 12

_STATES = {
    "starting": "Starting, or waiting for another job",
    "running": "Running",
    "done": "Done",
    "failed": "Failed",
    "interrupted": "Cancelled: what was done is kept",
}


def start(job: Job, changes: Changes) -> None:
    """Start a job, and go to the jobs, with it on top."""
    st.session_state[_STARTED] = changes.start(job, collection.runner()).id
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
    shown = [job_document(job) for job in latest]
    mine = st.session_state.get(_STARTED)
    if mine is not None and mine not in [job["job"] for job in shown]:
        shown.insert(0, collection.runner().run(mine).document())
    if not shown:
        show_notice("No job has run yet.")
    for job in shown:
        _show(job, changes)
    running = {job["job"] for job in shown if job["state"] in ("starting", JobState.RUNNING)}
    if st.session_state.get(_RUNNING, running) - running:
        # What has ended may have filled the collection, which the rest of the page tells of.
        collection.overview.clear()
        st.session_state[_RUNNING] = running
        st.rerun()
    st.session_state[_RUNNING] = running


def _show(job: Mapping[str, Any], changes: Changes) -> None:
    name, state = job["job"], job["state"]
    running = state in ("starting", JobState.RUNNING)
    with st.container(border=True, key=f"job-{name}"):
        st.html(
            f"<p><b>{escaped(job['kind'])}</b> · {_STATES.get(state, state)}"
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
            if running:
                st.button("Cancel", key=f"cancel-{name}", on_click=_cancel, args=(name, changes))
            elif any(group["stage"] != "read" for group in job.get("failures", ())):
                st.button(
                    "Try what failed again",
                    key=f"retry-{name}",
                    on_click=_retry,
                    args=(name, changes),
                )


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
    done = max(job["embedded"].values(), default=0)
    whole = done + job["left"]
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
    st.session_state[_STARTED] = changes.start(RetryJob(job=job), collection.runner()).id


def _duration(seconds: float) -> str:
    minutes, hours = seconds / 60, seconds / 3600
    if minutes < 1:
        return f"{seconds:.0f} seconds"
    return f"{minutes:.0f} minutes" if hours < 1 else f"{hours:.1f} hours"
