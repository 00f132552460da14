"""``vasari users``: who may ask the API."""

from typing import Annotated

import typer

from ui import options
from ui.api.keys import Role, make_key
from ui.curating.access import SHORTEST_PASSWORD, hash_password
from ui.output import Refused, console, messages, present, print_json

app = typer.Typer(
    no_args_is_help=True, help="Let programs ask the API, and curators into their pages."
)


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


@app.command("hash-password")
def hash_password_command(
    *,
    password: Annotated[
        str,
        typer.Option(
            prompt="The curators' password",
            hide_input=True,
            confirmation_prompt=True,
            envvar="VASARI_NEW_PASSWORD",
            help="At least 12 characters; asked for where it is not in the environment.",
        ),
    ],
    as_json: options.Json = False,
) -> None:
    """Hash the curators' password for VASARI_CURATOR_PASSWORD_HASH."""
    if len(password) < SHORTEST_PASSWORD:
        raise Refused(f"a password has at least {SHORTEST_PASSWORD} characters")
    hashed = hash_password(password)
    present({"hash": hashed}, f"VASARI_CURATOR_PASSWORD_HASH={hashed}", as_json=as_json)
