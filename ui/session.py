"""What a command works with: its settings, its deployment, and the models that are meant."""

import difflib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from rich.text import Text

from catalog.artists import with_preferred_names
from catalog.artworks import known_values
from catalog.filters import Filter
from deployment import Deployment
from embedders import Embedder
from search.index.contract import embedding_models
from search.index.disk_space import disk_full_named
from settings import Destination, Settings
from ui.invocation import chosen_env_file, home_before_command, job_id, settings_in_use
from ui.output import messages, note
from ui.settings_reading import read_destination, read_settings


@contextmanager
def open_deployment(
    home: Path | None, *, create: bool = False, writes: bool = False
) -> Iterator[Deployment]:
    """Open the deployment for one command.

    Args:
        create: make a collection where there is none; otherwise a mistyped home is an error.
        writes: wait for other commands that write to an embedded collection.
    """
    with (
        Deployment(settings_for(home), create=create) as deployment,
        disk_full_named(deployment.settings.home),
        deployment.writing(_say_waiting) if writes else nullcontext(),
    ):
        deployment.report_to(note)
        if fault := deployment.shared_models.fault:
            note(fault)
        deployment.job_id = job_id.get()
        yield deployment


def _say_waiting() -> None:
    note("another command is writing to this collection: waiting until it has ended")


def settings_for(home: Path | None) -> Settings:
    """Return the settings, with the home that was given after the command, or else before it."""
    chosen = home or home_before_command.get()
    settings = read_settings(chosen, env_file=chosen_env_file.get())
    settings_in_use.set(settings)
    return settings


def destination_for(settings: Settings) -> Destination:
    """Return where ``promote`` moves a collection to, as far as the settings say so."""
    return read_destination(settings.home, env_file=chosen_env_file.get())


def embedders_for_ingest(deployment: Deployment, names: list[str] | None) -> list[Embedder]:
    """Load the models that an ingest embeds with: those named, or the usual ones."""
    return [deployment.embedder(name) for name in names or _usual_models(deployment)]


def models_for_search(deployment: Deployment, names: list[str] | None) -> list[str]:
    """Return the models to ask: those named, or the usual ones that the index holds."""
    if names:
        return list(dict.fromkeys(names))
    held = deployment.index.specs
    usual = [name for name in _usual_models(deployment) if name in held]
    return usual or embedding_models(held)


def _usual_models(deployment: Deployment) -> list[str]:
    """Return the models of the settings, and the collection's own that the index holds."""
    usual = deployment.settings.models
    models = deployment.registry.embedding_models()
    fine_tuned = [item.name for item in models if item.parent is not None]
    held = deployment.index.specs if fine_tuned else {}
    return [*dict.fromkeys([*usual, *(name for name in fine_tuned if name in held)])]


def warn_of_unknown_values(deployment: Deployment, wanted: Filter) -> None:
    """Say on stderr which filter values no work has, with the nearest ones that works have."""
    with deployment.database.transaction() as session:
        wanted = with_preferred_names(session, wanted)
        named = [*wanted.keywords().items(), *wanted.exclusions().items()]
        for name, values in named:
            known = known_values(session, name)
            for value in set(values) - set(known):
                folded = {item.casefold(): item for item in known}
                near = difflib.get_close_matches(value.casefold(), folded, n=3, cutoff=0.6)
                near += [item for item in folded if value.casefold() in item][:3]
                hint = ", ".join(f"“{folded[item]}”" for item in dict.fromkeys(near))
                said = (f"No work has the {name} “{value}”.", "yellow")
                asked = f" Did you mean {hint}?" if hint else ""
                messages.print(Text.assemble(said, asked), highlight=False)
