"""Write the reference of commands and settings from the code.

``python -m docs.reference.generate`` writes both pages. A test compares them with what this
returns, so that neither can be out of date.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from settings import Destination, Settings
from ui.cli import LazyCommand, app

HERE = Path(__file__).parent

SHARED_BY = 4
"""Options that this many commands have, word for word, are described once for all of them."""

COMMAND_LINE = """\
# The command line

Written by `python -m docs.reference.generate` from the commands themselves; `vasari COMMAND --help`
says the same.

Options of `vasari` itself stand before the command: `--home` as below, `--env-file FILE` for a
file of [settings](settings.md), and `--debug` to show the traceback of a fault instead of keeping
it in a file. `--install-completion` sets up completion in your shell.

A command that cannot do what you ask says so in one sentence on stderr, and under `--json` also as
`{"error": "..."}` on stdout.

| exit code | meaning |
| --- | --- |
| 0 | all is well |
| 1 | it cannot be done, or a check has failed |
| 2 | the command line makes no sense |
| 70 | a fault of Vasari's own; the traceback is in a file in the home's `logs/` |
| 130 | ended by Ctrl-C; a second Ctrl-C ends the command at once |
"""

SETTINGS = """\
# Settings

Written by `python -m docs.reference.generate` from `settings.py`.

Each setting is looked for in this order, and the first place that has it counts:

1. an environment variable;
2. the file named by `vasari --env-file FILE ...`, in lines of `NAME=value`;
3. the file `.env` in the home;
4. a file of its own in `/run/secrets`, named in lower case, such as `vasari_qdrant_api_key`.

A `.env` in the working directory is not read: whoever unpacks an export and works in it has not
chosen what lies there. Lists are separated by commas. Addresses, passwords and keys that are blank
count as not set.
"""


def command_line() -> str:
    """Return the page of all commands, with their arguments and options."""
    commands = dict(walk())
    rows = {name: _rows(command, context) for name, (command, context) in commands.items()}
    uses = Counter(row for each in rows.values() for row in each.items())
    shared = dict(row for row, count in uses.items() if count >= SHARED_BY)
    parts = [COMMAND_LINE]
    for name, (command, _) in commands.items():
        own = {option: text for option, text in rows[name].items() if shared.get(option) != text}
        common = [option for option in rows[name] if option not in own]
        parts.append(f"## {name}\n\n{command.help}\n")
        if own:
            parts.append(_table("argument or option", own))
        if common:
            parts.append("[Also](#options-of-many-commands): " + ", ".join(common) + ".\n")
    parts.append("## Options of many commands\n")
    parts.append(_table("option", shared))
    return "\n".join(parts)


def settings() -> str:
    """Return the page of all settings, with their defaults."""
    parts = [SETTINGS, _settings_table(Settings)]
    parts.append("## Where `vasari promote` moves a collection to\n")
    parts.append(_settings_table(Destination))
    return "\n".join(parts)


def walk() -> Iterator[tuple[str, tuple[Any, typer.Context]]]:
    """Go through all commands that do something, by their full names."""
    yield from _walk(typer.main.get_command(app), "vasari", None)


def _walk(command: Any, name: str, parent: Any) -> Iterator[tuple[str, tuple[Any, typer.Context]]]:
    if isinstance(command, LazyCommand):
        command = command.load()
    context = command.context_class(command, info_name=name.rpartition(" ")[2], parent=parent)
    is_group = hasattr(command, "list_commands")
    if parent is not None and (not is_group or command.invoke_without_command):
        yield name, (command, context)
    if is_group:
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            if not found.hidden:
                yield from _walk(found, f"{name} {each}", context)


def _rows(command: Any, context: typer.Context) -> dict[str, str]:
    """Return what each parameter of a command is called, and what it is for."""
    rows = {}
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record is None:  # hidden
            continue
        shown, text = record
        if parameter.param_type_name == "argument":
            name = f"`{parameter.metavar or parameter.name.upper()}`"
        else:
            name = ", ".join(f"`{option}`" for option in [*parameter.opts[::-1]])
            name += "".join(f" / `{option}`" for option in parameter.secondary_opts)
        if choices := re.search(r"[\w-]+(\|[\w-]+)+", shown):
            name += f" {choices[0].replace('|', ', ')}"
        rows[name] = " ".join(text.split())
    return rows


def _settings_table(kind: type[Settings] | type[Destination]) -> str:
    prefix = kind.model_config.get("env_prefix", "")
    return _table(
        "setting",
        {
            f"`{prefix}{name.upper()}`": f"{field.description} [default: "
            f"{_shown(field.get_default(call_default_factory=True, validated_data={}))}]"
            for name, field in kind.model_fields.items()
        },
    )


def _shown(default: object) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return ",".join(default) or "none"
    return str(default).replace(str(Path.home()), "~") if default is not None else "none"


def _table(heading: str, rows: Mapping[str, str]) -> str:
    lines = [f"| {heading} | |", "| --- | --- |"]
    lines += [f"| {name} | {text.replace('|', '&#124;')} |" for name, text in rows.items()]
    return "\n".join(lines) + "\n"


PAGES = {"command-line.md": command_line, "settings.md": settings}

if __name__ == "__main__":
    for page, written in PAGES.items():
        (HERE / page).write_text(written(), "utf-8")
