"""Videos, photos that wait for a second look, and names of bytes that were erased for good."""

from kit import schema

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Widens photos; makes the tables of erased bytes, of videos and of their pieces."""
    schema.execute(
        """
        alter table photos
            -- visitors do not see it yet: somebody else has to look at it
            add column waiting boolean not null default false,
            -- who wrote its words last
            add column writer text not null default '',
            -- how it was looked at before visitors saw it, by whom, and why by nobody else
            add column reading smallint not null default 1,
            add column looker text not null default '',
            add column reason text not null default '';
        update photos set writer = author;
        create table erased_media (
            area text not null,
            sha256 text not null,
            eraser text not null,
            erase_time timestamptz not null,
            change_number bigint not null,
            primary key (area, sha256)
        );
        create table videos (
            area text not null,
            video_id uuid not null,
            stop_code text not null,
            version bigint not null,
            -- {"sha256", "size_bytes", "width", "height", "duration_ms", "sound"}
            file jsonb not null,
            -- as photos.files
            poster jsonb not null,
            captions_sha256 text not null,
            credit text not null,
            -- locale: what is to be seen; locale: what is said
            alts jsonb not null,
            transcripts jsonb not null,
            author text not null,
            writer text not null,
            create_time timestamptz not null,
            remove_time timestamptz,
            waiting boolean not null,
            reading smallint not null,
            looker text not null,
            reason text not null,
            primary key (area, video_id)
        );
        create index videos_of_stop on videos (area, stop_code);
        create table video_pieces (
            area text not null,
            upload_id uuid not null,
            place integer not null,
            author text not null,
            content bytea not null,
            create_time timestamptz not null,
            primary key (area, upload_id, place)
        );
        """
    )
    for table in ("erased_media", "videos", "video_pieces"):
        schema.execute(schema.secure(table))
