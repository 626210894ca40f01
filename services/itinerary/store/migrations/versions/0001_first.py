"""POIs, what is known of directory's places and closures, and kept itineraries."""

from kit import schema

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes all tables."""
    schema.execute(schema.kit_tables())
    schema.execute(
        """
        create table areas (
            area text primary key,
            time_zone text not null,
            version bigint not null
        );
        create table places (
            area text not null,
            place_id text not null,
            names jsonb not null,
            latitude double precision,
            longitude double precision,
            quality text,
            error_m integer not null,
            version bigint not null,
            primary key (area, place_id)
        );
        create table closures (
            area text not null,
            closure_id text not null,
            place_ids text[] not null,
            reason text not null,
            from_time timestamptz,
            until_time timestamptz,
            ended boolean not null,
            version bigint not null,
            primary key (area, closure_id)
        );
        create table pois (
            area text not null,
            poi_id text not null,
            place_id text not null,
            body jsonb not null,
            version bigint not null,
            primary key (area, poi_id)
        );
        create table itineraries (
            area text not null,
            itinerary_id uuid not null,
            version bigint not null,
            visit_date date not null,
            body jsonb not null,
            create_time timestamptz not null,
            primary key (area, itinerary_id)
        );
        create index itineraries_by_day on itineraries (area, visit_date);
        """
    )
    for table in ("areas", "places", "closures", "pois", "itineraries"):
        schema.execute(schema.secure(table))
