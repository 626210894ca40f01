"""When a sale was made where that is not when it arrived, and the clerk who made it."""

from kit import schema

revision = "0008"
down_revision = "0007"

COLUMNS = """
alter table payments
    add column tap_time timestamptz,
    add column clerk_id text not null default '';
"""


def upgrade() -> None:
    """Adds the columns."""
    schema.execute(COLUMNS)
