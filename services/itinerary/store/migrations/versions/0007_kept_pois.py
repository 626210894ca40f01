"""POIs that the staff keeps: drafts, retired ones, what is confirmed, what a file said."""

from kit import schema

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Adds columns and the table of versions. POIs of before came from files and are listed."""
    schema.execute(
        """
        alter table pois
            add column state text not null default 'listed',
            add column from_file boolean not null default true,
            add column file_body jsonb,
            add column confirmations jsonb not null default '[]',
            add column retire_note text not null default '',
            add column retire_time timestamptz,
            add check (state in ('listed', 'draft', 'retired')),
            add check ((state = 'retired') = (retire_time is not null));
        create table poi_versions (
            area text not null,
            poi_id text not null,
            version bigint not null,
            body jsonb not null,
            state text not null,
            said_time timestamptz not null,
            primary key (area, poi_id, version)
        );
        """
    )
    schema.execute(schema.secure("poi_versions"))
