"""Which timetables kept days ride; where operators tell of their runs as they go."""

from kit import schema

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Makes the tables, and notes the rides of the days that are kept already."""
    schema.execute(
        """
        create table planned_rides (
            area text not null,
            itinerary_id uuid not null,
            timetable_id text not null,
            visit_date date not null,
            primary key (area, itinerary_id, timetable_id),
            foreign key (area, itinerary_id) references itineraries on delete cascade
        );
        create index planned_rides_by_timetable
            on planned_rides (area, timetable_id, visit_date);
        create table live_addresses (
            area text not null,
            timetable_id text not null,
            kind text not null,
            url text not null,
            said_time timestamptz not null,
            next_ask_time timestamptz not null,
            ask_time timestamptz,
            answer_time timestamptz,
            told_time timestamptz,
            etag text not null default '',
            last_modified text not null default '',
            fault text not null default '',
            fault_count int not null default 0,
            mark text not null default '',
            body bytea,
            stale_told boolean not null default false,
            primary key (area, timetable_id, kind)
        );
        create index live_addresses_due on live_addresses (next_ask_time);
        set local meguri.area = '*';
        insert into planned_rides (area, itinerary_id, timetable_id, visit_date)
            select distinct area, itinerary_id, ride->>'timetable_id', visit_date
            from itineraries, jsonb_array_elements(body->'legs') leg,
                jsonb_array_elements(leg->'rides') ride
            where jsonb_typeof(leg->'rides') = 'array' and ride->>'timetable_id' is not null;
        """
    )
    for table in ("planned_rides", "live_addresses"):
        schema.execute(schema.secure(table))
