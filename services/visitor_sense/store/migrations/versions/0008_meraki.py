"""Meraki networks that post what they hear."""

from kit import schema

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Makes the table. secret_tag: keyed hash of the secret, which is nowhere itself."""
    schema.execute(
        """
        create table meraki_networks (
            area text not null,
            sensor_id text not null,
            validator text not null,
            secret_tag bytea not null,
            enroll_time timestamptz not null,
            refused bigint not null default 0,
            refuse_time timestamptz,
            primary key (area, sensor_id)
        );
        """
        + schema.secure("meraki_networks")
    )
