"""When things were made or said: what came after the drop of an area outlives it."""

from kit import schema

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds times to zones, and time and version to closures."""
    schema.execute("alter table zones add column make_time timestamptz not null default now()")
    schema.execute(
        "alter table closures add column version bigint not null default 1,"
        " add column said_time timestamptz not null default now()"
    )
