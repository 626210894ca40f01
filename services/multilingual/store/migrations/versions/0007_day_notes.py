"""Day notes: what locals say today."""

from kit import schema

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Makes the table."""
    schema.execute(
        """
        create table day_notes (
            area text not null,
            note_id uuid not null,
            place_id text not null,
            place_ids text[] not null,
            said jsonb not null,
            author text not null,
            create_time timestamptz not null,
            until_time timestamptz not null,
            withdraw_time timestamptz,
            primary key (area, note_id)
        );
        create index day_notes_by_end on day_notes (area, until_time);
        """
    )
    schema.execute(schema.secure("day_notes"))
