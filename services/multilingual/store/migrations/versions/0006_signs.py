"""Printings of signs and what each sheet says; the area's zone, for the day on a sheet."""

from kit import schema

revision = "0006"
down_revision = "0005"

TABLES = ("sign_prints", "signs")


def upgrade() -> None:
    """Makes the tables."""
    schema.execute(
        """
        alter table areas add column time_zone text not null default 'Asia/Tokyo';
        create table sign_prints (
            area text not null,
            print_id uuid not null,
            paper text not null,
            printed_on date not null,
            source_locale text not null,
            author text not null,
            print_time timestamptz not null,
            primary key (area, print_id)
        );
        create table signs (
            area text not null,
            stop_code text not null,
            print_id uuid not null,
            place integer not null,
            revision bigint not null,
            number text not null,
            names jsonb not null,
            url text not null,
            print_time timestamptz not null,
            hung_time timestamptz,
            primary key (area, stop_code, print_id)
        );
        create index signs_of_print on signs (area, print_id, place);
        """
    )
    for table in TABLES:
        schema.execute(schema.secure(table))
