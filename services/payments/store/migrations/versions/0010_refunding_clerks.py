"""Whose PIN stood behind a refund."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Adds the column."""
    op.execute("alter table refunds add column clerk_id text not null default ''")
