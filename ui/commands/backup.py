"""``vasari backup`` and ``restore``: a collection kept in another place, and brought back."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from deployment import Deployment
from maintenance.backup.encryption import Key, read_key
from maintenance.backup.making import QUERIES, Choices, make_backup
from maintenance.backup.place import BackupPlace
from maintenance.backup.restoring import restore, verify
from maintenance.backup.vault import Vault
from maintenance.moving.searches import MOST_QUERIES
from settings import Settings
from ui import options
from ui.catch_all import REFUSED
from ui.documents.plain import plain
from ui.moving import (
    ToAlias,
    collection_of,
    database_url,
    location_of,
    moved_to,
    moving_shown,
    to_database_option,
    to_qdrant_option,
)
from ui.output import Refused, console, present
from ui.session import destination_for, open_deployment, settings_for

MAKE = "make"


class _MakesByDefault(TyperGroup):
    """Takes what is no subcommand for the place of ``make``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [MAKE, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_MakesByDefault,
    no_args_is_help=True,
    help="Back the whole collection up to a folder or an address, and see that backups are sound.",
)

PlaceName = Annotated[
    str,
    typer.Argument(
        help="A folder, or an address that fsspec knows, such as s3://bucket/folder.",
        metavar="PLACE",
    ),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        help="File with the key of encrypted backups: 64 hexadecimal digits.",
        exists=True,
        dir_okay=False,
        show_default="VASARI_BACKUP_KEY_FILE, or VASARI_BACKUP_KEY",
    ),
]


@app.command(MAKE)
def make_command(
    place: PlaceName,
    *,
    incremental: Annotated[
        bool,
        typer.Option(
            "--incremental",
            help="Take the parts that PLACE has already to be whole; by default they are read.",
        ),
    ] = False,
    keep: Annotated[
        int | None,
        typer.Option(
            min=1, help="Remove all but this many backups from PLACE.", show_default="all"
        ),
    ] = None,
    queries: Annotated[
        int,
        typer.Option(
            min=1,
            max=MOST_QUERIES,
            help="Works whose exact first ten are compared under each model.",
        ),
    ] = QUERIES,
    with_keypoints: Annotated[
        bool,
        typer.Option(
            "--with-keypoints",
            help="Keep the keypoints of works too, which can be found in their pictures again.",
        ),
    ] = False,
    key_file: KeyFile = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Back the collection up: `vasari backup PLACE` is enough.

    Catalog, vectors, thumbnails, own models and evaluations are as of one moment, also while an
    ingest runs. What PLACE has from earlier backups is not copied again. Killed at any moment, the
    same command begins again and finds what it had copied.
    """
    with open_deployment(home) as deployment:
        settings = deployment.settings
        choices = Choices(
            incremental=incremental,
            keep=keep,
            queries=queries,
            with_keypoints=with_keypoints,
            alias=settings.qdrant_alias if settings.qdrant_url else None,
        )
        with moving_shown() as report:
            vault = _vault(place, settings, key_file)
            made = make_backup(collection_of(deployment), vault, choices, report)
    wait = f"; {made.pending} works wait in it to be embedded" if made.pending else ""
    gone = f" {len(made.removed)} older backups were removed." if made.removed else ""
    present(
        plain(made),
        f"Backup {made.backup}: {made.artworks} works, {made.points} points, {made.thumbnails} "
        f"thumbnails{wait}. {made.bytes / 1e6:,.1f} MB were written in {made.seconds:.0f} s.{gone}",
        as_json=as_json,
    )


@app.command("verify")
def verify_command(
    place: PlaceName,
    *,
    key_file: KeyFile = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Read every part of every backup, and the newest as a restore would; exit 1 on a fault."""
    with moving_shown() as report:
        found = verify(_vault(place, settings_for(home), key_file), report)
    good = f"{len(found.backups)} backups are sound: {found.bytes / 1e6:,.1f} MB were read."
    present(
        {"sound": found.sound, **plain(found)},
        good if found.sound else "\n".join(["Not sound:", *found.faults]),
        as_json=as_json,
    )
    if not found.sound:
        raise typer.Exit(REFUSED)


def restore_command(
    place: PlaceName,
    *,
    backup: Annotated[
        str | None,
        typer.Option(help="Which backup, by its id.", show_default="the newest"),
    ] = None,
    to_qdrant: Annotated[str | None, to_qdrant_option("as in the settings")] = None,
    to_database: Annotated[str | None, to_database_option("as in the settings")] = None,
    to_alias: ToAlias = None,
    key_file: KeyFile = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Bring a backup back into an empty collection, on these engines or on others.

    All of it is verified before anything is written, and its recorded searches are answered again
    before anything is said to be done. Killed at any moment, the same command goes on.
    """
    now = settings_for(home)
    url = database_url(to_database, destination_for(now)) if to_database is not None else None
    settings = moved_to(now, qdrant_url=to_qdrant, database=url, alias=to_alias)
    with Deployment(settings) as deployment, moving_shown() as report:
        restored = restore(
            collection_of(deployment),
            _vault(place, settings, key_file),
            backup_id=backup,
            weights_dir=settings.weights_dir,
            report=report,
        )
        where = location_of(deployment)
    wait = f", {restored.pending} of which wait to be embedded" if restored.pending else ""
    present(
        plain(restored) | where,
        f"Backup {restored.backup} is back and verified: {restored.artworks} works{wait}, "
        f"{restored.points} points, {restored.thumbnails} thumbnails.",
        as_json=as_json,
    )
    if not as_json and (to_qdrant or to_database):
        console.print(
            "Set VASARI_QDRANT_URL and VASARI_DATABASE_URL to use it, with "
            f"VASARI_HOME={settings.home}."
        )


def _vault(place: str, settings: Settings, key_file: Path | None) -> Vault:
    return Vault(BackupPlace(place), _key(settings, key_file))


def _key(settings: Settings, key_file: Path | None) -> Key | None:
    file = key_file or settings.backup_key_file
    if file is not None:
        try:
            return read_key(file.read_text("ascii"))
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise Refused(f"the key in {file} cannot be read: {reason}") from error
    key = settings.backup_key
    return None if key is None else read_key(key.get_secret_value())
