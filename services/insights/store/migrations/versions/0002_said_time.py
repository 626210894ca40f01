"""What was said before an area was dropped is gone, whenever it happened."""

from kit import schema

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Keeps when an event was said beside when it happened."""
    schema.execute(
        """
        alter table facts add column said_time timestamptz;
        update facts set said_time = heard_time;
        alter table facts alter column said_time set not null;
        alter table zone_hours rename column occur_time to said_time;
        alter table zone_levels rename column occur_time to said_time;
        alter table owner_totals rename column occur_time to said_time;
        """
    )


def downgrade() -> None:
    """Not supported: a released database only moves forward."""
    raise NotImplementedError("migrations only move forward")
