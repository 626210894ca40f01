"""Ratings of narrations and replies to the survey."""

from kit import schema

revision = "0004"
down_revision = "0003"

TABLES = ("ratings", "replies")


def upgrade() -> None:
    """Makes the tables."""
    schema.execute(
        """
        create table ratings (
            area text not null,
            rating_id uuid not null,
            stop_code text not null,
            place_id text not null,
            locale text not null,
            face smallint not null,
            reasons smallint[] not null,
            change integer not null,
            rating_time timestamptz not null,
            -- How many events were said of it.
            version bigint not null,
            primary key (area, rating_id)
        );
        create index ratings_by_stop on ratings (area, stop_code, locale);
        create table replies (
            area text not null,
            reply_id uuid not null,
            locale text not null,
            answers jsonb not null,
            -- Cut to the hour.
            reply_time timestamptz not null,
            primary key (area, reply_id)
        );
        """
    )
    for table in TABLES:
        schema.execute(schema.secure(table))
