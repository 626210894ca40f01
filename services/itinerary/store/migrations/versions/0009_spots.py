"""Where kept plans send how many people, what they show, how an area steers, what sensors say."""

from kit import schema

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Makes the tables; plans kept before count once they are changed."""
    schema.execute(
        """
        create table headcounts (
            area text not null,
            visit_date date not null,
            poi_id text not null,
            slot smallint not null,
            touched_date date not null,
            people integer not null,
            primary key (area, visit_date, poi_id, slot, touched_date)
        );
        create table spot_days (
            area text not null,
            plan_date date not null,
            poi_id text not null,
            kind text not null,
            plans integer not null,
            primary key (area, plan_date, poi_id, kind)
        );
        create table spot_settings (
            area text not null,
            poi_id text not null,
            version bigint not null,
            body jsonb not null,
            earlier_body jsonb,
            said_time timestamptz not null,
            primary key (area, poi_id)
        );
        create table zone_levels (
            area text not null,
            zone_id text not null,
            place_id text not null,
            level text not null,
            as_of_time timestamptz not null,
            said_time timestamptz not null,
            primary key (area, zone_id)
        );
        alter table itineraries add column touched_date date, add column plan_date date;
        """
    )
    for table in ("headcounts", "spot_days", "spot_settings", "zone_levels"):
        schema.execute(schema.secure(table))
