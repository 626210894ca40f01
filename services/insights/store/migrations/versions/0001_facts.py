"""Facts, roll-ups, counted zones, names, and what owners said."""

from kit import schema

revision = "0001"
down_revision = None

TABLES = (
    "areas", "labels", "facts", "hour_rollups", "day_rollups", "zone_hours", "zone_levels",
    "sources", "owner_totals",
)  # fmt: skip


def upgrade() -> None:
    """Makes all tables."""
    schema.execute(schema.kit_tables())
    schema.execute(
        """
        create table areas (
            area text primary key,
            time_zone text not null,
            demo boolean not null default false,
            configured_time timestamptz,
            dropped_time timestamptz
        );
        create table labels (
            area text not null,
            kind text not null,
            key text not null,
            place_id text not null,
            names jsonb not null,
            version bigint not null,
            primary key (area, kind, key)
        );
        create table facts (
            area text not null,
            event_id uuid not null,
            service text not null,
            kind text not null,
            practice boolean not null,
            occur_time timestamptz not null,
            booked_date date,
            occur_date date not null,
            hour smallint not null,
            late boolean not null,
            heard_time timestamptz not null,
            amount_yen bigint not null,
            persons integer not null,
            slices jsonb not null,
            primary key (area, event_id)
        );
        create index facts_by_date on facts (area, occur_date, kind);
        create index facts_late on facts (area, occur_date) where late;
        create table hour_rollups (
            area text not null,
            occur_date date not null,
            hour smallint not null,
            kind text not null,
            practice boolean not null,
            count bigint not null,
            amount_yen bigint not null,
            persons bigint not null,
            primary key (area, occur_date, hour, kind, practice)
        );
        create table day_rollups (
            area text not null,
            occur_date date not null,
            kind text not null,
            practice boolean not null,
            dimension text not null,
            value text not null,
            count bigint not null,
            amount_yen bigint not null,
            persons bigint not null,
            primary key (area, occur_date, kind, practice, dimension, value)
        );
        create table zone_hours (
            area text not null,
            zone_id text not null,
            start_time timestamptz not null,
            place_id text not null,
            estimate bigint not null,
            low bigint not null,
            high bigint not null,
            released_estimate bigint not null,
            kind text not null,
            method text not null,
            version bigint not null,
            occur_time timestamptz not null,
            primary key (area, zone_id, start_time)
        );
        create index zone_hours_by_time on zone_hours (area, start_time);
        create table zone_levels (
            area text not null,
            zone_id text not null,
            place_id text not null,
            level text not null,
            as_of_time timestamptz not null,
            version bigint not null,
            occur_time timestamptz not null,
            primary key (area, zone_id)
        );
        create table sources (
            area text not null,
            service text not null,
            last_occur_time timestamptz not null,
            last_heard_time timestamptz not null,
            event_count bigint not null,
            primary key (area, service)
        );
        create table owner_totals (
            area text not null,
            service text not null,
            business_date date not null,
            measure text not null,
            said bigint not null,
            version bigint not null,
            occur_time timestamptz not null,
            primary key (area, service, business_date, measure)
        );
        """
    )
    for table in TABLES:
        schema.execute(schema.secure(table))


def downgrade() -> None:
    """Not supported: a released database only moves forward."""
    raise NotImplementedError("migrations only move forward")
