"""When things were made or said: what came after the drop of an area outlives it."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds times to zones, and time and version to closures."""
    op.execute("alter table zones add column make_time timestamptz not null default now()")
    op.execute(
        "alter table closures add column version bigint not null default 1,"
        " add column said_time timestamptz not null default now()"
    )
