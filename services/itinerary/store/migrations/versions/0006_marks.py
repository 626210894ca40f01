"""The mark of the latest change of what an area offers, so that plans need not read it all."""

from kit import schema

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Adds the mark; areas that are there get their first."""
    schema.execute("alter table areas add column change_id uuid not null default gen_random_uuid()")
