"""Kept evaluations in words: how one was made, and the command that makes it again."""

import shlex
from collections.abc import Mapping
from typing import Any

from evaluation.runs import Collection, Run


def command_of(run: Run) -> str:
    """Return the command that makes a run again."""
    words = ["vasari", "evaluate", run.protocol]
    for name, value in [*run.options.items(), *run.filter.items()]:
        flag = f"-{name}" if len(name) == 1 else f"--{name.replace('_', '-')}"
        if value is True:
            words.append(flag)
        elif isinstance(value, list | tuple):
            words += [word for item in value for word in (flag, str(item))]
        elif value is not None and value is not False:
            words += [flag, str(value)]
    return shlex.join(words)


def facts_of(run: Run) -> dict[str, str]:
    """Return what a run says of itself, in words."""
    return {
        "run": run.id,
        "when": f"{run.time:%d %B %Y, %H:%M} UTC".lstrip("0"),
        "filter": _conditions(run.filter) or "none",
        "collection": _collection(run.collection),
        "models": "; ".join(f"{name} ({print_})" for name, print_ in run.models.items()),
        "seed": "none" if run.seed is None else str(run.seed),
        **{f"file of --{n.replace('_', '-')}": f"SHA-256 {h}" for n, h in run.files.items()},
        "code": code_of(run),
    }


def code_of(run: Run) -> str:
    """Return in words which code made a run."""
    said = f"Vasari {run.code.version}"
    if run.code.commit:
        said += f", commit {run.code.commit[:12]}"
    return said + (", with changes that are not in it" if run.code.changed else "")


def _conditions(wanted: Mapping[str, Any]) -> str:
    said = []
    for name, value in wanted.items():
        values = " or ".join(map(str, value)) if isinstance(value, list) else str(value)
        said.append(f"{name.replace('_', ' ')} {values}")
    return ", ".join(said)


def _collection(collection: Collection) -> str:
    generation = "" if collection.generation is None else f", generation {collection.generation}"
    return f"{collection.works:,} works{generation} ({collection.engine})"
