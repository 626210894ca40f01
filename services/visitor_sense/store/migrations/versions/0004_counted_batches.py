"""Batches that were counted: kept apart from the inbox, because they may be forgotten."""

from kit import schema

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Makes the table of counted batches."""
    schema.execute(
        """
        create table counted_batches (
            area text not null,
            batch_id uuid not null,
            count_time timestamptz not null,
            primary key (area, batch_id)
        );
        create index counted_batches_by_time on counted_batches (count_time);
        """
        + schema.secure("counted_batches")
    )
