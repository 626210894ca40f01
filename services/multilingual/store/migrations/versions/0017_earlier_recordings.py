"""What people recorded stays for a while after it was taken away or replaced."""

from kit import schema

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """One voice of each kind is heard; others of it wait to be brought back."""
    schema.execute(
        """
        alter table recordings
            add column speaker_agreed boolean not null default false,
            add column remove_time timestamptz,
            drop constraint recordings_pkey,
            drop constraint recordings_area_recording_id_key,
            add primary key (area, recording_id);
        create unique index recordings_heard on recordings (area, stop_code, locale, origin)
            where remove_time is null;
        """
    )
