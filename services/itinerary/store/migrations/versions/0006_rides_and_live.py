"""Which timetables kept days ride; where operators tell of their runs as they go."""

from kit import schema

revision = "0006"
down_revision = "0005"


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
        set local meguri.area = '*';
        insert into planned_rides (area, itinerary_id, timetable_id, visit_date)
            select distinct area, itinerary_id, ride->>'timetable_id', visit_date
            from itineraries, jsonb_array_elements(body->'legs') leg,
                jsonb_array_elements(leg->'rides') ride
            where jsonb_typeof(leg->'rides') = 'array' and ride->>'timetable_id' is not null;
        """
    )
    schema.execute(schema.secure("planned_rides"))
