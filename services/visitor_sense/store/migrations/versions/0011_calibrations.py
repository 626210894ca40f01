"""What zones have learned from counted people, and what was counted by hand."""

from kit import schema

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Makes both tables; a calibration is never changed, a new one has the next version."""
    schema.execute(
        """
        create table calibrations (
            area text not null,
            zone_id text not null,
            version integer not null,
            learn_time timestamptz not null,
            learned jsonb not null,
            wape double precision,
            mae double precision,
            coverage double precision,
            primary key (area, zone_id, version)
        );
        create table hand_counts (
            area text not null,
            zone_id text not null,
            hour_start timestamptz not null,
            persons bigint not null,
            note_time timestamptz not null,
            primary key (area, zone_id, hour_start)
        );
        """
        + schema.secure("calibrations")
        + schema.secure("hand_counts")
    )
