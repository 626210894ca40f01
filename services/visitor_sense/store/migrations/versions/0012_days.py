"""How long people stayed and which zones were seen together, per day."""

from kit import schema

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Makes the tables of finished days; only what may leave the installation is in them."""
    schema.execute(
        """
        create table closed_days (
            area text not null,
            key_date date not null,
            close_time timestamptz not null,
            primary key (area, key_date)
        );
        create table zone_days (
            area text not null,
            zone_id text not null,
            key_date date not null,
            stays bigint not null,
            quartiles_s double precision[] not null,
            primary key (area, zone_id, key_date)
        );
        create table zone_pairs (
            area text not null,
            key_date date not null,
            zone_id text not null,
            other_zone_id text not null,
            devices bigint not null,
            primary key (area, key_date, zone_id, other_zone_id)
        );
        """
        + schema.secure("closed_days")
        + schema.secure("zone_days")
        + schema.secure("zone_pairs")
    )
