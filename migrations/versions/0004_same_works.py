"""Records that a curator has marked as one work."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "same_works",
        sa.Column("artwork_id", sa.Uuid(), nullable=False),
        sa.Column("work_id", sa.Uuid(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["artwork_id"],
            ["artworks.id"],
            name=op.f("fk_same_works_artwork_id_artworks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("artwork_id", name=op.f("pk_same_works")),
    )
    op.create_index(op.f("ix_same_works_work_id"), "same_works", ["work_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_same_works_work_id"), table_name="same_works")
    op.drop_table("same_works")
