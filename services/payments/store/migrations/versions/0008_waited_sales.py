"""When a sale was made where that is not when it arrived, and the clerk who made it."""

from alembic import op

revision = "0008"
down_revision = "0007"

COLUMNS = """
alter table payments
    add column tap_time timestamptz,
    add column clerk_id text not null default '';
"""


def upgrade() -> None:
    """Adds the columns."""
    op.execute(COLUMNS)
