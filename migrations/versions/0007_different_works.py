"""Records that a curator has said are not one work, however alike they look."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "different_works",
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["first_id"],
            ["artworks.id"],
            name=op.f("fk_different_works_first_id_artworks"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["second_id"],
            ["artworks.id"],
            name=op.f("fk_different_works_second_id_artworks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_different_works")),
    )
    op.create_index(op.f("ix_different_works_second_id"), "different_works", ["second_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_different_works_second_id"), table_name="different_works")
    op.drop_table("different_works")
