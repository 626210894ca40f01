"""What each area has chosen to publish of its figures."""

from kit import schema

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Makes the table; an area without a row publishes nothing."""
    schema.execute(
        """
        create table open_data (
            area text primary key,
            settings jsonb not null,
            version bigint not null,
            said_time timestamptz not null
        );
        """
    )
    schema.execute(schema.secure("open_data"))


def downgrade() -> None:
    """Not supported: a released database only moves forward."""
    raise NotImplementedError("migrations only move forward")
