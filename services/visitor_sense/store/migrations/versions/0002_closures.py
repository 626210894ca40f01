"""Closures of places, as directory says them."""

from kit import schema

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Makes the table of closures."""
    schema.execute(
        """
        create table closures (
            area text not null,
            closure_id text not null,
            place_ids text[] not null,
            begin_time timestamptz not null,
            end_time timestamptz,
            primary key (area, closure_id)
        )
        """
        "; " + schema.secure("closures")
    )
