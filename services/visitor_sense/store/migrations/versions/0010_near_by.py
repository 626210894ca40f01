"""Devices near by per zone and minute, and what a finished hour tells."""

from kit import schema

revision = "0010"
down_revision = "0008"


def upgrade() -> None:
    """Makes the table of minutes, whose rows are gone a day later, and the figures of hours."""
    schema.execute(
        """
        create table zone_minutes (
            area text not null,
            zone_id text not null,
            minute timestamptz not null,
            near bytea not null,
            holds_values boolean not null default true,
            primary key (area, zone_id, minute)
        );
        create index zone_minutes_by_time on zone_minutes (minute);
        alter table zone_hours
            add column bursts bigint not null default 0,
            add column near double precision,
            add column method smallint not null default 1,
            add column raw bigint not null default 0,
            add column figure bigint,
            add column figure_low bigint,
            add column figure_high bigint,
            add column calibration_version integer not null default 0;
        """
        + schema.secure("zone_minutes")
    )
