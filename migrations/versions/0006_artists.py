"""Artists as persons with names, instead of strings."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa
from alembic import op
from anyascii import anyascii

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    artists = op.create_table(
        "artists",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("born", sa.Integer(), nullable=True),
        sa.Column("died", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artists")),
        sa.UniqueConstraint("name", name=op.f("uq_artists_name")),
    )
    names = op.create_table(
        "artist_names",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("artist_id", sa.Uuid(), nullable=False),
        sa.Column("by_curator", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["artist_id"],
            ["artists.id"],
            name=op.f("fk_artist_names_artist_id_artists"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_artist_names")),
    )
    op.create_index(op.f("ix_artist_names_key"), "artist_names", ["key"])
    op.create_index(op.f("ix_artist_names_artist_id"), "artist_names", ["artist_id"])
    op.create_table(
        "artist_authorities",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("artist_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["artist_id"],
            ["artists.id"],
            name=op.f("fk_artist_authorities_artist_id_artists"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("source", "source_id", name=op.f("pk_artist_authorities")),
    )
    op.create_index(op.f("ix_artist_authorities_artist_id"), "artist_authorities", ["artist_id"])
    # A migration that an earlier version began outside a transaction may have left both columns.
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("artworks")}
    if "artist_as_given" not in there:
        op.add_column("artworks", sa.Column("artist_as_given", sa.Text(), nullable=True))
    if "artist_id" not in there:
        # Not as a batch: SQLite would copy the table, and dropping the old one deletes all that
        # refers to it.
        kind = "UUID" if op.get_bind().dialect.name == "postgresql" else "CHAR(32)"
        constraint = "CONSTRAINT fk_artworks_artist_id_artists REFERENCES artists (id)"
        op.execute(f"ALTER TABLE artworks ADD COLUMN artist_id {kind} {constraint}")
    op.create_index(op.f("ix_artworks_artist_id"), "artworks", ["artist_id"])
    _fill(artists, names)


def _fill(artists: sa.Table, names: sa.Table) -> None:
    """Make an artist of each spelling, as it was until now; a curator may merge them."""
    artworks = sa.table("artworks", sa.column("artist", sa.Text()))
    found = op.get_bind().scalars(
        sa.select(artworks.c.artist).where(artworks.c.artist.is_not(None)).distinct()
    )
    people = [
        {
            "id": uuid4(),
            "name": name,
            **_years(name),
            "created_at": datetime.now(UTC),
        }
        for name in found
    ]
    if not people:
        return
    op.get_bind().execute(sa.insert(artists), people)
    op.get_bind().execute(
        sa.insert(names),
        [
            {
                "name": person["name"],
                "key": _key(str(person["name"])),
                "artist_id": person["id"],
                "by_curator": False,
            }
            for person in people
        ],
    )
    op.execute(
        "UPDATE artworks SET artist_as_given = artist, artist_id = "
        "(SELECT artist_id FROM artist_names WHERE artist_names.name = artworks.artist)"
    )


# How the catalog read names when this migration was written. Copied, so that later changes to it do
# not change what the migration does.
_BRACKETED = re.compile(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_YEARS = re.compile(r"(?<!\d)(1[0-9]{3}|20[0-2][0-9])(?!\d)")


def _years(name: str) -> dict[str, int | None]:
    """Return when an artist was born and died, where both years stand in brackets."""
    years = [int(year) for part in _BRACKETED.findall(name) for year in _YEARS.findall(part)]
    born, died = years if len(years) == 2 else (None, None)
    return {"born": born, "died": died}


def _key(name: str) -> str:
    """Return a name without accents, case and punctuation."""
    plain = "".join(_plain(letter) for letter in unicodedata.normalize("NFKD", name))
    return " ".join(re.sub(r"[^\w]+|_", " ", plain.casefold()).split())


def _plain(letter: str) -> str:
    if unicodedata.combining(letter):
        return ""
    is_latin = letter.isalpha() and unicodedata.name(letter, "").startswith("LATIN ")
    return anyascii(letter) if is_latin and ord(letter) > 127 else letter


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        raise NotImplementedError("SQLite cannot drop a column that refers to another table")
    op.execute("UPDATE artworks SET artist = artist_as_given")
    op.drop_column("artworks", "artist_id")
    op.drop_column("artworks", "artist_as_given")
    op.drop_table("artist_authorities")
    op.drop_table("artist_names")
    op.drop_table("artists")
