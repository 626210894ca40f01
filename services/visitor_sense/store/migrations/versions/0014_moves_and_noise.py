"""From which zone to which, when they came and left, how many on a day, and budgets of noise."""

from kit import schema

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Makes the tables. noise_tenths: tenths of epsilon of the day a figure is told under, 0
    without; a row of noise_settings holds from its day on. count_time: when an hour was last added
    to."""
    schema.execute(
        """
        create table noise_settings (
            area text not null,
            from_date date not null,
            tenths integer not null,
            set_time timestamptz not null,
            primary key (area, from_date)
        );
        create table zone_moves (
            area text not null,
            key_date date not null,
            from_zone_id text not null,
            to_zone_id text not null,
            devices bigint not null,
            primary key (area, key_date, from_zone_id, to_zone_id)
        );
        create table zone_day_devices (
            area text not null,
            zone_id text not null,
            key_date date not null,
            devices bigint not null,
            primary key (area, zone_id, key_date)
        );
        alter table zone_days
            add column came_s integer[] not null default '{}',
            add column left_s integer[] not null default '{}';
        alter table zone_hours
            add column count_time timestamptz,
            add column noise_tenths integer not null default 0;
        alter table gadget_hours add column noise_tenths integer not null default 0;
        alter table closed_days
            add column directed boolean not null default false,
            add column noise_tenths integer not null default 0;
        """
        + schema.secure("noise_settings")
        + schema.secure("zone_moves")
        + schema.secure("zone_day_devices")
    )
