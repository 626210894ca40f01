"""A scan may stand for many alike: the edge counts page views together."""

from kit import schema

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Gives each scan its count; every one recorded before was one."""
    schema.execute("alter table scans add column scan_count integer not null default 1")


def downgrade() -> None:
    """Not supported: a released database only moves forward."""
    raise NotImplementedError("migrations only move forward")
