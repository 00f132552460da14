"""Taking works in: from a folder, a table or a museum's export, after a look at what would come."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args, get_origin

import streamlit as st

from catalog.centuries import century_name
from ingest.readers.csv_file import FIELDS, IMAGE_COLUMNS
from ingest.readers.parquet import ParquetTable, is_parquet
from ingest.readers.reader import UnreadableSource
from ingest.readers.registry import Parameter, readers, summary
from ingest.readers.table import open_csv
from ui.curating.changes import Changes
from ui.curating.job_arguments import (
    InvalidJob,
    allowed_path,
    source_parameters,
)
from ui.curating.job_requests import IngestJob
from ui.curating.job_runner import DryRunFailed
from ui.curating.uploads import UploadRefused, keep_upload
from ui.web import collection
from ui.web.blocks import show_heading, show_notice
from ui.web.curate.jobs import start
from ui.web.faults import told
from ui.web.markup import facts
from ui.web.words import works

_LOOKED = "curate-looked"
_SENT = "curate-sent"

UPLOADED = "upload"

_SUFFIXES = (".csv", ".tsv", ".parquet")

_TABLES = frozenset({"file", "table"})
"""Parameters of readers that are a table; what else is a path is a folder."""


def show_intake(curator: str) -> None:
    """Draw the form of a source, what it would bring, and the button that takes it in."""
    show_heading("Take works in", note="Nothing is taken in before you have seen what it is.")
    titles = {UPLOADED: "Files from this computer"} | {
        name: summary(reader).rstrip(".").replace("`", "") for name, reader in readers().items()
    }
    source = st.selectbox("Where from", list(titles), format_func=titles.__getitem__)
    changes = Changes(collection.deployment(), curator)
    options = _sent(changes) if source == UPLOADED else _asked(source)
    if options is None:
        return
    job = IngestJob(source="folder" if source == UPLOADED else source, options=options)
    try:
        job.arguments(collection.settings())
    except InvalidJob as error:
        show_notice(str(error))
        return
    looked = st.session_state.get(_LOOKED)
    seen = looked is not None and looked[0] == job
    with st.container(horizontal=True):
        look = st.button("Look at what would come", type="secondary" if seen else "primary")
        take = st.button(
            "Take in",
            type="primary" if seen else "secondary",
            disabled=not seen,
            help=None if seen else "Look at what would come first.",
        )
    if look:
        _look(job)
        st.rerun()
    if take:
        st.session_state.pop(_LOOKED)
        start(job, changes)
    if seen and looked is not None:
        _show_survey(looked[1])


def _look(job: IngestJob) -> None:
    with st.spinner("Reading …"):
        try:
            look = job.model_copy(update={"dry_run": True})
            found = collection.runner().dry_run(look.arguments(collection.settings()))
        except DryRunFailed as error:
            found = {"error": told(error)}
    st.session_state[_LOOKED] = (job, found)


def _show_survey(found: Mapping[str, Any]) -> None:
    if "error" in found:
        show_notice(found["error"], title="This source cannot be read", problem=True)
        return
    left_out = {what: f"{count:,} left out" for what, count in found["left_out"].items()}
    show_heading(f"{works(found['works'])} would be taken in")
    same = found["duplicates"]
    st.html(
        facts(
            left_out
            | {f"without {name}": count for name, count in found["missing"].items() if count}
            | {
                "same title and artist": same["same_title_and_artist"]["works"] or None,
                "same image": same["same_image"]["works"] or None,
            }
        )
    )
    for group in found["failures"]:
        examples = ", ".join(example["item"] for example in group["examples"])
        show_notice(
            f"{group['count']:,} rows cannot be read: {group['reason']}, such as {examples}"
        )
    first = [
        {
            "title": record["title"],
            "artist": record["artist"],
            "year": record["year"],
            "style": record["style"],
            "genre": record["genre"],
            "image": record["file"],
        }
        for record in found["first"]
    ]
    if first:
        st.caption("The first of them")
        st.dataframe(first, hide_index=True)
    centuries = {century_name(int(number)): count for number, count in found["century"].items()}
    counted = {name: found[name] for name in ("style", "genre", "school")} | {"century": centuries}
    counted = {name: values for name, values in counted.items() if values}
    for column, (name, values) in zip(st.columns(len(counted) or 1), counted.items(), strict=False):
        column.dataframe(
            [{name: value, "works": count} for value, count in values.items()],
            hide_index=True,
            height=220,
        )


def _sent(changes: Changes) -> Mapping[str, Any] | None:
    """Ask for files, and return the options that take them in."""
    settings = collection.settings()
    files = st.file_uploader(
        "Pictures, a zip archive of them, and a works.csv that describes them, if you have one",
        accept_multiple_files=True,
        max_upload_size=settings.upload_megabytes,
        help="Send larger archives to `/api/uploads`, or lay them in a folder on the server.",
        key="curate-files",
    )
    source = st.text_input("Name of the source", placeholder="such as Nachlass Weber")
    if not files:
        return None
    key = tuple(file.file_id for file in files)
    if st.session_state.get(_SENT, (None, ""))[0] != key:
        try:
            name = keep_upload(
                settings.home,
                [(file.name, file) for file in files],
                most_bytes=settings.curator_upload_megabytes * 2**20,
            )
        except UploadRefused as error:
            show_notice(str(error), title="This was not taken", problem=True)
            return None
        changes.log("upload", folder=name, files=len(files))
        st.session_state[_SENT] = (key, name)
    options: dict[str, Any] = {"folder": st.session_state[_SENT][1]}
    return options | ({"source": source.strip()} if source.strip() else {})


def _asked(source: str) -> Mapping[str, Any] | None:
    """Ask for a source's options, and return them; ``None`` while something is missing."""
    options: dict[str, Any] = {}
    known = source_parameters(source)
    needed = [name for name, parameter in known.items() if parameter.is_argument]
    for name in needed:
        options[name] = _field(source, name, known[name], options)
        if not options[name]:
            return None
    with st.expander("More about it"):
        for name in (name for name in known if name not in needed):
            options[name] = _field(source, name, known[name], options)
    return {name: value for name, value in options.items() if value not in (None, "", {}, [])}


def _field(source: str, name: str, parameter: Parameter, options: Mapping[str, Any]) -> Any:
    key, title = f"curate-{source}-{name}", name.replace("_", " ").capitalize()
    help_, kinds = parameter.option.help, (parameter.type, *get_args(parameter.type))
    if Path in kinds:
        listed = _allowed(tables=name in _TABLES)
        if not listed and parameter.is_argument:
            show_notice(
                "VASARI_INGEST_FOLDERS names no folder that holds a table."
                if name in _TABLES
                else "VASARI_INGEST_FOLDERS names no folder that works may come from."
            )
        return st.selectbox(
            title, listed, index=None, key=key, help=help_, placeholder=parameter.option.default
        )
    if parameter.type is bool:
        return st.checkbox(title, value=bool(parameter.default), key=key, help=help_)
    if Mapping in {get_origin(kind) for kind in kinds}:
        return _mapping(key, str(options.get("file", "")))
    if parameter.type is int:
        return st.number_input(title, value=parameter.default, key=key, help=help_)
    given = st.text_input(title, key=key, help=help_, placeholder=parameter.option.default)
    if Sequence in {get_origin(kind) for kind in kinds}:
        return [word.strip() for word in given.split(",") if word.strip()]
    return given.strip()


def _mapping(key: str, file: str) -> Mapping[str, str]:
    """Ask which column of a table each field is in."""
    columns = _columns(file)
    if not columns:
        return {}
    chosen = {}
    st.caption("Which column says what")
    for place, field in zip(range(len(FIELDS)), FIELDS, strict=True):
        if place % 3 == 0:
            row = st.columns(3)
        own = IMAGE_COLUMNS if field == "image" else (field,)
        usual = next((columns.index(name) for name in own if name in columns), None)
        column = row[place % 3].selectbox(
            field, columns, index=usual, key=f"{key}-{file}-{field}", placeholder="not in the table"
        )
        if column is not None:
            chosen[field] = column
    return chosen


def _columns(file: str) -> list[str]:
    if not file:
        return []
    try:
        path = allowed_path(collection.settings(), file)
        table = ParquetTable(path) if is_parquet(path) else open_csv(path)
    except (InvalidJob, UnreadableSource, OSError):
        return []  # the look at what would come says what is wrong
    return list(table.columns) if table is not None else []


@st.cache_data(ttl=10, show_spinner=False)
def _allowed(*, tables: bool) -> list[str]:
    """Return the folders, or the tables, that works may be taken in from, as paths."""
    found = []
    for root in collection.settings().ingest_folders:
        if root.is_dir():
            found += [] if tables else [str(root)]
            found += [
                str(path)
                for path in sorted(root.iterdir())
                if (path.suffix.lower() in _SUFFIXES if tables else path.is_dir())
            ]
    return found
