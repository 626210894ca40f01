"""Recordings, the bytes they consist of, and the term base."""

from kit import schema

revision = "0003"
down_revision = "0002"

TABLES = ("media", "recordings", "terms")


def upgrade() -> None:
    """Makes the tables."""
    schema.execute(
        """
        create table media (
            area text not null,
            sha256 text not null,
            media_type text not null,
            content bytea not null,
            create_time timestamptz not null,
            primary key (area, sha256)
        );
        -- Sound is packed already: trying again costs time at every write and read.
        alter table media alter column content set storage external;
        create table recordings (
            area text not null,
            stop_code text not null,
            locale text not null,
            origin smallint not null,
            recording_id uuid not null,
            audio_sha256 text not null,
            audio_type text not null,
            audio_bytes bigint not null,
            duration_ms bigint not null,
            captions_sha256 text not null,
            captions_bytes bigint not null,
            text_sha256 text not null,
            credit text not null,
            transcript text not null,
            author text not null,
            create_time timestamptz not null,
            -- One voice of each kind: a newer one takes its place.
            primary key (area, stop_code, locale, origin),
            unique (area, recording_id)
        );
        create table terms (
            area text not null,
            locale text not null,
            term text not null,
            reading text not null,
            accent integer not null,
            primary key (area, locale, term)
        );
        """
    )
    for table in TABLES:
        schema.execute(schema.secure(table))
