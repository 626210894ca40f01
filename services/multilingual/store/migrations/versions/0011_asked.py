"""Stray codes by day, and what people said about what visitors asked for."""

from kit import schema

revision = "0011"
down_revision = "0010"

TABLES = ("stray_codes", "asked_marks")


def upgrade() -> None:
    """Makes the tables."""
    schema.execute(
        """
        -- stop_code '' stands for everything that was typed and is no code.
        create table stray_codes (
            area text not null,
            stop_code text not null,
            seen_date date not null,
            seen_count bigint not null,
            primary key (area, stop_code, seen_date)
        );
        create table asked_marks (
            area text not null,
            mark_id uuid not null,
            kind smallint not null,
            stop_code text not null,
            locale text not null,
            outcome smallint not null,
            reason text not null,
            author text not null,
            create_time timestamptz not null,
            until_time timestamptz,
            withdraw_time timestamptz,
            primary key (area, mark_id)
        );
        create index asked_marks_of_matter on asked_marks
            (area, kind, stop_code, locale, create_time desc);
        """
    )
    for table in TABLES:
        schema.execute(schema.secure(table))
