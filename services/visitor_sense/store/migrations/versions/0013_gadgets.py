"""Gadgets that count devices themselves, what was refused of sensors, and what each heard."""

from kit import schema

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Makes the tables. password_tag: keyed hash of the password, which is nowhere itself."""
    schema.execute(
        """
        create table gadgets (
            area text not null,
            sensor_id text not null,
            password_tag bytea not null,
            enroll_time timestamptz not null,
            primary key (area, sensor_id)
        );
        create table gadget_minutes (
            area text not null,
            sensor_id text not null,
            minute timestamptz not null,
            devices integer not null,
            primary key (area, sensor_id, minute)
        );
        create index gadget_minutes_by_time on gadget_minutes (minute);
        create table gadget_hours (
            area text not null,
            sensor_id text not null,
            hour timestamptz not null,
            minutes integer not null default 0,
            mean double precision,
            released bigint,
            dirty boolean not null,
            version bigint not null default 0,
            primary key (area, sensor_id, hour)
        );
        create index gadget_hours_to_close on gadget_hours (hour) where dirty;
        create table sensor_refusals (
            area text not null,
            sensor_id text not null,
            reason text not null,
            count bigint not null,
            last_time timestamptz not null,
            primary key (area, sensor_id, reason)
        );
        create table sensor_hours (
            area text not null,
            sensor_id text not null,
            hour timestamptz not null,
            frames bigint not null,
            minutes bigint not null,
            by_mhz jsonb not null,
            primary key (area, sensor_id, hour)
        );
        create index sensor_hours_by_time on sensor_hours (hour);
        create table forecasts (
            area text not null,
            zone_id text not null,
            make_time timestamptz not null,
            people boolean not null,
            told jsonb not null,
            primary key (area, zone_id)
        );
        """
        + schema.secure("gadgets")
        + schema.secure("gadget_minutes")
        + schema.secure("gadget_hours")
        + schema.secure("sensor_refusals")
        + schema.secure("sensor_hours")
        + schema.secure("forecasts")
    )
