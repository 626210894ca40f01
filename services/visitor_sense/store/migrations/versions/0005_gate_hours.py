"""People counted by their tickets at a gate, to calibrate sensors against."""

from kit import schema

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Makes the table: sums only, nothing of a ticket."""
    schema.execute(
        """
        create table gate_hours (
            area text not null,
            place_id text not null,
            hour_start timestamptz not null,
            persons bigint not null,
            parties bigint not null,
            last_time timestamptz not null,
            primary key (area, place_id, hour_start)
        );
        """
        + schema.secure("gate_hours")
    )
