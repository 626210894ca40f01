"""Whose PIN stood behind a refund."""

from kit import schema

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Adds the column."""
    schema.execute("alter table refunds add column clerk_id text not null default ''")
