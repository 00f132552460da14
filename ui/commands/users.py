"""``vasari users``: who may ask the API."""

from typing import Annotated

import typer

from ui import options
from ui.api.keys import Role, make_key
from ui.output import console, messages, print_json

app = typer.Typer(no_args_is_help=True, help="Make keys for programs that ask the API.")


@app.callback()
def users() -> None:
    """Make keys for programs that ask the API."""


@app.command("add-key")
def add_key_command(
    name: Annotated[
        str, typer.Argument(help="Whose key it is: letters, digits, dots, dashes, underscores.")
    ],
    *,
    role: Annotated[Role, typer.Option(help="What its owner may do.")] = Role.READ,
    as_json: options.Json = False,
) -> None:
    """Make a key, and the entry of VASARI_API_KEYS that lets it in."""
    key, entry = make_key(name, role)
    if as_json:
        print_json({"key": key, "entry": str(entry)})
        return
    console.print(key, soft_wrap=True, highlight=False)
    messages.print(
        "This is the key; it is kept nowhere and cannot be shown again. Add to VASARI_API_KEYS, "
        "separated by a comma from what is there:"
    )
    messages.print(str(entry), soft_wrap=True, highlight=False)
