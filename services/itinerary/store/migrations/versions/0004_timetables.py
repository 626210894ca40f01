"""Timetables of an area, its known walks and taxis, and a mark that changes with any of them."""

from kit import schema

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Makes the tables. A timetable that was deleted keeps its row without a body: one that comes
    back under its id goes on counting where it ended."""
    schema.execute(
        """
        create table timetables (
            area text not null,
            timetable_id text not null,
            version bigint not null,
            facts jsonb,
            body bytea,
            said_time timestamptz not null,
            primary key (area, timetable_id),
            check ((facts is null) = (body is null))
        );
        create table ways (
            area text primary key,
            version bigint not null,
            body jsonb not null,
            said_time timestamptz not null
        );
        create table networks (
            area text primary key,
            change_id uuid not null,
            said_time timestamptz not null
        );
        """
    )
    for table in ("timetables", "ways", "networks"):
        schema.execute(schema.secure(table))
