"""The command line. Each command is thin: it calls the function that the web page calls too.

A command's module is imported when the command is run: neither ``vasari --help`` nor a search waits
for what only fine-tuning needs.
"""

from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from ui import options
from ui.catch_all import CatchAll
from ui.invocation import chosen_env_file, debug, home_before_command, job_id


@dataclass(frozen=True)
class _Entry:
    """A command or a group of commands.

    Args:
        summary: the first sentence of its help, word by word.
        target: where its function or its ``typer.Typer`` is: module of ``ui.commands``, name.
        added: commands of other modules that join the group.
        hidden: not listed, since it is another's former name.
    """

    summary: str
    target: str
    added: dict[str, str] = field(default_factory=dict)
    hidden: bool = False


_SERVE = _Entry("Serve the web page and the HTTP API, until Ctrl-C.", "serve:serve_command")

COMMANDS = {
    "demo": _Entry(
        "Take in a sample collection, search it once, and serve the web page.",
        "demo:demo_command",
    ),
    "serve": _SERVE,
    "api": _Entry("Serve the HTTP API without the web page, until Ctrl-C.", "api:api_command"),
    "ui": replace(_SERVE, hidden=True),
    "ingest": _Entry("Take works into the collection.", "ingest:app"),
    "worker": _Entry(
        "Embed what is queued, beside other workers on this machine or on others.",
        "worker:worker_command",
    ),
    "jobs": _Entry("Look at jobs, and try again what failed.", "jobs:app"),
    "search": _Entry(
        "Find the works most like a picture, under each model, with statistics.",
        "search:search_command",
    ),
    "identify": _Entry(
        "Say whether the painting in a photo is in the collection, which it is, and how sure.",
        "identify:identify_command",
    ),
    "explain": _Entry(
        "Draw which regions of two pictures make them alike under a model.",
        "explain:explain_command",
    ),
    "compare": _Entry(
        "Compare the models' first ten works for random works: by genre, style, century and in "
        "all.",
        "compare:compare_command",
    ),
    "artworks": _Entry(
        "List and show the works of the collection.",
        "artworks:app",
        {
            "edit": "curation:edit_command",
            "delete": "curation:delete_command",
            "deleted": "curation:deleted_command",
            "restore": "curation:restore_command",
        },
    ),
    "duplicates": _Entry(
        "Find records that are one work: the same file, or reproductions of one painting.",
        "duplicates:app",
    ),
    "artists": _Entry("List artists, and make one person of several spellings.", "artists:app"),
    "models": _Entry("List the models, and delete those of the collection's own.", "models:app"),
    "finetune": _Entry(
        "Teach a model the styles, genres or artists of this collection.",
        "finetune:finetune_command",
    ),
    "fit-projection": _Entry(
        "Learn from labels, in seconds, a vector in which works of one style lie together.",
        "fit_projection:fit_projection_command",
    ),
    "map": _Entry(
        "Draw the map of the collection under each model, where works that look alike lie "
        "together.",
        "map:map_command",
    ),
    "reembed": _Entry(
        "Embed the whole collection with a model, beside what is searched, and switch at the end.",
        "reembed:reembed_command",
    ),
    "evaluate": _Entry(
        "Measure how good the answers are.",
        "evaluate:app",
        {
            "identification": "evaluate_identification:identification_command",
            "certainty": "evaluate_identification:certainty_command",
            "runs": "evaluate_runs:runs_command",
            "show": "evaluate_runs:show_command",
            "compare": "evaluate_runs:compare_command",
        },
    ),
    "index": _Entry("Look at the index.", "index:app"),
    "keypoints": _Entry(
        "Find the keypoints of works ahead, which identification compares.", "keypoints:app"
    ),
    "reconcile": _Entry(
        "Compare the catalog with the index and the thumbnails, work by work; exit 1 if they "
        "differ.",
        "reconcile:reconcile_command",
    ),
    "promote": _Entry(
        "Move a collection to servers without embedding anything again.",
        "moving:promote_command",
    ),
    "export": _Entry(
        "Write the whole collection to a folder of Parquet files, which pandas reads as well.",
        "moving:export_command",
    ),
    "import": _Entry(
        "Fill an empty collection from a folder that `vasari export` wrote.",
        "moving:import_command",
    ),
    "backup": _Entry(
        "Back the whole collection up to a folder or an address, and see that backups are sound.",
        "backup:app",
    ),
    "restore": _Entry(
        "Bring a backup back into an empty collection, on these engines or on others.",
        "backup:restore_command",
    ),
    "users": _Entry("Let programs ask the API, and curators into their pages.", "users:app"),
    "db": _Entry("Look after the catalog's database.", "database:app"),
}
"""Every command, in the order in which they are listed."""


class LazyCommand(TyperCommand):
    """A command of which only the name and the summary are there until it is run."""

    def __init__(self, name: str, entry: _Entry) -> None:
        super().__init__(name, help=entry.summary, hidden=entry.hidden)
        self._entry = entry

    def load(self) -> Any:
        """Import the command, and return it."""
        found = _import(self._entry.target)
        if isinstance(found, typer.Typer):
            group = typer.main.get_group(found)
            for name, target in self._entry.added.items():
                group.add_command(_command(name, _import(target)))
            group.name = self.name
            return group
        return _command(self.name, found)

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Read the command line; what comes of it belongs to the command itself."""
        return self.load().make_context(info_name, args, parent, **extra)


def _import(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(import_module(f"ui.commands.{module}"), name)


def _command(name: str | None, function: Any) -> Any:
    alone = typer.Typer(add_completion=False)
    alone.command(name)(function)
    return typer.main.get_command(alone)


class _Commands(CatchAll):
    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, entry in COMMANDS.items():
            self.add_command(LazyCommand(name, entry))


app = typer.Typer(
    name="vasari",
    help="Search paintings by picture: several models side by side, with honest statistics.",
    cls=_Commands,
    no_args_is_help=True,
)


@app.callback()
def root(
    *,
    home: options.Home = None,
    env_file: Annotated[
        Path | None,
        typer.Option(
            help="A file of settings (VASARI_NAME=value), beside the .env in the home.",
            dir_okay=False,
            exists=True,
            show_default=False,
        ),
    ] = None,
    job: Annotated[
        str | None,
        typer.Option("--job-id", hidden=True, help="Log the command's job under this id."),
    ] = None,
    with_traceback: Annotated[
        bool,
        typer.Option("--debug", help="Show the traceback of a fault instead of keeping it."),
    ] = False,
) -> None:
    """Search paintings by picture: several models side by side, with honest statistics."""
    home_before_command.set(home)
    chosen_env_file.set(env_file)
    debug.set(with_traceback)
    job_id.set(job)
