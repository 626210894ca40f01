"""Zones, sensors, day key epochs, hours, levels and pauses."""

from kit import schema

revision = "0001"
down_revision = None

TABLES = """
    create table zones (
        area text not null,
        zone_id text not null,
        place_id text not null,
        names jsonb not null,
        normal_from integer not null check (normal_from >= 10),
        busy_from integer not null check (busy_from > normal_from),
        crowded_from integer not null check (crowded_from > busy_from),
        level smallint not null default 1,
        level_version bigint not null default 0,
        level_time timestamptz,
        primary key (area, zone_id)
    );
    create table sensors (
        area text not null,
        sensor_id text not null,
        zone_id text not null,
        signing_public_key bytea not null check (length(signing_public_key) = 32),
        sealing_public_key bytea not null check (length(sealing_public_key) = 32),
        enroll_time timestamptz not null,
        revoke_time timestamptz,
        heard_time timestamptz,
        batches bigint not null default 0,
        observations bigint not null default 0,
        observations_refused bigint not null default 0,
        batches_waiting bigint not null default 0,
        clock_ahead_s double precision not null default 0,
        observations_dropped bigint not null default 0,
        primary key (area, sensor_id),
        foreign key (area, zone_id) references zones
    );
    -- The keys themselves are never stored. check_value only recognizes a key that a sensor gives
    -- back after a restart; a random key of 32 bytes cannot be found from it.
    create table day_key_epochs (
        area text not null,
        key_date date not null,
        epoch integer not null,
        check_value bytea not null,
        begin_time timestamptz not null,
        primary key (area, key_date, epoch)
    );
    create table zone_hours (
        area text not null,
        zone_id text not null,
        hour timestamptz not null,
        frames bigint not null,
        addresses bytea not null,
        address_estimate bigint not null,
        address_low bigint not null,
        address_high bigint not null,
        devices bytea not null,
        device_estimate bigint not null,
        device_low bigint not null,
        device_high bigint not null,
        key_epochs integer[] not null,
        holds_values boolean not null,
        dirty boolean not null,
        version bigint not null default 0,
        released bigint,
        primary key (area, zone_id, hour),
        foreign key (area, zone_id) references zones
    );
    create index zone_hours_to_close on zone_hours (hour) where dirty;
    create index zone_hours_with_values on zone_hours (hour) where holds_values;
    create table pauses (
        area text not null,
        place_id text not null,
        begin_time timestamptz not null,
        end_time timestamptz,
        primary key (area, place_id, begin_time)
    );
"""


def upgrade() -> None:
    """Makes all tables, each seen only from its own area."""
    schema.execute(schema.kit_tables())
    schema.execute(TABLES)
    for table in ("zones", "sensors", "day_key_epochs", "zone_hours", "pauses"):
        schema.execute(schema.secure(table))
