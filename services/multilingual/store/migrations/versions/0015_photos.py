"""Photos of stops; their bytes lie in media."""

from kit import schema

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Makes the table."""
    schema.execute(
        """
        create table photos (
            area text not null,
            photo_id uuid not null,
            stop_code text not null,
            position integer not null,
            version bigint not null,
            -- [{"sha256", "width", "height", "size_bytes"}], narrowest first
            files jsonb not null,
            credit text not null,
            -- locale: what is to be seen
            alts jsonb not null,
            author text not null,
            create_time timestamptz not null,
            remove_time timestamptz,
            primary key (area, photo_id)
        );
        create index photos_of_stop on photos (area, stop_code);
        """
    )
    schema.execute(schema.secure("photos"))
